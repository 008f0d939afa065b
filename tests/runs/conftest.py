"""A run in a folder of its own, and workers that are real processes but do no work."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatforge.runs import folder, launch, state
from chatforge.runs.folder import RunFolder

FAKE_WORKER = Path(__file__).with_name("fake_worker.py")


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
def wait_until() -> Callable[[Callable[[], object]], None]:
    def wait(predicate: Callable[[], object], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not predicate():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    return wait
