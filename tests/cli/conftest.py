"""The command line in this process or a fresh one; workers are real processes that do no work."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatforge.cli.main import main
from chatforge.runs import folder, launch, state
from chatforge.runs.folder import RunFolder

FAKE_WORKER = Path(__file__).parents[1] / "runs" / "fake_worker.py"


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
def runs_dir(tmp_path: Path) -> Iterator[Path]:
    """Folder of runs; workers still alive at the end of the test are ended."""
    yield tmp_path / "runs"
    for run in folder.list_runs(tmp_path / "runs"):
        for stage in state.STAGES:
            if (process := state.process(run, stage)) and process.pid != os.getpid():
                process.kill()


@pytest.fixture
def run(runs_dir: Path) -> RunFolder:
    return folder.create(runs_dir, "shop", "preset: quick\n")


@pytest.fixture
def fake_worker(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Workers started from now on are fake ones that behave as the given word says."""

    def command(run: RunFolder, stage: str, then: str | None) -> list[str]:
        chain = ["--then", then] if then else []
        return [sys.executable, str(FAKE_WORKER), str(run.path), stage, *chain]

    def behave(word: str) -> None:
        monkeypatch.setattr(launch, "worker_command", command)
        monkeypatch.setenv("FAKE", word)

    behave("")
    return behave


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


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], None]:
    def wait(predicate: Callable[[], object], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not predicate():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    return wait
