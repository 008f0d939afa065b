"""What stands between us and the terminal: answers go to stdout, talk to stderr, foreign text is made harmless."""

import os
import re
import sys
import time
from typing import TextIO

from rich.console import Console

_ESCAPE = re.compile(
    r"\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c|$)"  # strings to the terminal: titles, links, the clipboard
    r"|[\x9d\x90\x98\x9e\x9f].*?(?:\x07|\x1b\\|\x9c|$)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # colours, cursor movements
    r"|\x1b[ -/]*[0-~]?",
    re.DOTALL,
)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # all but tab and newline
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the direction of writing, and so hide what stands there
    r"\ud800-\udfff]"  # halves of characters
)
_BREAKS = re.compile(r"[\n\t\u2028\u2029]+")


def plain(text: str, *, one_line: bool = False) -> str:
    """Return foreign text (from data, models, logs) without anything that steers a terminal.

    Newlines and tabs stay, or become one space each under `one_line`.
    """
    harmless = _CONTROL.sub("", _ESCAPE.sub("", text.replace("\r\n", "\n")))
    return _BREAKS.sub(" ", harmless).strip() if one_line else harmless


def out() -> Console:
    """Console for what was asked for. Markup is off: text is shown as it is. NO_COLOR is rich's to respect."""
    return _console(sys.stdout)


def err() -> Console:
    """Console for everything said beside it: notes, progress, errors."""
    return _console(sys.stderr)


def is_interactive(console: Console) -> bool:
    """Whether a person sits there who sees what we draw and can answer."""
    return console.is_terminal and not console.is_dumb_terminal and sys.stdin is not None and sys.stdin.isatty()


def say(console: Console, text: str = "") -> None:
    """Print one line of talk; long ones are not broken where nobody looks at them (pipes, files)."""
    console.print(plain(text), soft_wrap=not console.is_terminal)


def can_draw(console: Console) -> bool:
    """Whether the terminal's encoding has the signs we draw curves with."""
    return "utf" in console.encoding.lower()


def is_remote() -> bool:
    """Whether the screen is at the other end of a line: draw less often."""
    return bool(os.environ.get("SSH_CONNECTION"))


def bytes_text(count: float) -> str:
    """Return a size for people: "93 MB", "1.9 GB". Powers of 1000, as disks are sold."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return f"{count:.0f} bytes"


def duration_text(seconds: float) -> str:
    """Return a length of time as a clock shows it: "0:07", "12:40", "1:02:03"."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def when_text(t: float) -> str:
    """Return a time of this machine's clock: "11-21 19:24"."""
    return time.strftime("%m-%d %H:%M", time.localtime(t)) if t else "-"


def _console(stream: TextIO) -> Console:
    return Console(file=stream, markup=False, highlight=False, emoji=False)
