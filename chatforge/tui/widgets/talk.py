"""The talk on the screen: exchanges one under the other, the replies to one message side by side where there is room.

    you      i want to cancel my subscription
    base                 96 tok · 9.1 tok/s  │  adapted               24 tok · 8.8 tok/s
      I'm sorry to hear that you want to     │    I can help you cancel. Which one do
      cancel. Here are some steps: …         │    you mean?

Only the newest exchanges are widgets: what scrolled out long ago is in the transcript. And only the very newest are
drawn as Markdown, which takes ten widgets and more for a reply: every piece that is drawn lays all of them out anew.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from chatforge.chat.protocol import Mode
from chatforge.project.talk import Exchange, Reply
from chatforge.tui.widgets.message import Answer, Said
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

MOST_ROWS = 30
KEPT_ROWS = 20
"""Above so many exchanges on the screen the oldest are taken off, down to so many. An exchange is up to 3 messages."""

LIVE_ROWS = 6
"""So many are drawn as Markdown; older ones as they were written."""


class Row(Vertical):
    """One exchange."""

    DEFAULT_CSS = """
    Row { height: auto; }
    Row > .replies { height: auto; layout: horizontal; }
    Screen.-narrow Row > .replies { layout: vertical; }
    Screen.-wide Row > .replies.-both > Answer { max-width: 50%; }
    Row > .note { height: auto; padding: 0 3; margin-bottom: 1; color: $text-muted; text-style: italic; }
    """
    SCOPED_CSS: ClassVar[bool] = False  # it asks what the screen and the app are like

    def __init__(self, exchange: Exchange, mode: Mode, *, frozen: bool = False) -> None:
        super().__init__()
        self.exchange = exchange
        self._mode: Mode = mode
        self._frozen = frozen
        self.said = Said(exchange, "you", frozen=frozen)
        self._replies = Widget(classes="replies")

    def compose(self) -> ComposeResult:
        """What the user said; room for replies."""
        yield self.said
        yield self._replies

    async def on_mount(self) -> None:
        """Draw what is there already."""
        await self.draw()

    async def draw(self) -> None:
        """Draw the replies and notes that there are."""
        for reply in list(self.exchange.replies.values()):
            answer = await self.begin(reply)
            await answer.write(reply.text)
            if reply.stopped_by is not None:
                await answer.finish()
        for note in self.exchange.notes:
            await self.note(note)

    @property
    def answers(self) -> list[Answer]:
        """The replies, base first."""
        return list(self._replies.query_children(Answer))

    def answer(self, reply: Reply) -> Answer | None:
        """The widget of a reply."""
        return next((answer for answer in self.answers if answer.reply is reply), None)

    async def begin(self, reply: Reply) -> Answer:
        """Make room for a reply."""
        answer = Answer(self.exchange, reply, frozen=self._frozen)
        await self._replies.mount(answer)
        answer.show()
        self.view(self._mode)
        return answer

    async def freeze(self) -> None:
        """Become few widgets."""
        if not self._frozen:
            self._frozen = True
            for said in (self.said, *self.answers):
                await said.freeze()

    async def clear(self) -> None:
        """Take the replies and notes off: the message is answered again."""
        self._frozen = False
        await self._replies.remove_children()
        await self.query_children(".note").remove()

    async def note(self, text: str) -> None:
        """Say something about the exchange, below it."""
        await self.mount(Static(plain(text), classes="note", markup=False))

    def view(self, mode: Mode) -> None:
        """Show what is asked for; where that one was not asked, the one that was."""
        self._mode = mode
        answers = self.answers
        wanted = {answer for answer in answers if mode == "both" or (answer.reply and answer.reply.who == mode)}
        self._replies.set_class(mode == "both", "-both")
        for answer in answers:
            answer.display = not wanted or answer in wanted

    @property
    def messages(self) -> list[Said]:
        """What can be picked here, from above."""
        return [self.said, *(answer for answer in self.answers if answer.display)]


class TalkView(Vertical):
    """The exchanges of a talk, at their end until one scrolls up."""

    DEFAULT_CSS = """
    TalkView { width: 1fr; height: 1fr; }
    TalkView > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; padding: 0 1; }
    TalkView .empty { height: auto; padding: 1 2; color: $text-muted; }
    TalkView .earlier { height: auto; padding: 0 1; margin-bottom: 1; color: $text-muted; display: none; }
    TalkView > .newest { height: 1; text-align: right; padding: 0 2; color: $text-accent; display: none; }
    """
    SCOPED_CSS: ClassVar[bool] = False  # it asks what the screen and the app are like

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(id="talk")
        self._mode: Mode = "adapted"
        self._gone = 0
        self._down, self._cut = ("v", "...") if ascii_only else ("↓", "…")
        self.scroll = VerticalScroll(can_focus=False)

    def compose(self) -> ComposeResult:
        """What is said to an empty talk, the exchanges, and the way down."""
        with self.scroll:
            yield Told(classes="earlier")
            yield Told(classes="empty")
        yield Static(f"{self._down} newest (ctrl+end)", classes="newest", markup=False)

    def on_mount(self) -> None:
        """Stay at the end."""
        self.scroll.anchor()
        self.watch(self.scroll, "scroll_y", self._look, init=False)
        self.watch(self.scroll, "virtual_size", self._look, init=False)

    @property
    def rows(self) -> list[Row]:
        """The exchanges that are on the screen."""
        return list(self.scroll.query_children(Row))

    @property
    def messages(self) -> list[Said]:
        """What can be picked, from above."""
        return [said for row in self.rows for said in row.messages]

    def pick(self, step: int, now: Widget | None) -> Said | None:
        """Pick the message `step` after the one that is picked now; None if there the prompt is next."""
        messages = self.messages
        at = messages.index(now) if isinstance(now, Said) and now in messages else len(messages)
        at = max(0, at + step)
        if at >= len(messages):
            return None
        messages[at].pick()
        return messages[at]

    def row(self, exchange: Exchange) -> Row | None:
        """Where an exchange is drawn."""
        return next((row for row in reversed(self.rows) if row.exchange is exchange), None)

    def welcome(self, text: str) -> None:
        """Say something in the empty talk."""
        if not self.rows:
            self.query_one(".empty", Static).update(plain(text))

    async def add(self, exchange: Exchange) -> Row:
        """Draw a new exchange; the oldest go when there are many."""
        row = Row(exchange, self._mode)
        self.query_one(".empty").display = False
        await self.scroll.mount(row)
        rows = self.rows
        if len(rows) > LIVE_ROWS:
            await rows[-LIVE_ROWS - 1].freeze()
        if len(rows) > MOST_ROWS:
            doomed = rows[:-KEPT_ROWS]
            self._gone += len(doomed)
            await self.scroll.remove_children(doomed)
            self._count()
        return row

    async def fill(self, exchanges: Sequence[Exchange]) -> None:
        """Draw another talk in place of this one."""
        await self.scroll.remove_children(Row)
        shown = exchanges[-KEPT_ROWS:]
        self._gone = len(exchanges) - len(shown)
        self._count()
        self.query_one(".empty").display = not exchanges
        live = len(shown) - LIVE_ROWS
        rows = [Row(exchange, self._mode, frozen=i < live) for i, exchange in enumerate(shown)]
        await self.scroll.mount_all(rows)
        self.end()

    async def drop(self, exchange: Exchange) -> None:
        """Take an exchange off."""
        if row := self.row(exchange):
            await row.remove()
        self.query_one(".empty").display = not self.rows and not self._gone

    def show(self, exchange: Exchange, reply: Reply) -> None:
        """Draw how a reply stands, where it is on the screen."""
        if (row := self.row(exchange)) and (answer := row.answer(reply)):
            answer.show()

    def view(self, mode: Mode) -> None:
        """Show the base's replies, the adapted one's, or both."""
        self._mode = mode
        picked = self.screen.focused
        for row in self.rows:
            row.view(mode)
            if isinstance(picked, Said) and picked in (row.said, *row.answers) and not picked.display:
                row.messages[-1].pick()  # in the place of the one that is hidden, which would take the focus along

    def look(self, where: str) -> None:
        """Scroll: "up", "down" or "newest"."""
        if where == "newest":
            self.end()
        elif where == "up":
            self.scroll.scroll_page_up(animate=False)
        else:
            self.scroll.scroll_page_down(animate=False)

    def end(self) -> None:
        """Go to the newest and stay there."""
        self.scroll.anchor()

    def _look(self) -> None:
        """Show the way down while one reads further up."""
        self.query_one(".newest").display = self.scroll.scroll_offset.y < self.scroll.max_scroll_y

    def _count(self) -> None:
        earlier = self.query_one(".earlier", Static)
        earlier.display = self._gone > 0
        word = "exchange is" if self._gone == 1 else "exchanges are"
        earlier.update(f"{self._cut} {self._gone} earlier {word} in the transcript")
