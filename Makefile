# make demo      from nothing to a chatbot with a verdict
# make test      the tests that fit into a coffee break
# make test-all  those, with how much of the code they run, and then the long, fuzzing, terminal and slow ones

PYTHON ?= python3
# Where pip takes torch from. Without a GPU on Linux the CPU-only wheels are a tenth of the size:
#   make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
RECIPE ?= recipes/customer_service.yaml

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
COVERAGE := $(BIN)/coverage
TWO := -n 2 --dist worksteal

.PHONY: demo test test-all check benchmark clean

demo: .venv/.installed
	$(BIN)/chatforge run $(RECIPE)

# WATCHED=1 also counts which lines of chatforge/ are run; on Python 3.11 that makes the tests half as long again.
test: .venv/.developing check
ifdef WATCHED
	$(COVERAGE) erase
	$(COVERAGE) run -m pytest $(TWO)
	$(COVERAGE) combine --quiet
	$(COVERAGE) report --fail-under=90
else
	$(BIN)/pytest $(TWO)
endif

test-all:
	$(MAKE) test WATCHED=1
	$(BIN)/pytest -m long $(TWO)
	$(BIN)/pytest -m fuzz $(TWO)
	$(BIN)/pytest -m terminal
	$(BIN)/pytest -m slow

check: .venv/.developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Run it on a machine that does nothing else; see tests/benchmarks/.
benchmark: .venv/.developing
	$(BIN)/python tests/benchmarks/training_speed.py

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "ChatForge needs Python 3.11 or newer; $(PYTHON) is older. Try: make demo PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || { \
	  echo "no virtual environment could be made; on Debian and Ubuntu: sudo apt install python3-venv"; \
	  rm -rf .venv; exit 1; }
	touch $@

.venv/.torch: .venv/.made constraints.txt
	@echo "installing torch (this is the large one) ..."
	$(PIP) $(if $(TORCH_INDEX),--no-deps --index-url $(TORCH_INDEX)) $$(grep '^torch==' constraints.txt)
	touch $@

.venv/.installed: .venv/.torch pyproject.toml
	@echo "installing ChatForge ..."
	$(PIP) --editable .
	touch $@

.venv/.developing: .venv/.installed
	$(PIP) --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv .coverage* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
