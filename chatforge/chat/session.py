"""A talk: history, system message, who answers, and what the model can still see of it.

    exchanges   1  2  3  4  5          all are kept for /save
    window            [3  4  5]  + system + your message + room for the reply  <=  context
                 oldest leave first, with a note

In `both` mode the base and the adapted model answer the same history, and it goes on with the adapted one's reply.
"""

import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chatforge.chat.engine import Ending, Engine
from chatforge.chat.history import Exchange, clean, conversation, read_messages
from chatforge.chat.protocol import Began, Ended, Event, Mode, Note, Piece, StoppedBy, Who
from chatforge.chat.transcript import Transcript
from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError

_ENDINGS: dict[StoppedBy, str] = {
    "length": "the reply reached its longest length; the sampling settings allow more tokens",
    "loop": "the reply began to repeat itself and was stopped; a new conversation, or a higher temperature, may help",
}


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
        self._unanswered: str | None = None  # the last message, if nothing came
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
        self.system = clean(text)
        self._transcript.write("system", text=self.system)

    def set_sampling(self, temperature: float, top_p: float, max_new_tokens: int) -> None:
        """Choose how replies are drawn from now on.

        Raises:
            UserError: a value is out of bounds; nothing has changed then.
        """
        self.engine.settings = self.engine.settings.sampled(temperature, top_p, max_new_tokens)
        self._transcript.write("sampling", temperature=temperature, top_p=top_p, max_new_tokens=max_new_tokens)

    def restore(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Replace the history by these {"role", "content"} rows; a system message in them becomes the system message.

        Raises:
            UserError: they are no history; nothing has changed then.
        """
        system, exchanges = read_messages(messages, "adapted" if "adapted" in self.modes else "base")
        self.system = self.system if system is None else system
        self.exchanges[:] = exchanges
        self._window, self._unanswered = 0, None
        rows = [{"role": m.role, "content": m.content} for exchange in exchanges for m in exchange.messages]
        self._transcript.write("restore", system=self.system, messages=rows)

    def reset(self) -> None:
        """Forget the history."""
        self.exchanges.clear()
        self._window, self._unanswered = 0, None
        self._transcript.write("reset")

    def say(self, number: int, text: str, should_stop: Callable[[], bool]) -> Iterator[Event]:
        """Answer a message; every event carries `number`.

        What has come when `should_stop` turns true is kept. In `both` mode it also ends the reply not yet begun.

        Raises:
            UserError: the message is empty, or alone too long for the model; nothing has changed then.
        """
        text = clean(text)
        if not text:
            raise UserError("the message is empty")
        self._transcript.write("user", text=text)
        self._unanswered = text
        if (yield from self._answer(number, text, should_stop)):
            self._unanswered = None
        else:
            yield self._note(number, "nothing was answered; the history goes on without this message")

    def again(self, number: int, should_stop: Callable[[], bool]) -> Iterator[Event]:
        """Answer the last message again, by whoever is asked now; the replies to it are dropped unless nothing comes.

        Raises:
            UserError: there is no message yet.
        """
        if self._unanswered is not None:
            yield from self.say(number, self._unanswered, should_stop)
            return
        if not self.exchanges:
            raise UserError("there is no reply yet that could be written again")
        before = self.exchanges.pop()
        others = len(self.exchanges)
        self._transcript.write("again")
        try:
            yield from self._answer(number, before.user, should_stop)
        finally:
            if len(self.exchanges) == others:
                self.exchanges.append(before)
        now = self.exchanges[-1]
        if now is before:
            yield self._note(number, "nothing was answered; the reply before stays")
        elif self.engine.settings.temperature == 0 and now.answers.items() <= before.answers.items():
            yield self._note(
                number, "the same reply came: at temperature 0 the likeliest token is always taken; a higher one draws"
            )

    def save(self, path: Path) -> int:
        """Write the talk since the last reset to a new file: one line of `messages` JSONL, which can be trained on.

        Returns the number of messages.

        Raises:
            UserError: nothing was said yet; the file exists; it cannot be written.
        """
        if not self.exchanges:
            raise UserError("there is nothing to save yet")
        line = json.dumps(conversation(self.system, self.exchanges, self._meta), ensure_ascii=False) + "\n"
        try:
            with path.open("xb") as file:
                file.write(line.encode())
        except FileExistsError:
            raise UserError("this file exists already", file=path, hint="choose another name") from None
        except OSError as error:
            raise UserError(f"the file cannot be written: {error.strerror}", file=path) from error
        return 2 * len(self.exchanges) + bool(self.system)

    def _answer(self, number: int, text: str, should_stop: Callable[[], bool]) -> Generator[Event, None, bool]:
        """Have a message answered; return whether anything came. If nothing did, it is not in the history."""
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
            if not exchange.answer:
                self.exchanges.pop()
        return bool(exchange.answer)

    def _reply(
        self, number: int, who: Who, history: list[Message], should_stop: Callable[[], bool]
    ) -> Generator[Event, None, str]:
        """Stream one reply; its partial text reaches the transcript whatever happens."""
        yield Began(number, who)
        began, pieces = self._clock(), list[str]()
        stopped_by: StoppedBy = "error"
        tokens: int | None = None  # not known of a reply that was broken off
        replies = self.engine.reply(who, history, should_stop)
        try:
            while True:
                piece = next(replies)
                pieces.append(piece)
                yield Piece(number, piece)
        except StopIteration as end:
            ending: Ending = end.value
            stopped_by, tokens = ending.stopped_by, ending.tokens
        except GeneratorExit:  # nobody listens any more
            stopped_by = "asked"
            raise
        finally:
            replies.close()
            seconds, text = round(self._clock() - began, 3), "".join(pieces)
            self._transcript.write(
                "assistant", who=who, text=text, stopped_by=stopped_by, seconds=seconds, tokens=tokens
            )
        yield Ended(number, who, stopped_by, seconds, tokens or 0)
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
                    hint="shorten it, or the system message, or allow shorter replies in the sampling settings",
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
