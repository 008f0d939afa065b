"""Follow a run while it works, and do what Ctrl-C asks for; how it looks is up to the face."""

import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Literal

from chatforge.cli import console as screen
from chatforge.cli.console import say
from chatforge.cli.faces import Face, LiveFace
from chatforge.errors import UserError
from chatforge.runs import launch, state
from chatforge.runs.events import Error, Stopped
from chatforge.runs.folder import RunFolder
from chatforge.runs.reading import read_events

How = Literal["done", "stopped", "failed", "died", "detached"]


@dataclass(frozen=True)
class Ending:
    """How watching came to its end, and at which stage."""

    how: How
    stage: str


def watch(run: RunFolder, stages: Sequence[str], face: Face, offsets: Mapping[str, int] | None = None) -> Ending:
    """Show stages one after the other until they are over, the user turns away, or the worker is dead.

    Args:
        run: the run.
        stages: in order; a stage that does not end well is the last.
        face: how to show them.
        offsets: byte offsets in the stages' events to begin at; 0 where none is given.
    """
    with _interrupts() as pressed:

        def attend() -> None:
            face.tick()
            if pressed.is_set():
                pressed.clear()
                _act(run, face)

        def sleep(seconds: float) -> None:
            attend()
            time.sleep(seconds)

        stage = ""
        try:
            for stage in stages:
                for stamped in launch.follow(run, stage, offset=(offsets or {}).get(stage, 0), sleep=sleep):
                    face.add(stamped)
                    attend()
                how = _how(run, stage)
                if how != "done":
                    return Ending(how, stage)
        except _DetachedError:
            return Ending("detached", stage)
        finally:
            face.close()
    return Ending("done", stage)


def exit_code(run: RunFolder, ending: Ending, face: Face) -> int:
    """Say how it ended and what to do next; return the exit code.

    Raises:
        UserError: the worker failed or died.
    """
    console = screen.err()
    if ending.how == "detached":
        say(console, f"{run.id} goes on in the background: `{run.command('attach')}` shows it again")
        return 0 if isinstance(face, LiveFace) else 130
    if ending.how == "stopped":
        say(console, f"{_stopped_words(run, ending.stage)}; `{run.command('resume')}` goes on from there")
        return 130
    if ending.how == "failed":
        raise failure(run, ending.stage)
    if ending.how == "died":
        raise launch.died(run, ending.stage)
    return 0


def failure(run: RunFolder, stage: str) -> UserError:
    """Return the error that a stage's worker reported."""
    errors = [s.event for s in read_events(run.events(stage)) if isinstance(s.event, Error)]
    if not errors:
        return launch.died(run, stage)
    return UserError(errors[-1].what, hint=errors[-1].hint)


class _DetachedError(Exception):
    """The user turned away; the worker works on."""


def _act(run: RunFolder, face: Face) -> None:
    with _default_interrupt():
        answer = face.ask()
    if answer == "detach":
        raise _DetachedError
    if answer == "stop":
        with suppress(UserError):  # it has just ended by itself
            launch.stop(run)


def _how(run: RunFolder, stage: str) -> How:
    match state.stage_status(run, stage):
        case "done" | "stopped" | "failed" as ended:
            return ended
        case _:
            return "stopped" if state.was_asked_to_stop(run) else "died"


def _stopped_words(run: RunFolder, stage: str) -> str:
    stops = [s.event for s in read_events(run.events(stage)) if isinstance(s.event, Stopped)]
    return f"saved and stopped at step {stops[-1].step}" if stops else "stopped before it began"


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Ctrl-C sets the event instead of breaking in anywhere (only the main thread may say so)."""
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return

    def press(number: int, frame: FrameType | None) -> None:
        pressed.set()

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _default_interrupt() -> Iterator[None]:
    """Inside, Ctrl-C is KeyboardInterrupt again, so that a question can be broken off. Main thread only."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
