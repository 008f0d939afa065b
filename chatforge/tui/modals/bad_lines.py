"""The lines of a project's files that cannot be used, with their reasons; and what a run does with them."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chatforge.dialogues.draft import BadLine
from chatforge.tui.modals.window import Window
from chatforge.tui.widgets.key_list import Rows
from chatforge.words import plain


class BadLines(Window[int | str | None]):
    """Show bad lines. Returns the row of the chosen one, "stop" or "skip", or None on escape.

    Args:
        bad: rows and lines. count: how many there are in all. now: what the recipe says, "stop" or "skip".
    """

    DEFAULT_CSS = """
    BadLines { align: center middle; }
    BadLines > Vertical { width: 90; max-width: 96%; height: auto; max-height: 90%; padding: 0 1;
        border: round $accent; background: $surface; }
    BadLines OptionList { height: auto; max-height: 16; border: none; padding: 0; background: $surface; }
    BadLines .text { height: auto; margin: 1 0 0 0; }
    BadLines .keys { height: 1; margin-top: 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close"),
        Binding("s", "dismiss('stop')", "Stop at bad lines"),
        Binding("l", "dismiss('skip')", "Leave them out"),
    ]

    def __init__(self, bad: Sequence[tuple[int, BadLine]], count: int, now: str) -> None:
        super().__init__()
        self._bad, self._count, self._now = bad, count, now

    def compose(self) -> ComposeResult:
        """The lines, what happens to them, the keys."""
        with Vertical() as box:
            box.border_title = f"{self._count} bad line{'s' if self._count != 1 else ''}"
            yield Rows(*(Option(_words(line), id=str(row)) for row, line in self._bad), markup=False)
            more = self._count - len(self._bad)
            rest = f"{more} more are not listed. " if more else ""
            told = "they are left out and counted" if self._now == "skip" else "a run stops at them"
            yield Static(f"{rest}Now {told} (data.bad_lines: {self._now}).", classes="text", markup=False)
            yield Static("enter Show   s Stop at them   l Leave them out   esc Close", classes="keys", markup=False)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(int(event.option_id or 0))


def _words(line: BadLine) -> Content:
    place = plain(f"{line.file.name}:{line.line}", one_line=True)
    return Content.assemble((place, "bold"), f"  {plain(line.reason, one_line=True)}")
