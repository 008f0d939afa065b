"""Earlier talks with a run: listed with numbers, and gone on with."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from chatforge.chat.transcript import Kept, latest, list_transcripts, messages_of
from chatforge.errors import UserError
from chatforge.runs.folder import RunFolder
from chatforge.words import plain

WIDTH = 60
"""Characters that are shown of what was said first."""


def earlier_talks(run: RunFolder | None, transcript: str | None) -> list[Kept]:
    """Return the talks with a run, the newest first, without the one that is kept in `transcript`.

    Raises:
        UserError: there is none.
    """
    if run is None:
        raise UserError("talks with a base are not kept: there is no run to keep them in")
    kept = list_transcripts(run, without=Path(transcript) if transcript else None)
    if not kept:
        raise UserError("there is no earlier talk with this run")
    return kept


def listed(kept: Sequence[Kept]) -> Iterator[str]:
    """One line for each, then how to go on with one."""
    for number, one in enumerate(kept, 1):
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.t))
        yield f"{number:3}  {day}  {one.turns:3} answered  {plain(one.first, one_line=True)[:WIDTH]}"
    yield "/open NUMBER goes on with it."


def history_of(kept: Sequence[Kept], number: str) -> tuple[str, tuple[dict[str, str], ...]]:
    """Return the system message of a talk, by its number in the list, and its messages as `Restore` takes them.

    Raises:
        UserError: there is no such number, or the file cannot be read.
    """
    if not number.isdecimal() or not 1 <= int(number) <= len(kept):
        raise UserError(f"say a number from 1 to {len(kept)}", hint="/open lists the talks")
    system, turns = latest(kept[int(number) - 1].path)
    rows = messages_of(turns)
    if rows and rows[0]["role"] == "system":
        rows = rows[1:]
    return system, (*([{"role": "system", "content": system}] if system else []), *rows)
