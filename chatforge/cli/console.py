"""What stands between us and the terminal: answers go to stdout, talk to stderr."""

import os
import sys
from typing import TextIO

from rich.console import Console

from chatforge.words import plain


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


def _console(stream: TextIO) -> Console:
    return Console(file=stream, markup=False, highlight=False, emoji=False)
