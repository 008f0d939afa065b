"""Reads what a worker says: any number of readers, at any time, from the beginning or from where one left off.

A torn last line (the writer was killed, or is writing right now) is kept for the next read, never shown as damage.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from chatforge.runs.events import Stamped, from_line


def read_from(path: Path, offset: int = 0) -> tuple[list[Stamped], int]:
    """Read whole lines from a byte offset; return their events and the offset to go on from."""
    if not path.exists():
        return [], offset
    with path.open("rb") as file:
        file.seek(offset)
        chunk = file.read()
    whole = chunk[: chunk.rfind(b"\n") + 1]
    return [s for line in whole.splitlines() if (s := from_line(line))], offset + len(whole)


def read_events(path: Path) -> list[Stamped]:
    """Read every whole event of a file; [] if there is no file."""
    return read_from(path)[0]


def follow(
    path: Path,
    running: Callable[[], bool],
    *,
    offset: int = 0,
    poll_seconds: float = 0.1,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Stamped]:
    """Yield the file's events, from `offset` on, as they come; end when nobody writes any more.

    `running` is asked before each read, so that what a worker wrote last is never lost.
    """
    while True:
        alive = running()
        stamped, offset = read_from(path, offset)
        yield from stamped
        if not alive and not stamped:
            return
        if not stamped:
            sleep(poll_seconds)
