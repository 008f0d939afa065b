"""Read a run's events as they come, beside the screen; hand them over in bunches."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from textual.message import Message

from chatforge.errors import UserError
from chatforge.runs import state
from chatforge.runs.course import Course
from chatforge.runs.events import Stamped
from chatforge.runs.folder import RunFolder
from chatforge.runs.reading import read_from

SECONDS = 0.25
SECONDS_REMOTE = 1.0
"""Time between two looks: a chart four times a second is smooth, and once is enough over a thin line."""

STATE_EVERY = 4
"""Looks between two questions whether the worker still lives: that costs more than reading a file's end."""


@dataclass
class RunEvents(Message):
    """What a worker of a run has said since the last time, in order.

    Attributes:
        run: whose. work: "train" or "evaluate". events: may be empty when only `status` changed.
        status: how the work stands now.
    """

    run: RunFolder
    work: str
    events: Sequence[Stamped]
    status: str


class Known:
    """What is known of one run: the course of each of its works, and how they stand."""

    def __init__(self, run: RunFolder | None = None) -> None:
        self.run = run
        self.courses: dict[str, Course] = {}
        self._status: dict[str, str] = {}

    def take(self, new: RunEvents) -> tuple[Course, bool]:
        """Take in what was said; return the course as it is now, and whether its work may stand otherwise than before.

        An end that was heard counts: a worker may have begun and ended between two looks, as the one before it did.
        """
        course = self.courses.setdefault(new.work, Course())
        for stamped in new.events:
            course.add(stamped)
        stood, self._status[new.work] = self._status.get(new.work), new.status
        ended = any(isinstance(stamped.event, state.CLOSING) for stamped in new.events)
        return course, ended or stood != new.status


def pause() -> float:
    """Seconds between two looks on this terminal."""
    return SECONDS_REMOTE if os.environ.get("SSH_CONNECTION") else SECONDS


async def follow(
    run: RunFolder,
    tell: Callable[[RunEvents], object],
    *,
    seconds: float | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Tell what happens in a run, from its beginning, until cancelled. The files are read in a thread."""
    looks = {work: _Look(run, work) for work in state.STAGES}
    number = 0
    while True:
        for look in looks.values():
            # A disk may be away for a moment, a file be half written by another program: the next look may see it.
            with suppress(OSError, UserError):
                if found := await asyncio.to_thread(look, number % STATE_EVERY == 0):
                    tell(found)
        number += 1
        await sleep(pause() if seconds is None else seconds)


class _Look:
    """What one worker's file held at the last look, and how its work stood."""

    def __init__(self, run: RunFolder, work: str) -> None:
        self._run, self._work = run, work
        self._offset, self._status = 0, ""

    def __call__(self, ask: bool) -> RunEvents | None:
        """What is new, if anything is; `ask` whether the worker still lives, too."""
        new, self._offset = read_from(self._run.events(self._work), self._offset)
        closing = any(isinstance(stamped.event, state.CLOSING) for stamped in new)
        # Asking reads the whole file: what is over is asked again only when something is written to it.
        over = self._status in ("done", "failed", "stopped", "died")
        asking = closing or bool(new) if over else closing or ask
        status = state.stage_status(self._run, self._work) if asking else self._status
        if not new and status == self._status:
            return None
        self._status = status
        return RunEvents(self._run, self._work, new, status)
