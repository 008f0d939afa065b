"""A talk: history, system message, who answers, and what the model can still see of it.

    exchanges   1  2  3  4  5          all are kept for /save
    window            [3  4  5]  + system + your message + room for the reply  <=  context
                 oldest leave first, with a note

In `both` mode the base and the adapted model answer the same history, and it goes on with the adapted one's reply.
"""

import json
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatforge.chat.engine import Engine
from chatforge.chat.protocol import Began, Ended, Event, Mode, Note, Piece, StoppedBy, Who
from chatforge.chat.transcript import Transcript
from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError

_ENDINGS: dict[StoppedBy, str] = {
    "length": "the reply reached its longest length; --max-new-tokens allows more",
    "loop": "the reply began to repeat itself and was stopped; /reset begins afresh",
}


@dataclass
class Exchange:
    """One message of the user and what was answered to it; `answers` is in the order in which they came."""

    user: str
    answers: dict[Who, str] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """The reply that the history goes on with; "" if nothing came."""
        return self.answers.get("adapted") or self.answers.get("base") or ""

    @property
    def messages(self) -> tuple[Message, Message]:
        """The exchange as the model reads it later."""
        return Message("user", self.user), Message("assistant", self.answer)


class Session:
    """One talk with one engine.

    Args:
        engine: who answers.
        system: the system message; "" for none.
        mode: who is asked, until `mode` is set.
        modes: who can be asked.
        transcript: where everything is kept as it happens.
        meta: what a saved conversation says about its origin.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        system: str,
        mode: Mode,
        modes: tuple[Mode, ...],
        transcript: Transcript,
        meta: dict[str, Any],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engine = engine
        self.system = system
        self.mode: Mode = mode
        self.modes = modes
        self.exchanges: list[Exchange] = []
        self._window = 0  # index of the first exchange that the model still sees
        self._transcript = transcript
        self._meta = meta
        self._clock = clock

    def set_mode(self, mode: Mode) -> None:
        """Choose who answers from now on.

        Raises:
            UserError: there is no such model here.
        """
        if mode not in self.modes:
            raise UserError(f"there is no `{mode}` here", hint="chat with a run: `chatforge chat RUN`")
        self.mode = mode
        self._transcript.write("mode", mode=mode)

    def set_system(self, text: str) -> None:
        """Change the system message; the history stays."""
        self.system = _clean(text).strip()
        self._transcript.write("system", text=self.system)

    def reset(self) -> None:
        """Forget the history."""
        self.exchanges.clear()
        self._window = 0
        self._transcript.write("reset")

    def say(self, number: int, text: str, should_stop: Callable[[], bool]) -> Iterator[Event]:
        """Answer a message; every event carries `number`.

        What has come when `should_stop` turns true is kept. In `both` mode it also ends the reply not yet begun.

        Raises:
            UserError: the message is empty, or alone too long for the model; nothing has changed then.
        """
        text = _clean(text).strip()
        if not text:
            raise UserError("the message is empty")
        self._transcript.write("user", text=text)
        yield from (self._note(number, note) for note in self._make_room(text))
        history = [*self._seen(), Message("user", text)]
        exchange = Exchange(text)
        self.exchanges.append(exchange)
        try:
            asked: tuple[Who, ...] = ("base", "adapted") if self.mode == "both" else (self.mode,)
            for who in asked:
                if exchange.answers and should_stop():
                    break
                exchange.answers[who] = yield from self._reply(number, who, history, should_stop)
        finally:
            empty = not exchange.answer
            if empty:
                self.exchanges.remove(exchange)
        if empty:
            yield self._note(number, "nothing was answered; the history goes on without this message")

    def save(self, path: Path) -> int:
        """Write the talk since the last reset to a new file: one line of `messages` JSONL, which can be trained on.

        In `both` mode the replies that the history did not go on with stand in `meta.other_answers`, by the index of
        the message they stand beside. Returns the number of messages.

        Raises:
            UserError: nothing was said yet; the file exists; it cannot be written.
        """
        if not self.exchanges:
            raise UserError("there is nothing to save yet")
        line = json.dumps(self._as_conversation(), ensure_ascii=False) + "\n"
        try:
            with path.open("xb") as file:
                file.write(line.encode())
        except FileExistsError:
            raise UserError("this file exists already", file=path, hint="choose another name") from None
        except OSError as error:
            raise UserError(f"the file cannot be written: {error.strerror}", file=path) from error
        return 2 * len(self.exchanges) + bool(self.system)

    def _reply(
        self, number: int, who: Who, history: list[Message], should_stop: Callable[[], bool]
    ) -> Generator[Event, None, str]:
        """Stream one reply; its partial text reaches the transcript whatever happens."""
        yield Began(number, who)
        began, pieces = self._clock(), list[str]()
        stopped_by: StoppedBy = "error"
        replies = self.engine.reply(who, history, should_stop)
        try:
            while True:
                piece = next(replies)
                pieces.append(piece)
                yield Piece(number, piece)
        except StopIteration as end:
            stopped_by = end.value
        except GeneratorExit:  # nobody listens any more
            stopped_by = "asked"
            raise
        finally:
            replies.close()
            seconds, text = round(self._clock() - began, 3), "".join(pieces)
            self._transcript.write("assistant", who=who, text=text, stopped_by=stopped_by, seconds=seconds)
        yield Ended(number, who, stopped_by, seconds)
        if stopped_by in _ENDINGS:
            yield self._note(number, _ENDINGS[stopped_by])
        return text.strip()

    def _seen(self) -> list[Message]:
        """System message and the exchanges in the window."""
        talk = [message for exchange in self.exchanges[self._window :] for message in exchange.messages]
        return [Message("system", self.system), *talk] if self.system else talk

    def _make_room(self, text: str) -> list[str]:
        """Move the window until the message and a reply fit; return what to tell the user."""
        room = self.engine.context - self.engine.reserved
        before = self._window
        user = Message("user", text)
        while (tokens := self.engine.count([*self._seen(), user])) > room:
            if self._window == len(self.exchanges):
                self._window = before
                raise UserError(
                    f"the message is too long: with the system message it takes {tokens} tokens, and the model has "
                    f"room for {room} ({self.engine.context}, less {self.engine.reserved} kept for the reply)",
                    hint="shorten it, or the system message with /system, or the reply with --max-new-tokens",
                )
            self._window += 1
        left = self._window - before
        if not left:
            return []
        told = "the oldest exchange has" if left == 1 else f"the {left} oldest exchanges have"
        return [f"{told} left the model's view: it reads {self.engine.context} tokens at most"]

    def _note(self, number: int, text: str) -> Note:
        self._transcript.write("note", text=text)
        return Note(number, text)

    def _as_conversation(self) -> dict[str, Any]:
        head = [Message("system", self.system)] if self.system else []
        messages = head + [message for exchange in self.exchanges for message in exchange.messages]
        others = [
            {"message": len(head) + 2 * i + 1, "who": who, "content": text}
            for i, exchange in enumerate(self.exchanges)
            for who, text in exchange.answers.items()
            if text and text != exchange.answer
        ]
        meta = self._meta | ({"other_answers": others} if others else {})
        return {"messages": [{"role": m.role, "content": m.content} for m in messages], "meta": meta}


def _clean(text: str) -> str:
    """Replace half characters (lone surrogates, from a terminal of another encoding), which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode()
