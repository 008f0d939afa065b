"""The real chat worker with a made-up model, so that a test need not wait for torch. Run as a program.

Messages that mean something to it: "endless" (a reply that only a stop ends), "fail", "die", "escape". Above
temperature 0 each reply also has its number.
"""

import os
import signal
import sys
from collections.abc import Callable, Generator, Sequence

from chatforge.chat.engine import Ending
from chatforge.chat.protocol import Ready, Who
from chatforge.chat.session import Session
from chatforge.chat.settings import Settings
from chatforge.chat.transcript import FileTranscript, NoTranscript
from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError
from chatforge.workers import chat


class Echo:
    """Says back what it hears."""

    context, reserved = 400, 100

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.replies = 0

    def count(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content) for message in messages)

    def reply(
        self, who: Who, messages: Sequence[Message], should_stop: Callable[[], bool]
    ) -> Generator[str, None, Ending]:
        text = messages[-1].content
        self.replies += 1
        if text == "fail":
            raise MemoryError("no room")
        if text == "die":
            os.write(2, b"last words\n")
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "escape":
            yield "\x1b[31mred\x07"
            return Ending("stop", 1)
        yield f" {messages[0].content}:"
        while text == "endless" and not should_stop():
            yield " on"
        yield f" {text}" + f" {self.replies}" * (self.settings.temperature > 0)
        return Ending("asked" if text == "endless" else "stop", 2)


def open_session(asked: chat.Asked) -> tuple[Session, Ready]:
    os.write(1, b"a native library prints\n")
    assert asked.run or asked.base
    path = asked.run or asked.base
    if path.name == "broken":
        raise UserError("no weights here", hint="fetch them")
    if path.name == "crash":
        os._exit(3)
    if path.name == "odd":
        raise RuntimeError("strange")
    while path.name == "slow":
        signal.pause()
    modes = ("adapted", "base", "both") if asked.run else ("base",)
    system = asked.system or f"t={asked.temperature} n={asked.max_new_tokens}"
    header = {"model": path.name, "system": system}
    transcript = FileTranscript(path / "transcripts", header) if asked.run else NoTranscript()
    settings = Settings()
    session = Session(Echo(settings), system=system, mode=modes[0], modes=modes, transcript=transcript, meta={})
    note = "switching reloads the model" if asked.run else None
    kept = str(transcript.path) if transcript.path else None
    return session, Ready(0, path.name, modes[0], modes, system, 400, note, kept)


chat.open_session = open_session
sys.exit(chat.main())
