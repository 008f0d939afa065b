"""With the real SmolLM2 and the real encoder: fetched once per session, then trained, judged and talked to offline."""

import subprocess
import sys
from pathlib import Path

import pytest

from chatforge.evaluation import report
from chatforge.runs import folder

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.slow

QUICK = """
preset: quick
data:
  train: {data}/train.jsonl
  valid: {data}/valid.jsonl
  test: {data}/test.jsonl
  system: You are Fern, the chat assistant of Larkspur & Pine, an outdoor-gear shop.
adaptation:
  method: {method}
training:
  max_steps: {steps}
  eval_steps: {steps}
  max_length: 512
evaluation:
  conversations: 32
  max_new_tokens: 24
"""


@pytest.fixture
def at(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHATFORGE_HOME", str(weights))
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def chatforge(*arguments: str, stdin: str = "") -> str:
    command = [sys.executable, "-m", "chatforge", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(("method", "steps"), [("lora", 12), ("qlora", 3)])
def test_the_real_model_learns_and_says_so(at: Path, method: str, steps: int) -> None:
    recipe = at / "shop.yaml"
    data = REPOSITORY / "data" / "customer_service"
    recipe.write_text(QUICK.format(data=data, method=method, steps=steps))
    said = chatforge("run", str(recipe))
    made = folder.list_runs(at / "runs")[0]
    found = report.read(made.evaluation / "report.json")
    bits = found.bits_per_byte
    assert bits is not None
    assert bits.adapted.value < bits.base.value
    assert "Verdict" in said
    answer = chatforge("chat", made.id, stdin="When is the store open on Sunday?\n")
    assert len(answer.strip()) > 10
