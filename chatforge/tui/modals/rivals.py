"""Whose replies stand against the adapted model's: a list to choose from."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chatforge.evaluation.blind import rivals
from chatforge.evaluation.report import Report
from chatforge.tui.cells import fit
from chatforge.tui.modals.window import Window
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.key_list import Choices
from chatforge.words import plain

_NAME = 24
"""Cells for a name; the rest of the line says what it is."""


class Rivals(Window[str | None]):
    """List the rivals of a report. Returns the chosen one, None on escape.

    Args:
        now: the one that is chosen now.
    """

    DEFAULT_CSS = """
    Rivals { align: center middle; }
    Rivals > Vertical { width: 90; max-width: 98%; height: auto; max-height: 96%; padding: 0 1;
        border: round $accent; background: $surface; }
    Rivals Choices { height: auto; max-height: 14; padding: 0; background: $surface; text-wrap: nowrap; }
    Rivals Choices, Rivals Choices:focus { border: none; }
    Rivals .keys { height: auto; margin-top: 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Close", id="rivals.close")]

    def __init__(self, report: Report, now: str, signs: Signs) -> None:
        super().__init__()
        self._report, self._names, self._now, self._signs = report, rivals(report), now, signs

    def compose(self) -> ComposeResult:
        """The list and its keys."""
        with Vertical() as box:
            box.border_title = "Judge adapted against"
            yield Choices()
            words = "enter Judge against it   esc Stay      Judgements are kept for each."
            yield Static(words, classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin at the one that is chosen now."""
        self.query_one(Choices).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Lines depend on the width."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        choices = self.query_one(Choices)
        room = (choices.scrollable_content_region.width or 84) - _NAME
        now = str(self._names.index(self._now)) if self._now in self._names else None
        choices.fill([Option(self._row(name, room), id=str(i)) for i, name in enumerate(self._names)], now)

    def _row(self, name: str, room: int) -> Content:
        what = fit(plain(self._report.rival(name).what, one_line=True), room, self._signs.cut)
        return Content.assemble(fit(plain(name, one_line=True), _NAME - 1, self._signs.cut), " ", (what, "$text-muted"))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._names[int(event.option_id or 0)])
