"""A conversation and two replies to it, nameless: side by side, or under each other where there is little room.

all of it is data: it goes through `plain`, and nothing in it is markup
"""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content

from chatforge.evaluation.blind import Pair
from chatforge.evaluation.blind_words import shown_text
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.told import Told
from chatforge.words import plain


class Sheet(VerticalScroll):
    """A text that scrolls by itself. Its title says whether it has the focus, and where more of it stands.

    Args:
        title: what it is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="sheet.down"),
        Binding("k", "scroll_up", "Up", show=False, id="sheet.up"),
    ]

    def __init__(self, title: str, signs: Signs, *, id: str) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self._title, self._here = title, signs.here

    def compose(self) -> ComposeResult:
        """The text."""
        yield Told()

    def on_mount(self) -> None:
        """Keep the title true."""
        self.watch(self, "virtual_size", self._look)
        self.watch(self, "scroll_y", self._look)
        self.watch(self, "has_focus", self._look)

    def on_resize(self, event: events.Resize) -> None:
        """More or less of it is in view."""
        self._look()

    def show(self, text: Content, *, end: bool = False) -> None:
        """Show a text from its beginning, or its end."""
        self.query_one(Told).say(text)
        if end:
            self.anchor()
        else:
            self.scroll_home(animate=False)

    def _look(self) -> None:
        self.call_after_refresh(self._entitle)

    def _entitle(self) -> None:
        above, below = self.scroll_offset.y > 0, self.scroll_offset.y < self.max_scroll_y
        more = " and ".join(word for word, there in (("above", above), ("below", below)) if there)
        title = f"{self._title}, more {more}" if more else self._title
        self.border_title = Content(f"{self._here} {title}" if self.has_focus else title)


class BlindPair(Vertical):
    """The conversation so far, reply 1, reply 2."""

    DEFAULT_CSS = """
    BlindPair { height: 1fr; }
    BlindPair > Container { height: 1fr; layout: horizontal; }
    BlindPair #blind-talk { height: auto; max-height: 40%; }
    BlindPair Sheet { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; border: round $foreground 30%;
        border-title-color: $text-muted; }
    BlindPair Sheet:focus { border: round $accent; border-title-color: $text-accent; }
    BlindPair Told { height: auto; }
    Screen.-narrow BlindPair > Container { layout: vertical; }
    Screen.-short BlindPair Sheet { border: blank; border-top: solid $foreground 30%; border-bottom: none; padding: 0; }
    Screen.-short BlindPair Sheet:focus { border-top: solid $accent; }
    App.-ascii BlindPair Sheet { border: ascii $foreground 30%; }
    App.-ascii BlindPair Sheet:focus { border: ascii $accent; }
    App.-ascii Screen.-short BlindPair Sheet { border: blank; border-top: ascii $foreground 30%; border-bottom: none; }
    App.-ascii Screen.-short BlindPair Sheet:focus { border-top: ascii $accent; }
    """
    SCOPED_CSS: ClassVar[bool] = False  # it asks what the app and the screen are like

    def __init__(self, signs: Signs) -> None:
        super().__init__(id="blind-pair")
        self._signs = signs
        self._pair: Pair | None = None

    def compose(self) -> ComposeResult:
        """Three texts."""
        yield Sheet("Conversation", self._signs, id="blind-talk")
        with Container():
            yield Sheet("Reply 1", self._signs, id="blind-first")
            yield Sheet("Reply 2", self._signs, id="blind-second")

    def show(self, pair: Pair) -> None:
        """Show a pair: replies from their beginning, the conversation where it ends. The same one stays as it is."""
        if pair == self._pair:
            return
        self._pair = pair
        self.query_one("#blind-talk", Sheet).show(Content("\n").join(_message(*one) for one in pair.history), end=True)
        self.query_one("#blind-first", Sheet).show(Content(shown_text(pair.first)))
        self.query_one("#blind-second", Sheet).show(Content(shown_text(pair.second)))


def _message(role: str, text: str) -> Content:
    return Content.assemble((f"{plain(role, one_line=True)}  ", "bold"), shown_text(text))
