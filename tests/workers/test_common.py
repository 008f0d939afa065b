"""What a stage's process makes of an accident: words for the user, the trace for the log."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.errors import UserError
from chatforge.runs import events
from chatforge.runs.folder import RunFolder
from chatforge.runs.reading import read_events
from chatforge.workers import common


def run_with(accident: BaseException | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Do a stage whose work ends like this; return its events without heartbeats."""
    monkeypatch.setattr(common.quiet, "close_network", lambda _: None)
    monkeypatch.setattr(common.signal, "signal", lambda *_: None)
    monkeypatch.setattr(common.os, "nice", lambda _: 0)
    monkeypatch.setattr("sys.argv", ["worker", str(tmp_path)])

    def work(stage: common.Stage) -> dict[str, Any]:
        stage.emit(events.Phase("working"))
        if accident:
            raise accident
        return {"figure": 1}

    code = common.stage_main("train", work)
    told = [stamped.event for stamped in read_events(RunFolder(tmp_path).events("train"))]
    assert code == (1 if isinstance(told[-1], events.Error) else 0)
    return [event for event in told if not isinstance(event, events.Heartbeat)]


def test_a_stage_ends_with_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = run_with(None, tmp_path, monkeypatch)
    assert isinstance(told[0], events.Started)
    assert told[-1].facts == {"figure": 1}


@pytest.mark.parametrize(
    ("accident", "what", "hint"),
    [
        (UserError("the file is empty", hint="fill it"), "the file is empty", None),
        (OSError(28, "No space left on device"), "the disk is full", "free some space"),
        (OSError(13, "Permission denied", "/x"), "Permission denied (/x)", "resume"),
        (MemoryError(), "memory ran out", "per_device_train_batch_size"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "memory ran out", "qlora"),
        (RuntimeError("CUDA out of memory. Tried"), "memory ran out", "qlora"),
        (RuntimeError("PytorchStreamWriter failed writing file"), "the disk is full", "untouched"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero", "worker-train.log"),
    ],
)
def test_accidents_become_words(
    accident: BaseException, what: str, hint: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = run_with(accident, tmp_path, monkeypatch)[-1]
    assert isinstance(error, events.Error)
    assert what in error.what
    assert (hint is None) == (error.hint is None)
    assert hint is None or hint in str(error.hint)


def test_a_stop_says_where_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_with(common.StoppedEarlyError(5), tmp_path, monkeypatch)[-1] == events.Stopped(5)
