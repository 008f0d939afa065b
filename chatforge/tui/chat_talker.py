"""The talk with the worker: what is asked of it, and what it says drawn on the screen.

pane ──say, again, restore …──► Talker ──commands──► worker
worker ──events──► Talker ──► Talk (what is known) and TalkView (what is seen)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from chatforge.chat.protocol import (
    Again,
    Began,
    Done,
    Ended,
    Event,
    Failed,
    Mode,
    Note,
    Piece,
    Ready,
    Reset,
    Restore,
    Save,
    Say,
    SetMode,
    SetSampling,
    SetSystem,
    Who,
)
from chatforge.errors import UserError
from chatforge.project.talk import Exchange, Reply, Talk
from chatforge.tui.chat_link import Link
from chatforge.tui.modals.sampling import Manner
from chatforge.tui.widgets.talk import TalkView

State = Literal["asleep", "loading", "ready", "writing", "stopped"]

BOTH: Mode = "both"


@dataclass
class _Doing:
    """A reply that is awaited: to what, and what stood there before."""

    exchange: Exchange
    before: dict[Who, Reply]


class Talker:
    """One talk, over as many lives of the worker as it takes.

    Args:
        view: where it is drawn. tell: says something in passing (text, severity). give_back: takes the text of a
            message that was not answered.
    """

    def __init__(self, view: TalkView, tell: Callable[[str, str], object], give_back: Callable[[str], object]) -> None:
        self.talk = Talk()
        self.view = view
        self.state: State = "asleep"
        self.words = ""
        self.mode: Mode = BOTH
        self.ready: Ready | None = None
        self.manner = Manner("", 0.0, 1.0, 0)
        self.of_run = self.manner
        self._system: str | None = None
        self._tell = tell
        self._give_back = give_back
        self._link: Link | None = None
        self._doing: dict[int, _Doing] = {}

    # The worker's lives

    def begin(self, link: Link) -> None:
        """A worker is starting."""
        self._link, self.state, self.words = link, "loading", ""
        self._doing.clear()

    def belongs(self, link: Link) -> bool:
        """Whether this is the worker we talk with now."""
        return link is self._link

    @property
    def modes(self) -> tuple[Mode, ...]:
        """Who can be asked, both first."""
        known = self.ready.modes if self.ready else ()
        return tuple(mode for mode in ("both", "adapted", "base") if mode in known)

    def opened(self, ready: Ready) -> None:
        """The model is loaded: make the talk there what it is here."""
        manner = Manner(ready.system, ready.temperature, ready.top_p, ready.max_new_tokens)
        if self.ready is None:
            self.manner = manner if self._system is None else manner.with_system(self._system)
        elif self.manner == self.of_run or self.ready.model != ready.model:
            self.manner = manner
        self.ready, self.of_run, self.state = ready, manner, "ready"
        if self.mode not in ready.modes:
            self.mode = ready.mode
        self._send_manner(manner)
        if self.mode != ready.mode:
            self.send(SetMode, self.mode)
        self.remember()
        self.view.view(self.mode)

    async def died(self, words: str) -> None:
        """The worker is gone: keep what came."""
        self.state, self.words, self._link = "stopped", words, None
        for doing in list(self._doing.values()):
            await self._over(doing)
        self._doing.clear()

    def send(self, kind: type[Any], *values: Any) -> int:
        """Send a command; return its number, 0 if nobody is there to hear it (that is told elsewhere)."""
        try:
            return self._link.send(kind, *values) if self._link and self.ready else 0
        except UserError:
            return 0

    # What a person asks for

    async def say(self, text: str) -> None:
        """Say something to the model."""
        exchange = self.talk.begin(text)
        await self.view.add(exchange)
        self.view.end()
        self._ask(exchange, Say, text)

    async def again(self, exchange: Exchange) -> None:
        """Have the last message answered again."""
        before, exchange.replies = exchange.replies, {}
        kind = (Again,) if any(reply.final for reply in before.values()) else (Say, exchange.user)
        exchange.tries += 1
        exchange.notes.clear()
        if row := self.view.row(exchange):
            await row.clear()
        self.view.end()
        self._ask(exchange, *kind, before=before)

    async def again_from(self, exchange: Exchange) -> None:
        """Go back to an earlier message and have it answered again; what came after it leaves the talk."""
        if exchange is self.talk.exchanges[-1]:
            await self.again(exchange)
            return
        text = exchange.user
        self.talk.cut(exchange)
        await self.view.fill(self.talk.exchanges)
        self.remember(always=True)
        await self.say(text)

    def stop(self) -> None:
        """End the reply that is being written; what came of it stays."""
        if self._link:
            self._link.stop()

    def set_mode(self, mode: Mode) -> None:
        """Choose who answers from now on, and who is seen."""
        self.mode = mode
        self.view.view(mode)
        self.send(SetMode, mode)

    def set_manner(self, manner: Manner) -> None:
        """Choose how replies are made from now on."""
        before, self.manner = self.manner, manner
        self._send_manner(before)

    async def reset(self) -> None:
        """Begin afresh."""
        self.talk.exchanges.clear()
        await self.view.fill([])
        self.send(Reset)

    async def open(self, exchanges: list[Exchange], system: str) -> None:
        """Go on with another talk, under its system message; a model that is still loading learns of both later."""
        if self.ready:
            self.set_manner(self.manner.with_system(system))
        else:
            self._system = system
        self.talk.exchanges[:] = exchanges
        await self.view.fill(exchanges)
        self.remember(always=True)

    def remember(self, *, always: bool = False) -> None:
        """Tell the worker what was said: it has begun afresh, or what was said was changed here."""
        history = tuple({"role": message.role, "content": message.content} for message in self.talk.history())
        if history or always:
            self.send(Restore, history)

    def save(self, path: str) -> None:
        """Have the talk written to a file."""
        self.send(Save, path)

    # What the worker says

    async def take(self, event: Event) -> None:
        """Take what happened and draw it."""
        doing = self._doing.get(event.id)
        match event:
            case Began() | Piece() | Ended() if doing:
                await self._draw(doing.exchange, event)
            case Note(text=text):
                await self._note(doing, text)
            case Failed(what=what):
                await self._failed(doing, what)
            case Done() if doing:
                del self._doing[event.id]
                await self._over(doing)
                self.state = "writing" if self._doing else "ready"

    def _ask(self, exchange: Exchange, kind: type[Any], *values: Any, before: dict[Who, Reply] | None = None) -> None:
        exchange.asked = ("base", "adapted") if self.mode == "both" else (self.mode,)
        if number := self.send(kind, *values):
            self._doing[number] = _Doing(exchange, before or {})
            self.state = "writing"
        # Else the worker is dead: its thread is about to say so, and `died` finds the exchange by this.
        else:
            self._doing[0] = _Doing(exchange, before or {})

    async def _draw(self, exchange: Exchange, event: Event) -> None:
        reply = exchange.took(event)
        row = self.view.row(exchange)
        if row is None or reply is None:
            return
        answer = await row.begin(reply) if isinstance(event, Began) else row.answer(reply)
        if answer is None:
            return
        if isinstance(event, Piece):
            await answer.write(event.text)
        elif isinstance(event, Ended):
            await answer.finish()

    async def _note(self, doing: _Doing | None, text: str) -> None:
        if doing is None:
            self._tell(text, "information")
            return
        doing.exchange.notes.append(text)
        if row := self.view.row(doing.exchange):
            await row.note(text)

    async def _failed(self, doing: _Doing | None, what: str) -> None:
        self._tell(what, "error")
        if doing is not None:
            await self._over(doing)

    async def _over(self, doing: _Doing) -> None:
        """A message is answered, or will not be: nothing that was written or said is lost."""
        exchange = doing.exchange
        row = self.view.row(exchange)
        for reply in exchange.broke_off():
            if row and (answer := row.answer(reply)):
                await answer.finish()
        if any(reply.final for reply in exchange.replies.values()):
            return
        if doing.before:  # of another try nothing came: the earlier one stands
            exchange.replies = doing.before
            exchange.tries -= 1
            await self._redraw(exchange)
        elif all(reply.stopped_by in ("error", "asked") for reply in exchange.replies.values()):
            if exchange in self.talk.exchanges:
                self.talk.drop(exchange)
            await self.view.drop(exchange)
            self._give_back(exchange.user)

    async def _redraw(self, exchange: Exchange) -> None:
        if row := self.view.row(exchange):
            await row.clear()
            await row.draw()

    def _send_manner(self, before: Manner) -> None:
        now = self.manner
        if now.system != before.system:
            self.send(SetSystem, now.system)
        if (now.temperature, now.top_p, now.max_new_tokens) != (
            before.temperature,
            before.top_p,
            before.max_new_tokens,
        ):
            self.send(SetSampling, now.temperature, now.top_p, now.max_new_tokens)
