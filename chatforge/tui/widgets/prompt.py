"""Where the user types: enter sends, ctrl+j begins a line, up brings back what was said before."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

MOST_LINES = 6
"""Lines of a message that are seen at once."""

Where = Literal["up", "down", "newest"]


class Prompt(TextArea):
    """One message to the model. Its text is only taken away by `take`: what could not be sent is still there."""

    HELP = """\
**enter** sends, **ctrl+j** (or shift+enter, where the terminal knows it) begins a new line.
**up** on the first line brings back what you said before; **page up** and **page down** read the talk.

A message that begins with a slash is a command, **/help** lists them; write two slashes to say one.
"""
    DEFAULT_CSS = """
    Prompt { height: 3; border: round $foreground 30%; padding: 0 1;
        background: $background; }
    Prompt:focus { border: round $accent; }
    App.-ascii Prompt { border: ascii $foreground 30%; }
    App.-ascii Prompt:focus { border: ascii $accent; }
    """
    SCOPED_CSS: ClassVar[bool] = False  # it asks what the screen and the app are like
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="chat.send", priority=True, show=False, tooltip="Send the message"),
        Binding("ctrl+j,shift+enter", "new_line", "New line", id="chat.newline", show=False),
        Binding("up", "back", "Earlier", show=False, tooltip="On the first line: what you said before"),
        Binding("down", "forth", "Later", show=False),
        Binding("pageup", "look('up')", "Read up", show=False, tooltip="Scroll the talk"),
        Binding("pagedown", "look('down')", "Read down", show=False, tooltip="Scroll the talk"),
        Binding("ctrl+end", "look('newest')", "Newest", show=False, tooltip="Go to the end of the talk"),
    ]

    @dataclass
    class Sent(Message):
        """The user wants this sent."""

        text: str

    @dataclass
    class Look(Message):
        """The user wants to read on in the talk."""

        where: Where

    def __init__(self, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id, soft_wrap=True, highlight_cursor_line=False, placeholder=placeholder)
        self._said: list[str] = []
        self._at = 0  # index into what was said; its length is the draft
        self._draft = ""

    def fit(self) -> None:
        """Be as high as the text. Not by `height: auto`: that would lay the whole talk out anew at every key."""
        height = min(max(self.wrapped_document.height, 1), MOST_LINES) + 2
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height

    def on_text_area_changed(self) -> None:
        """The text has changed."""
        self.fit()

    def on_resize(self) -> None:
        """So have the places where it is wrapped."""
        self.call_after_refresh(self.fit)

    def fill(self, text: str) -> None:
        """Put a text in, the cursor at its end."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    def take(self, text: str) -> None:
        """Take a text away that was sent; what was typed after it stays. Up brings it back."""
        if text.strip() and (not self._said or self._said[-1] != text):
            self._said.append(text)
        self._at, self._draft = len(self._said), ""
        self.fill(self.text.removeprefix(text) if self.text.startswith(text) else "")

    def give_back(self, text: str) -> None:
        """Put a text back that was taken away and not sent, before what was typed since."""
        self.fill("\n".join(one for one in (text, self.text) if one.strip()))

    def action_send(self) -> None:
        """Ask for the text to be sent; an empty one is sent too: it may start the model again."""
        # A key with priority overtakes the letters before it, which may still wait to be put in.
        self.call_later(lambda: self.post_message(self.Sent(self.text)))

    def action_new_line(self) -> None:
        """Begin a line."""
        self.insert("\n")

    def action_look(self, where: Where) -> None:
        """Read on in the talk."""
        self.post_message(self.Look(where))

    def action_back(self) -> None:
        """On the first line: what was said before; else a line up."""
        if not self.cursor_at_first_line or not self._at:
            self.action_cursor_up()
            return
        if self._at == len(self._said):
            self._draft = self.text
        self._at -= 1
        self.fill(self._said[self._at])

    def action_forth(self) -> None:
        """On the last line: what was said after that, and at last what was being typed; else a line down."""
        if not self.cursor_at_last_line or self._at >= len(self._said):
            self.action_cursor_down()
            return
        self._at += 1
        self.fill(self._said[self._at] if self._at < len(self._said) else self._draft)
