"""What a file says before it is held to what a conversation must be.

    file ──containers──► Record ──formats──► Draft ──tidy──► Conversation
                         JSON value,         who said what,   roles alternate,
                         row, block          as it stands     something to learn

A reader turns everything it does not understand into a `BadLine`; nothing is dropped in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class BadLine:
    """A place in a file that cannot be used, and why. `line` counts from 1."""

    file: Path
    line: int
    reason: str


@dataclass(frozen=True)
class Record:
    """One thing that a file holds.

    Attributes:
        line: where it begins, from 1: of the text, after decompression; of a Parquet file the row.
        value: a JSON value; a table's row as {column: text}; a block of plain text.
        key: its name, if it is a member of one large JSON object.
    """

    line: int
    value: Any
    key: str | None = None


@dataclass(frozen=True)
class Remark:
    """One thing that somebody said.

    Attributes:
        role: "system", "user", "assistant" or "tool" as far as the format says; else the speaker as the file has it.
        content: what was said; None where the file has nothing (a tool call).
    """

    role: str
    content: str | None


@dataclass(frozen=True)
class Draft:
    """A conversation as a file has it: any roles in any order, perhaps empty.

    Attributes:
        id: as the file has it; None if it gives none.
        file, line: where it begins.
        changed: what reading left out or changed, in the words under which it is counted, such as "tool calls left
            out"; one entry for each time.
        exact: whether it is taken as it is or not at all: it stands in the very form that training reads.
    """

    remarks: tuple[Remark, ...]
    file: Path
    line: int
    id: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    exact: bool = False
