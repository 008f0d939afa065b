"""The signs that screens draw with: Unicode where the terminal has it, plain ASCII where it has not."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual.scrollbar import ScrollBarRender

from chatforge.project.stages import Status


@dataclass(frozen=True)
class Signs:
    """One set of signs.

    Attributes:
        ascii_only: whether nothing but ASCII may be drawn; charts and bars ask for it.
        marks: how each status of a stage looks.
        here: stands before the chosen stage. cut: stands for text left out. yes, warn: for good and doubtful findings.
    """

    ascii_only: bool
    marks: Mapping[Status, str]
    here: str
    cut: str
    yes: str
    warn: str

    def typed(self, text: str) -> str:
        """A sentence of ours as this terminal can draw it; signs in tables keep their columns."""
        return text.replace(" ±", "+-").translate(_TYPED) if self.ascii_only else text


_TYPED = str.maketrans({
    "“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "±": "+-", "─": "-", "✔": "ok", "✘": "!", "·": "|", "→": "->",
})  # fmt: skip


UNICODE = Signs(
    False,
    {
        Status.LOCKED: "·", Status.READY: "○", Status.RUNNING: "▶", Status.STOPPED: "■", Status.FAILED: "✗",
        Status.DONE: "✓", Status.STALE: "!",
    },
    "▌", "…", "✓", "!",
)  # fmt: skip

ASCII = Signs(
    True,
    {
        Status.LOCKED: ".", Status.READY: "o", Status.RUNNING: ">", Status.STOPPED: "#", Status.FAILED: "x",
        Status.DONE: "+", Status.STALE: "!",
    },
    "|", "...", "+", "!",
)  # fmt: skip


def choose(environment: Mapping[str, str] = os.environ, encoding: str | None = None) -> Signs:
    """Return the signs that this terminal has; CHATFORGE_ASCII=1 asks for ASCII."""
    wanted = environment.get("CHATFORGE_ASCII", "") not in ("", "0")
    known = encoding if encoding is not None else getattr(sys.__stdout__, "encoding", None) or ""
    return ASCII if wanted or "utf" not in known.lower() else UNICODE


class AsciiBars(ScrollBarRender):
    """Scrollbars of coloured blanks: without the signs that make their ends finer."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8
