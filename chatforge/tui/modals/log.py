"""A window with lines of text that may still grow: a worker's raw output, or its warnings."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import RichLog, Static

from chatforge.runs.course import Course
from chatforge.runs.launch import read_tail
from chatforge.tui.modals.window import Window
from chatforge.words import plain

LINES = 2000
"""How many lines are kept of what still grows: the newest."""

MOST_BYTES = 2 * 1024 * 1024
"""How much of a file is read for them, from its end."""

SECONDS = 1.0
"""Time between two looks whether there is more."""


class Lines(Window[None]):
    """Show lines, the newest at the end.

    Args:
        title: what they are. read: returns them; asked again and again, in a thread. empty: said if there are none.
        once: they never change: they are read once, all are kept and shown from the first one on.
    """

    DEFAULT_CSS = """
    Lines { align: center middle; }
    Lines > Vertical { width: 96%; height: 92%; border: round $accent; background: $surface; padding: 0 1; }
    App.-ascii Lines > Vertical { border: ascii $accent; }
    Lines RichLog { background: $surface; height: 1fr; }
    Lines .keys { height: 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,l,w", "dismiss(None)", "Close", id="lines.close"),
        Binding("g", "first", "First", show=False, id="lines.first"),
        Binding("G,end", "last", "Last", show=False, id="lines.last"),
    ]

    class Read(Message):
        """The lines were read."""

        def __init__(self, lines: Sequence[str]) -> None:
            super().__init__()
            self.lines = lines

    def __init__(
        self, title: str, read: Callable[[], Sequence[str]], *, empty: str = "Nothing yet.", once: bool = False
    ) -> None:
        super().__init__()
        self._title = title
        self._read = read
        self._empty = empty
        self._once = once
        self._shown: list[str] = []

    def compose(self) -> ComposeResult:
        """A log, and the keys below."""
        with Vertical() as box:
            box.border_title = Content(plain(self._title, one_line=True))
            most = None if self._once else LINES
            yield RichLog(max_lines=most, min_width=20, wrap=True, markup=False, highlight=False, auto_scroll=True)
            yield Static("esc Close   g First   G Last   arrows Scroll", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Read, and go on reading."""
        self.query_one(RichLog).focus()
        self._look()
        if not self._once:
            self.set_interval(SECONDS, self._look)

    @work(thread=True, exclusive=True, group="lines", exit_on_error=False)
    def _look(self) -> None:
        try:
            found = list(self._read())
        except OSError as error:
            found = [f"cannot be read: {error.strerror or error}"]
        self.post_message(self.Read(found or [self._empty]))

    @on(Read)
    def _write(self, event: Read) -> None:
        """Write what is new; all anew if it is not simply more than before."""
        event.stop()
        lines, log = list(event.lines), self.query_one(RichLog)
        if lines == self._shown:
            return
        known = len(self._shown)
        grown = lines[:known] == self._shown
        follow = log.is_vertical_scroll_end and not self._once
        if not grown:
            log.clear()
        for line in lines[known:] if grown else lines:
            log.write(Text(plain(line)), scroll_end=follow)
        self._shown = lines

    def action_first(self) -> None:
        """Go to the first line."""
        self.query_one(RichLog).scroll_home(animate=False)

    def action_last(self) -> None:
        """Go to the last line."""
        self.query_one(RichLog).scroll_end(animate=False)


def log_of(path: Path) -> Lines:
    """A window with a worker's raw output."""
    return Lines(
        f"{path.name}, its newest {LINES} lines ({path.parent})", lambda: read_tail(path, LINES, most_bytes=MOST_BYTES)
    )


def warnings_of(course: Course) -> Lines:
    """A window with what may spoil a result."""
    return Lines("Warnings", lambda: [remark.text for remark in course.remarks if remark.severity == "warning"])
