"""A text of a few lines, to be written or changed."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static, TextArea

from chatforge.tui.modals.window import Window
from chatforge.tui.turn import in_turn
from chatforge.tui.widgets.told import Told
from chatforge.words import plain


class WriteText(Window[str | None]):
    """Edit a text; returns it without white space around it, None on escape.

    Args:
        title: what it is. text: as it is now. why: a sentence on what it does.
    """

    DEFAULT_CSS = """
    WriteText { align: center middle; }
    WriteText > Vertical { width: 80; max-width: 96%; height: auto; max-height: 90%; padding: 0 1;
        border: round $accent; background: $surface; }
    WriteText TextArea { height: 8; border: none; padding: 0; background: $boost; }
    WriteText .why { height: auto; margin: 0 0 1 0; color: $text-muted; }
    WriteText .error { height: 1; color: $text-error; }
    WriteText .keys { height: 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave"),
        Binding("ctrl+s", "save", "Save", priority=True),
    ]

    def __init__(self, title: str, text: str, why: str) -> None:
        super().__init__()
        self._title, self._text, self._why = title, text, why

    def compose(self) -> ComposeResult:
        """The reason, the text, what is wrong with it, the keys."""
        with Vertical() as box:
            box.border_title = self._title
            yield Static(self._why, classes="why", markup=False)
            yield TextArea(plain(self._text), soft_wrap=True)
            yield Told(classes="error")
            yield Static("ctrl+s Save   esc Leave it as it was", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin at the end of the text."""
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)

    def action_save(self) -> None:
        """Return the text."""
        in_turn(self, self._save)

    def _save(self) -> None:
        text = self.query_one(TextArea).text.strip()
        if text:
            self.dismiss(text)
        else:
            self.query_one(".error", Static).update("it cannot be empty")
