"""How numbers, times and foreign text are written for people, on every screen in the same way."""

import re
import time
from collections.abc import Sequence
from itertools import pairwise

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


_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII = "_.-=+*#@"

ABSURD = 1e12
"""No loss is as large; NaN and infinity are not smaller."""


def sparkline(values: Sequence[float], width: int, *, ascii_only: bool = False) -> str:
    """Draw a curve in one line of at most `width` signs; each stands for the mean of its share of `values`.

    What is not a number that a loss can be is left out.
    """
    finite = [value for value in values if abs(value) < ABSURD]
    if not finite:
        return ""
    columns = min(width, len(finite))
    cuts = [len(finite) * i // columns for i in range(columns + 1)]
    means = [sum(finite[a:b]) / (b - a) for a, b in pairwise(cuts)]
    low, span = min(means), max(means) - min(means)
    signs = _ASCII if ascii_only else _BLOCKS
    return "".join(signs[int((mean - low) / span * (len(signs) - 1) + 0.5) if span else 0] for mean in means)


def bar(share: float, width: int, *, ascii_only: bool = False) -> str:
    """Draw how much is done, `width` signs long; `share` is cut to 0..1."""
    full = round(min(1.0, max(0.0, share)) * width)
    done, rest = ("#", ".") if ascii_only else ("━", "╌")
    return done * full + rest * (width - full)


def count_text(count: float) -> str:
    """Return a large number for people: "4.88 M", "1.7 B"."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("K", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f}"
