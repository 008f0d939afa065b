"""The screens never load what the work needs: the first paint is quick, and a crash of the work leaves them alone."""

import subprocess
import sys

HEAVY = ("torch", "transformers", "trl", "peft", "datasets", "bitsandbytes", "sentence_transformers", "accelerate")

ALL = """
import importlib, pkgutil, sys, chatforge.tui, chatforge.project
for room in (chatforge.tui, chatforge.project):
    for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
        importlib.import_module(module.name)
"""

FIRST = """
import sys
from chatforge.tui.app import ChatForge
from chatforge.tui.start import StartScreen
"""


def loaded(code: str, names: tuple[str, ...]) -> list[str]:
    """Which of these modules a fresh process has after some code."""
    asked = f"{code}\nprint(*[name for name in {names!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_no_module_of_the_screens_loads_anything_heavy() -> None:
    assert loaded(ALL, (*HEAVY, "numpy", "scipy")) == []


def test_the_first_screen_waits_for_nothing_it_does_not_show() -> None:
    assert loaded(FIRST, (*HEAVY, "numpy", "scipy", "pydantic", "ruamel.yaml")) == []
