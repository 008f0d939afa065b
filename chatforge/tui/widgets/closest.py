"""The training conversations that lie closest to a reply, beside the talk."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from chatforge.errors import UserError
from chatforge.project.nearest import NOT_THE_CAUSE, Answer, Near, Nearby, Nearest, Start
from chatforge.project.talk import Exchange, Reply
from chatforge.runs.folder import RunFolder
from chatforge.tui.widgets.told import Told
from chatforge.words import plain


class Closest(Vertical):
    """Hidden until it is asked for."""

    DEFAULT_CSS = """
    Closest { width: 40%; max-width: 56; height: 1fr; border: round $foreground 30%; padding: 0 1; display: none; }
    Closest > .caution { height: auto; color: $text-warning; margin-bottom: 1; }
    Closest > .reply { height: auto; max-height: 2; margin-bottom: 1; color: $text-muted; }
    Closest > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    Closest .near { height: auto; margin-bottom: 1; }
    Screen.-narrow Closest { width: 1fr; max-width: 100%; height: 60%; }
    Screen.-short Closest > .caution { margin-bottom: 0; }
    Screen.-short Closest > .reply { display: none; }
    App.-ascii Closest { border: ascii $foreground 30%; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    HELP = """\
The training conversations whose replies are most like the reply on the left, by the encoder's cosine: 1 is the same.
This does not say why the model answered so. **shift+tab** comes here, arrows and **page down** scroll; **alt+up** and
**alt+down** pick another reply; **ctrl+s** closes it.
"""

    class Compared(Message):
        """What was found for a reply, or words in its place; `last` ends a question."""

        def __init__(self, reply: Reply, found: Answer | str, *, last: bool = False) -> None:
            super().__init__()
            self.reply = reply
            self.found = found
            self.last = last

    start: ClassVar[Start] = Nearest

    def __init__(self) -> None:
        super().__init__(id="closest")
        self.border_title = "closest training conversations"
        self._nearby: Nearby | None = None
        self._asked: Reply | None = None
        self._next: tuple[Nearby, Reply, str] | None = None
        self._asking = False

    def compose(self) -> ComposeResult:
        """What it is not; of which reply; what was found."""
        yield Static(NOT_THE_CAUSE, classes="caution", markup=False)
        yield Told(classes="reply")
        with VerticalScroll():
            yield Vertical(classes="found")

    async def on_unmount(self) -> None:
        """Take the worker down."""
        if self._nearby:
            await asyncio.to_thread(self._nearby.close)

    def close(self) -> None:
        """Put it away; the worker stays, for the next time."""
        self.display = False
        self._asked = None

    def compare(self, run: RunFolder, exchange: Exchange, reply: Reply) -> None:
        """Show what is closest to a reply; the worker starts with the first question about a run."""
        if reply is self._asked:
            return
        self.display = True
        self._asked = reply
        self.query_one(".reply", Static).update(f"to: {plain(reply.final, one_line=True)}")
        self.say("comparing with the training conversations ...")
        if self._nearby is None or self._nearby.run != run:
            if self._nearby:
                self.run_worker(self._nearby.close, thread=True, group="close", exit_on_error=False)
            self._nearby = Nearby(run, type(self).start)
        self._next = (self._nearby, reply, exchange.user)
        self._ask_next()

    def _ask_next(self) -> None:
        """Ask the newest question, once nobody waits for an earlier one: threads are few."""
        if self._next and not self._asking:
            (nearby, reply, context), self._next, self._asking = self._next, None, True
            self._ask(nearby, reply, context)

    @work(thread=True, group="closest", exit_on_error=False)
    def _ask(self, nearby: Nearby, reply: Reply, context: str) -> None:
        def progress(done: int, total: int) -> None:
            self.post_message(self.Compared(reply, f"reading the training conversations: {done} of {total}"))

        try:
            found: Answer | str = nearby.ask(reply.final, context, progress)
        except UserError as error:
            found = str(error)
        except Exception as error:  # whatever it is: later questions must not wait for ever
            found = f"unexpected {type(error).__name__}: {error}"
        self.post_message(self.Compared(reply, found, last=True))

    @on(Compared)
    def _compared(self, event: Compared) -> None:
        event.stop()
        if event.last:
            self._asking = False
            self._ask_next()
        if event.reply is not self._asked:
            return
        if isinstance(event.found, str):
            self.say(event.found)
        else:
            self.found(event.found.near, event.found.compared, event.found.note)

    def say(self, words: str) -> None:
        """Say something in place of what was found."""
        self._replace([Static(plain(words), classes="near", markup=False)])

    def found(self, near: Sequence[Near], compared: int, note: str | None) -> None:
        """Show what was found."""
        self.border_subtitle = f"{len(near)} of {compared}   shift+tab: scroll"
        rows = [Static(_content(one), classes="near") for one in near]
        if note:
            rows.append(Static(plain(note), classes="near dim", markup=False))
        self._replace(rows or [Static("there are no training conversations to compare with", markup=False)])

    def _replace(self, rows: Sequence[Static]) -> None:
        scroll = self.query_one(VerticalScroll)
        old = scroll.query(".found")
        old.remove()
        scroll.mount(Vertical(*rows, classes="found"))
        scroll.scroll_home(animate=False)


def _content(one: Near) -> Content:
    """Score and place, the user's turn, the reply."""
    return Content.assemble(
        (f"{one.score:.2f}", "bold $text-accent"),
        (f"  {plain(one.file.name, one_line=True)}:{one.line}\n", "$text-muted"),
        ("user   ", "$text-muted"),
        f"{plain(one.user, one_line=True)}\n",
        ("reply  ", "$text-muted"),
        plain(one.reply, one_line=True),
    )
