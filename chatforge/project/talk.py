"""A talk as a screen knows it: exchanges that grow event by event. Pure: no disk, no screen.

    talk.begin("Is it open today?") ──► Exchange ──took(Began), took(Piece) …, took(Ended)──► its replies

The history is what the model reads: one reply to each message, the adapted one where both models answered, in the
person's words where it was corrected. An exchange that nobody answered is no part of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast, get_args

from chatforge.chat.protocol import Began, Ended, Event, Mode, Piece, StoppedBy, Who
from chatforge.chat.transcript import Said, Turn
from chatforge.dialogues.conversation import Message

ENDINGS: Mapping[StoppedBy, str] = {
    "stop": "",
    "length": "cut at its longest",
    "loop": "stopped: it repeated itself",
    "asked": "stopped by you",
    "error": "broke off",
}
"""Why a reply is over, in words; nothing is said about one that ended by itself."""


@dataclass
class Reply:
    """What one model answered.

    Attributes:
        text: as the model wrote it, not yet fit for a terminal.
        stopped_by: None while it is being written.
        corrected: what a person wrote in its place.
    """

    who: Who
    text: str = ""
    tokens: int = 0
    seconds: float = 0.0
    stopped_by: StoppedBy | None = None
    corrected: str | None = None

    @property
    def final(self) -> str:
        """The text that the talk goes on with."""
        return (self.text if self.corrected is None else self.corrected).strip()

    def measured(self) -> str:
        """Length and speed: "24 tok · 8.8 tok/s"; "" if they are not known."""
        if not self.tokens:
            return ""
        speed = f" · {self.tokens / self.seconds:.1f} tok/s" if self.seconds > 0 else ""
        return f"{self.tokens} tok{speed}"

    def ending(self) -> str:
        """Why it is over, where that needs saying."""
        if self.stopped_by is None:
            return ""
        return ENDINGS[self.stopped_by] or ("" if self.text.strip() else "an empty reply")


@dataclass(eq=False)
class Exchange:
    """One message of the user and the replies to it.

    Attributes:
        asked: who was asked, in the order in which they answer.
        tries: how often it was answered: 2 after one "again".
        notes: what the worker had to say about it.
    """

    user: str
    replies: dict[Who, Reply] = field(default_factory=dict)
    asked: tuple[Who, ...] = ()
    tries: int = 1
    notes: list[str] = field(default_factory=list)

    @property
    def chosen(self) -> Reply | None:
        """The reply that the talk goes on with: as `transcript.Turn.answer`, but a corrected one before all."""
        replies = [reply for reply in self.replies.values() if reply.final]
        return max(
            replies, key=lambda one: (one.corrected is not None, one.stopped_by != "error", one.who == "adapted"),
            default=None,
        )  # fmt: skip

    def seen(self, mode: Mode) -> Reply | None:
        """The reply that one who sees the talk in a mode means by "the reply"."""
        return (None if mode == "both" else self.replies.get(mode)) or self.chosen

    @property
    def waiting(self) -> tuple[Who, ...]:
        """Who was asked and has not begun to answer."""
        return tuple(who for who in self.asked if who not in self.replies)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The exchange as the model reads it later; () if nothing was answered."""
        if self.chosen is None:
            return ()
        return Message("user", self.user), Message("assistant", self.chosen.final)

    def took(self, event: Event) -> Reply | None:
        """Take what happened; return the reply that it changed."""
        match event:
            case Began(who=who):
                self.replies[who] = Reply(who)
                return self.replies[who]
            case Piece(text=text):
                if (reply := self.writing) is not None:
                    reply.text += text
                return reply
            case Ended(who=who):
                reply = self.replies.setdefault(who, Reply(who))
                reply.stopped_by, reply.seconds, reply.tokens = event.stopped_by, event.seconds, event.tokens
                return reply
            case _:
                return None

    @property
    def writing(self) -> Reply | None:
        """The reply that is being written."""
        return next((reply for reply in self.replies.values() if reply.stopped_by is None), None)

    def broke_off(self) -> list[Reply]:
        """End what is being written: the model is gone. What came stays; return what was ended."""
        ended = [reply for reply in self.replies.values() if reply.stopped_by is None]
        for reply in ended:
            reply.stopped_by = "error"
        return ended


@dataclass
class Talk:
    """A whole talk."""

    exchanges: list[Exchange] = field(default_factory=list)

    def begin(self, text: str) -> Exchange:
        """Add what the user says."""
        exchange = Exchange(text)
        self.exchanges.append(exchange)
        return exchange

    def drop(self, exchange: Exchange) -> None:
        """Take an exchange out."""
        self.exchanges.remove(exchange)

    def cut(self, exchange: Exchange) -> int:
        """Take an exchange and all after it out; return how many those were."""
        at = self.exchanges.index(exchange)
        after = len(self.exchanges) - at
        del self.exchanges[at:]
        return after

    def history(self, before: Exchange | None = None) -> tuple[Message, ...]:
        """What the model reads, without the system message.

        Args:
            before: only what came before this exchange; default everything.
        """
        at = len(self.exchanges) if before is None else self.exchanges.index(before)
        return tuple(message for exchange in self.exchanges[:at] for message in exchange.messages)


def from_turns(turns: Iterable[Turn]) -> list[Exchange]:
    """Make exchanges of what a transcript holds; what was said by nobody we know is left out."""
    exchanges = []
    for turn in turns:
        replies = [reply for said in turn.replies if (reply := _reply(said))]
        exchanges.append(Exchange(turn.user, {reply.who: reply for reply in replies}))
    return [exchange for exchange in exchanges if exchange.chosen]


def _reply(said: Said) -> Reply | None:
    if said.who not in get_args(Who):
        return None
    stopped_by = said.stopped_by if said.stopped_by in get_args(StoppedBy) else "stop"
    return Reply(cast("Who", said.who), said.text, said.tokens or 0, said.seconds, cast("StoppedBy", stopped_by))
