"""The command line in this process or a fresh one; workers are real processes that do no work."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatforge.cli.main import main


@dataclass(frozen=True)
class Result:
    """What one command line did."""

    code: int
    out: str
    err: str


@pytest.fixture
def chatforge(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run a command line in this process."""

    def run(*words: object) -> Result:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def ensured(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Weights are always there; returns the names that were asked for. The report is one word."""
    asked: list[list[str]] = []
    from chatforge.cli import run as run_module

    monkeypatch.setattr(run_module, "ensure", lambda names, home, console: asked.append(list(names)))
    monkeypatch.setattr(run_module, "print_report", lambda run, console: console.print(f"REPORT of {run.id}"))
    return asked


@pytest.fixture
def small_recipe(tmp_path: Path, write_conversations: Callable[..., Path]) -> Path:
    """A recipe with data, for the default base."""
    write_conversations(tmp_path / "talk.jsonl", 30)
    recipe = tmp_path / "shop.yaml"
    recipe.write_text("preset: quick\ndata:\n  train: talk.jsonl\n  system: You help.\n", encoding="utf-8")
    return recipe
