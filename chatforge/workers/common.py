"""What every stage's worker process does: its place in state.json, its events, its heartbeat, its way to stop.

The network is closed before anything heavy is imported: only an evaluation needs any, for the endpoints that are named.
"""

import argparse
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from chatforge import paths
from chatforge.errors import UserError
from chatforge.runs import launch, locks, state
from chatforge.runs.events import Error, Event, EventWriter, Finished, Heartbeat, Note, Phase, Started, Stopped
from chatforge.runs.folder import RunFolder
from chatforge.workers import quiet

HEARTBEAT_SECONDS = 2.0
NICENESS = 10
"""Workers step back for whatever the person at the machine does."""


@dataclass
class Stage:
    """One stage at work.

    Attributes:
        run: its folder.
        emit: writes an event.
        stopping: set when the worker was asked to save and stop.
    """

    run: RunFolder
    name: str
    emit: Callable[[Event], None]
    stopping: threading.Event = field(default_factory=threading.Event)


class StoppedEarlyError(Exception):
    """The work ended because it was asked to; `step` is where it can go on."""

    def __init__(self, step: int) -> None:
        super().__init__(f"stopped at step {step}")
        self.step = step


Work = Callable[[Stage], Mapping[str, Any]]
"""Does a stage and returns its closing figures. Raises UserError, or StoppedEarlyError."""


Reach = Callable[[RunFolder], Collection[quiet.Place]]
"""Which hosts a stage may talk to, because the user named them for this run. Raises UserError."""


def stage_main(name: str, work: Work, *, exclusive: bool = False, reach: Reach = lambda _: ()) -> int:
    """Run one stage as a process: `python -m chatforge.workers.NAME RUN [--then STAGE]`.

    Args:
        exclusive: only one such worker at a time on this machine; others wait and say so.
        reach: what stays open when the network is closed.

    Returns:
        The exit code: 0 done or stopped, 1 failed. With `--then`, this process becomes the next stage's worker.
    """
    parser = argparse.ArgumentParser(prog=f"chatforge.workers.{name}")
    parser.add_argument("run", type=Path)
    parser.add_argument("--then", choices=state.STAGES)
    given = parser.parse_args()
    quiet.hush()
    run = RunFolder(given.run)
    state.enter(run, name, then=given.then)
    with locks.exclusive(run.stage_lock(name), owner=f"run {run.id}"), EventWriter(run.events(name)) as events:
        stage = Stage(run, name, _Beat(events.write))
        code = _guarded(stage, work, exclusive, reach)
    if code == 0 and given.then and not stage.stopping.is_set():
        _become(run, given.then)
    return code


def _guarded(stage: Stage, work: Work, exclusive: bool, reach: Reach) -> int:
    """Do the work; whatever goes wrong becomes an event with words for the user."""
    signal.signal(signal.SIGTERM, lambda *_: stage.stopping.set())
    begun = time.monotonic()
    stage.emit(Started(stage.name, os.getpid()))
    try:
        with _beating(stage), _turn(stage, exclusive):
            quiet.close_network(reach(stage.run))
            facts = work(stage)
        stage.emit(Finished(time.monotonic() - begun, facts))
    except StoppedEarlyError as stop:
        stage.emit(Stopped(stop.step))
    except UserError as error:
        stage.emit(Error(str(error)))
        return 1
    except OSError as error:
        traceback.print_exc()
        stage.emit(_disk_error(error))
        return 1
    except MemoryError:
        traceback.print_exc()
        stage.emit(_memory_error())
        return 1
    except Exception as error:  # the last line of defence: the trace goes to the log, words to the user
        traceback.print_exc()
        if _is_out_of_memory(error):
            stage.emit(_memory_error())
        elif str(error).startswith("PytorchStreamWriter failed") or "os error 28" in str(error):
            stage.emit(_disk_error(OSError(28, "No space left on device")))
        else:
            stage.emit(Error(f"{type(error).__name__}: {error}", f"the whole story is in {stage.run.log(stage.name)}"))
        return 1
    return 0


class _Beat:
    """Passes events on and remembers the phase, for the heartbeat."""

    def __init__(self, write: Callable[[Event], None]) -> None:
        self._write = write
        self.phase = "starting"

    def __call__(self, event: Event) -> None:
        if isinstance(event, Phase):
            self.phase = event.name
        self._write(event)


@contextmanager
def _beating(stage: Stage) -> Iterator[None]:
    """Send heartbeats from a thread: a step on a processor may take a minute, and silence worries people."""
    ended, process = threading.Event(), psutil.Process()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            phase = stage.emit.phase if isinstance(stage.emit, _Beat) else stage.name
            stage.emit(Heartbeat(phase, process.memory_info().rss))

    thread = threading.Thread(target=beat, daemon=True, name="heartbeat")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _turn(stage: Stage, exclusive: bool) -> Iterator[None]:
    """Wait for this machine's turn to train, if only one may."""
    os.nice(max(0, NICENESS - os.nice(0)))  # the next stage's worker is the same process, and as nice already
    if not exclusive:
        yield
        return
    with locks.exclusive(
        paths.train_lock(paths.home()),
        owner=f"run {stage.run.id}",
        on_wait=lambda owner: stage.emit(Note(f"{state.WAITING}{owner}: one training at a time")),
        give_up=stage.stopping.is_set,
    ) as held:
        if not held:
            raise StoppedEarlyError(0)
        yield


def _become(run: RunFolder, stage: str) -> None:
    """Go on as the next stage's worker: same process number, memory given back, its own log."""
    with run.log(stage).open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    command = launch.worker_command(run, stage, None)
    os.execv(command[0], command)  # noqa: S606 (our own interpreter and module)


def _disk_error(error: OSError) -> Error:
    full = error.errno in (28, 122)
    what = "the disk is full" if full else f"{error.strerror or error}"
    place = f" ({error.filename})" if error.filename else ""
    hint = "free some space and resume: the last complete checkpoint is untouched"
    return Error(what + place, hint if full else "mend that and resume; `chatforge doctor` looks at this machine")


def _memory_error() -> Error:
    return Error(
        "memory ran out",
        "lower training.per_device_train_batch_size or max_length, set gradient_checkpointing: true, or use qlora",
    )


def _is_out_of_memory(error: Exception) -> bool:
    text = f"{type(error).__name__} {error}".lower()
    return "outofmemory" in text or "out of memory" in text or "can't allocate memory" in text
