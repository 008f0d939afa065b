"""What a screen and the worker for the closest training conversations say to each other. Light.

    screen ── {"kind": "ask", "id": 1, "text": "Yes, until six.", "context": "Is it open today?"} ──► worker
    screen ◄─ {"kind": "found", "id": 1, "near": [{"score": 0.83, "file": …, "line": 12, …}]} ─────── worker

`Indexing` comes while the training conversations are read the first time, `Compared` once before all else, or
`Failed` with id 0 and the worker ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from chatforge.runs import wire

NOT_THE_CAUSE = (
    "nearness is not cause: these are the training conversations closest to this reply, not the reason for it"
)
"""Stands beside what was found, wherever it is shown."""


@dataclass(frozen=True)
class Ask:
    """Find what is closest to a reply; `context`: the user's message that it answers."""

    id: int
    text: str
    context: str = ""


@dataclass(frozen=True)
class Indexing:
    """How many of the training replies are read."""

    id: int
    done: int
    total: int


@dataclass(frozen=True)
class Compared:
    """Everything is read: questions are compared with so many training conversations."""

    id: int
    conversations: int
    note: str | None = None


@dataclass(frozen=True)
class Found:
    """The closest ones, the closest first; the fields of each are those of `project.nearest.Near`."""

    id: int
    near: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Failed:
    """It could not be done: why, and what to do."""

    id: int
    what: str


Answer = Indexing | Compared | Found | Failed

_ANSWERS = wire.kinds(get_args(Answer))
_ASK = wire.kinds((Ask,))


def answer_from(line: str | bytes) -> Answer | None:
    """Read what the worker says; None if it is nothing of this version."""
    answer: Answer | None = wire.from_line(line, _ANSWERS)
    return answer


def ask_from(line: str | bytes) -> Ask | None:
    """Read a question; None if it is none."""
    ask: Ask | None = wire.from_line(line, _ASK)
    return ask
