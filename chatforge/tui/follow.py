"""Read a run's events as they come, beside the screen; hand them over in bunches."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from textual.message import Message

from chatforge.runs import state
from chatforge.runs.events import Stamped, read_from
from chatforge.runs.folder import RunFolder

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
        replay: whether these events lie in the past: the first bunch after opening.
    """

    run: RunFolder
    work: str
    events: Sequence[Stamped]
    status: str
    replay: bool = False


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
    offsets = dict.fromkeys(state.STAGES, 0)
    known: dict[str, str] = {}
    looks = 0
    while True:
        ask = looks % STATE_EVERY == 0
        for work in state.STAGES:
            new, offsets[work] = await asyncio.to_thread(read_from, run.events(work), offsets[work])
            status = known.get(work, "")
            if ask or any(isinstance(stamped.event, state.CLOSING) for stamped in new):
                status = await asyncio.to_thread(state.stage_status, run, work)
            if new or status != known.get(work):
                tell(RunEvents(run, work, new, status, replay=looks == 0))
            known[work] = status
        looks += 1
        await sleep(pause() if seconds is None else seconds)
