"""A list to choose from: arrows, j k, g G; enter or a double click takes, a single click only points."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Rows(OptionList):
    """An OptionList whose highlighted row can be read whatever it says.

    Texts have colours that go with the page; on the highlight, muted grey and green are hard to see or gone.
    """

    def render_line(self, y: int) -> Strip:
        """Draw the highlighted row in the one colour that goes with the highlight."""
        strip, at = super().render_line(y), self.highlighted
        if at is None or not any(part.style and part.style.meta.get("option") == at for part in strip):
            return strip
        look = self.get_component_rich_style("option-list--option-highlighted")
        clear = Style(color=look.color, bgcolor=look.bgcolor, dim=False)
        return Strip([Segment(part.text, (part.style or Style()) + clear) for part in strip], strip.cell_length)


class Choices(Rows):
    """An OptionList whose text is never markup, and which keeps its place when its rows change."""

    DEFAULT_CSS = """
    Choices { border: none; padding: 0; background: $background; }
    Choices:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="list.down"),
        Binding("k", "cursor_up", "Up", show=False, id="list.up"),
        Binding("g", "first", "First", show=False, id="list.first"),
        Binding("G", "last", "Last", show=False, id="list.last"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id, markup=False)

    def on_click(self, event: events.Click) -> None:
        """Point at what was clicked; a second click takes it. Reading on should not change anything."""
        event.prevent_default()
        at = event.style.meta.get("option")
        if at is None or self.options[at].disabled:
            return
        self.highlighted = at
        if event.chain > 1:
            self.action_select()

    def fill(self, rows: Sequence[Option], fallback: str | None = None) -> None:
        """Show other rows. The highlight stays on its row, wherever that is now.

        Args:
            fallback: id of the row to highlight if the former one is gone; default: the first that can be.
        """
        was = self.chosen
        self.set_options(rows)
        ids = [row.id for row in rows if not row.disabled]
        wanted = next((one for one in (was, fallback, *ids) if one in ids and one is not None), None)
        self.highlighted = self.get_option_index(wanted) if wanted else None

    @property
    def chosen(self) -> str | None:
        """The id of the highlighted row."""
        at = self.highlighted
        return self.options[at].id if at is not None and at < self.option_count else None
