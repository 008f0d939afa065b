"""Who works on a run now, and how far it has come.

    state.json: {"train": {"pid": 4711, "create_time": 1795168031.2, "started": 1795168030.9, "then": "evaluate"}}

A stage is over when its events say so after `started`; it is running while its process lives. A process is known by
its number and the time it was made: numbers are used again, and a zombie still has one.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from chatforge.runs import folder, locks
from chatforge.runs.events import (
    Error,
    Eval,
    Event,
    Finished,
    Heartbeat,
    Note,
    Progress,
    Stamped,
    Step,
    Stopped,
)
from chatforge.runs.folder import RunFolder
from chatforge.runs.reading import read_events

Status = Literal["new", "waiting", "running", "stopped", "failed", "died", "trained", "evaluated"]
StageStatus = Literal["new", "waiting", "running", "stopped", "failed", "died", "done"]

STAGES = ("train", "evaluate")
"""Stages with a worker, in order."""

CLOSING = (Finished, Stopped, Error)
"""Events that end a stage."""

SAME_SECONDS = 2.0
"""Two creation times nearer than this are the same process: the system's clock may be set meanwhile."""

WAITING = "waiting for "
"""How the note of a worker begins that waits for its turn."""


def enter(run: RunFolder, stage: str, pid: int | None = None, *, then: str | None = None) -> None:
    """Write down that a process (this one, unless `pid` says another) works on a stage.

    Doing so twice for one process, by it and by the one who started it, keeps what the first wrote.
    """
    number = pid or os.getpid()
    entry: dict[str, Any] = {"pid": number, "create_time": psutil.Process(number).create_time(), "started": time.time()}
    with _changing(run) as state:
        old = state.get(stage)
        if old and _same(old, entry):
            entry = old
        state[stage] = entry | ({"then": then} if then else {})


def ask_to_stop(run: RunFolder, stage: str) -> None:
    """Write down that a stage was asked to stop: if it ends without a word, that is no accident."""
    with _changing(run) as state:
        if stage in state:
            state[stage]["asked_to_stop"] = True


def was_asked_to_stop(run: RunFolder) -> bool:
    """Whether the last worker of some stage was asked to stop: it may have been on its way to the next one."""
    return any(written.get("asked_to_stop") for written in _read(run.state).values())


def entry(run: RunFolder, stage: str) -> dict[str, Any] | None:
    """Return what state.json says about a stage; None if it was never started."""
    return _read(run.state).get(stage)


def alive(run: RunFolder, stage: str) -> bool:
    """Whether the process that works on a stage lives."""
    return process(run, stage) is not None


def process(run: RunFolder, stage: str) -> psutil.Process | None:
    """Return the living process of a stage, or None."""
    written = entry(run, stage)
    return _process(written) if written else None


def busy(run: RunFolder) -> str | None:
    """Return the stage that some process of this run works on (the latest, if one goes from stage to stage)."""
    living = [stage for stage in STAGES if alive(run, stage)]
    return living[-1] if living else None


def is_over(written: dict[str, Any] | None, stamped: Stamped) -> bool:
    """Whether this event ends the stage, and not only an earlier attempt at it."""
    started = float(written["started"]) if written else 0.0
    return isinstance(stamped.event, CLOSING) and stamped.t >= started - 0.001


@dataclass(frozen=True)
class StageSummary:
    """How far a stage has come.

    Attributes:
        t: time of its last sign of life, seconds since 1970; 0 if there is none.
        done, total: steps or whatever else it counts; 0 of 0 before there is anything to count.
        loss: the latest validation loss, nats per learned token.
    """

    stage: str
    status: StageStatus
    t: float = 0.0
    done: int = 0
    total: int = 0
    loss: float | None = None


@dataclass(frozen=True)
class Summary:
    """How far a run has come; `latest` is the stage that moved last."""

    status: Status
    latest: StageSummary


def stage_summary(run: RunFolder, stage: str) -> StageSummary:
    """Read how far one stage has come."""
    written, events = entry(run, stage), read_events(run.events(stage))
    last = events[-1].t if events else float(written["started"]) if written else 0.0
    done, total = 0, 0
    loss: float | None = None
    for stamped in events:
        match stamped.event:
            case Step(step=step, total=steps):
                done, total = step, steps
            case Progress(done=step, total=steps):
                done, total = step, steps
            case Eval(loss=found):
                loss = found
            case _:
                pass
    return StageSummary(stage, _stage_status(written, events), last, done, total, loss)


def stage_status(run: RunFolder, stage: str) -> StageStatus:
    """Return how a stage stands."""
    return _stage_status(entry(run, stage), read_events(run.events(stage)))


def summary(run: RunFolder) -> Summary:
    """Read how far a run has come: by what runs now, else by what moved last."""
    stages = [stage_summary(run, stage) for stage in STAGES]
    now = [s for s in stages if s.status in ("running", "waiting")]
    latest = now[-1] if now else max(stages, key=lambda s: s.t)
    if latest.status != "done":
        return Summary(latest.status, latest)
    return Summary("evaluated" if latest.stage == "evaluate" else "trained", latest)


def status(run: RunFolder) -> Status:
    """Return how a run stands."""
    return summary(run).status


def _stage_status(written: dict[str, Any] | None, events: list[Stamped]) -> StageStatus:
    if not written and not events:
        return "new"
    closing = [stamped.event for stamped in events if is_over(written, stamped)]
    if closing:
        return _ending(closing[-1])
    if written and _process(written):
        return "waiting" if _waits(events) else "running"
    return "stopped" if written and written.get("asked_to_stop") else "died"


def _ending(event: Event) -> StageStatus:
    match event:
        case Finished():
            return "done"
        case Stopped():
            return "stopped"
        case _:
            return "failed"


def _waits(events: list[Stamped]) -> bool:
    spoken = [stamped.event for stamped in events if not isinstance(stamped.event, Heartbeat)]
    return bool(spoken) and isinstance(spoken[-1], Note) and spoken[-1].text.startswith(WAITING)


def _process(written: dict[str, Any]) -> psutil.Process | None:
    try:
        found = psutil.Process(int(written["pid"]))
        lives = found.status() != psutil.STATUS_ZOMBIE
        same = abs(found.create_time() - float(written["create_time"])) < SAME_SECONDS
        return found if lives and same else None
    except psutil.Error:
        return None


def _same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    times = abs(float(left["create_time"]) - float(right["create_time"]))
    return bool(left["pid"] == right["pid"]) and times < SAME_SECONDS


def _read(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    found = folder.read_json(path)
    return found if isinstance(found, dict) else {}


@contextmanager
def _changing(run: RunFolder) -> Iterator[dict[str, dict[str, Any]]]:
    """Read state.json, let the block change it, write it back; others wait meanwhile."""
    with locks.exclusive(run.path / "state.lock", on_wait=lambda _: None, poll_seconds=0.02):
        state = _read(run.state)
        yield state
        folder.write_json(run.state, state)
