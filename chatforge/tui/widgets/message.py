"""One message of a talk on the screen: what you said, and what a model answers while it writes."""

from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import MountError
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownStream

from chatforge.project.talk import Exchange, Reply
from chatforge.tui.widgets.told import Told
from chatforge.words import plain


def parser() -> MarkdownIt:
    """Markdown as a model writes it: tags are shown, never hidden, and a line that ends, ends."""
    made = MarkdownIt("gfm-like", {"html": False})
    made.core.ruler.push("lines", _lines)
    return made


def _lines(state: StateCore) -> None:
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "softbreak":
                child.type = "hardbreak"


class Said(Vertical):
    """A message that can be picked: it has the focus then, and only then can it have it."""

    HELP = """\
A message of the talk. **y** copies it, **c** corrects the reply, **r** has it answered again from here,
**s** shows the training conversations that lie closest to the reply. **alt+up** and **alt+down** pick another one,
**esc** goes back to the prompt.
"""
    DEFAULT_CSS = """
    Said { height: auto; padding: 0 1; border-left: blank; margin-bottom: 1; }
    Said:focus { border-left: outer $accent; background: $boost; }
    App.-ascii Said:focus { border-left: ascii $accent; }
    Said > .head { height: 1; }
    Said > .head > .who { width: auto; text-style: bold; color: $text-muted; }
    Said > .head > .state { width: 1fr; text-align: right; color: $text-muted; text-wrap: nowrap;
        text-overflow: ellipsis; padding-left: 1; }
    Said > .words, Said > .frozen { height: auto; padding: 0 0 0 2; }
    Said > .frozen { padding: 0; }
    """
    SCOPED_CSS: ClassVar[bool] = False  # it asks what the screen and the app are like
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "ask('copy')", "Copy", id="message.copy", tooltip="Copy the message"),
        Binding("c", "ask('correct')", "Correct", id="message.correct", tooltip="Write what the reply should be"),
        Binding("r", "ask('again')", "Again", id="message.again", tooltip="Answer again from here"),
        Binding("s", "ask('similar')", "Closest", id="message.similar", tooltip="Closest training conversations"),
    ]

    @dataclass
    class Asked(Message):
        """Something is to be done with a message: "copy", "correct", "again" or "similar"."""

        said: "Said"
        what: str

    @dataclass
    class Picked(Message):
        """A message was clicked."""

        said: "Said"

    def __init__(self, exchange: Exchange, who: str, reply: Reply | None = None, *, frozen: bool = False) -> None:
        super().__init__(classes=f"-{who}")
        self.exchange = exchange
        self.reply = reply
        self._who = who
        self._frozen = frozen
        self.can_focus = False  # else tab would lead through hundreds of them

    def compose(self) -> ComposeResult:
        """Who speaks and how it stands; the text."""
        if self._frozen:
            yield Static(self._as_one(), classes="frozen")
            return
        with Horizontal(classes="head"):
            yield Static(self._who, classes="who", markup=False)
            yield Told(classes="state")
        yield from self.body()

    def body(self) -> ComposeResult:
        """The words."""
        yield Static(plain(self.exchange.user), classes="words", markup=False)

    @property
    def text(self) -> str:
        """What it says, for the clipboard."""
        return self.exchange.user

    def standing(self) -> str:
        """How it stands, in words."""
        return ""

    async def freeze(self) -> None:
        """Become one widget, the text as it was written: each layout walks through all widgets of the talk."""
        if not self._frozen:
            self._frozen = True
            await self.remove_children()
            await self.mount(Static(self._as_one(), classes="frozen"))

    def _as_one(self) -> Content:
        state = self._signs(self.standing())
        return Content.assemble((self._who, "bold $text-muted"), (f"  {state}", "$text-muted"), "\n", plain(self.text))

    def _signs(self, words: str) -> str:
        words = plain(words, one_line=True)
        return words.replace(" · ", ", ") if self.app.has_class("-ascii") else words

    def state(self, words: str) -> None:
        """Say how it stands, at its right."""
        self.query_one(".state", Static).update(self._signs(words))

    def pick(self) -> None:
        """Give it the focus."""
        self.can_focus = True
        self.focus(scroll_visible=True)

    def on_blur(self) -> None:
        """It is picked no longer."""
        self.can_focus = False

    def on_click(self, event: events.Click) -> None:
        """A click picks it."""
        event.stop()
        self.post_message(self.Picked(self))

    def action_ask(self, what: str) -> None:
        """Ask for something to be done with it."""
        self.post_message(self.Asked(self, what))


class Answer(Said):
    """A reply, drawn as Markdown while it comes."""

    DEFAULT_CSS = """
    Answer { width: 1fr; }
    Answer.-adapted > .head > .who { color: $text-accent; }
    Answer > Markdown { padding: 0 0 0 2; margin: 0; }
    Answer > Markdown > *:last-child { margin-bottom: 0; }
    Answer > .mended { height: auto; padding: 0 0 0 2; color: $text-success; }
    """
    SCOPED_CSS: ClassVar[bool] = False  # it asks what the screen and the app are like

    def __init__(self, exchange: Exchange, reply: Reply, *, frozen: bool = False) -> None:
        super().__init__(exchange, reply.who, reply, frozen=frozen)
        self._body = Markdown(parser_factory=parser, open_links=False)  # links are the model's, not to be followed
        self._stream: MarkdownStream | None = None
        self._bare = True

    def body(self) -> ComposeResult:
        """Markdown that grows, and below it what a person wrote in its place."""
        yield self._body
        mended = Told(classes="mended")
        mended.display = False
        yield mended

    @property
    def text(self) -> str:
        """What the talk goes on with."""
        return self.reply.final if self.reply else ""

    async def write(self, piece: str) -> None:
        """Draw the next characters. The body starts empty and is only streamed to: Textual needs that for fences."""
        if self._frozen:
            return
        text = plain(piece)
        if self._bare:
            text = text.lstrip()
        if not text:
            return
        self._bare = False
        if self._stream is None:
            self._stream = Markdown.get_stream(self._body)
        await self._stream.write(text)

    async def finish(self) -> None:
        """Nothing more will come."""
        if self._stream is not None:
            await self._stream.stop()
            self._stream = None
        self.show()

    def standing(self) -> str:
        """Corrected, why it ended, which try, how long and fast."""
        reply = self.reply
        if reply is None or reply.stopped_by is None:
            then = self.exchange.waiting
            return f"writing, then {then[0]}; esc stops both" if then else "writing, esc stops"
        tries = f"try {self.exchange.tries}" if self.exchange.tries > 1 else ""
        mended = "corrected" if reply.corrected is not None else ""
        return " · ".join(word for word in (mended, reply.ending(), tries, reply.measured()) if word)

    def show(self) -> None:
        """Draw how the reply stands."""
        if self._frozen:
            self.query_one(".frozen", Static).update(self._as_one())
            return
        self.state(self.standing())
        corrected = self.reply.corrected if self.reply else None
        lines = self.query_one(".mended", Static)
        lines.display = corrected is not None
        lines.update(plain(f"should be: {corrected}") if corrected is not None else "")

    async def on_unmount(self) -> None:
        """Leave no task behind."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            with suppress(MountError):  # it has words left to draw, and nowhere to draw them
                await stream.stop()
