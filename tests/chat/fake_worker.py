"""The real chat worker with a made-up model, so that a test need not wait for torch. Run as a program.

Messages that mean something to it: "endless" (a reply that only a stop ends), "fail", "die", "escape".
"""

import os
import signal
import sys
from collections.abc import Callable, Generator, Sequence

from chatforge.chat.protocol import Ready, StoppedBy, Who
from chatforge.chat.session import Session
from chatforge.chat.transcript import FileTranscript
from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError
from chatforge.workers import chat


class Echo:
    """Says back what it hears."""

    context, reserved = 400, 100

    def count(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content) for message in messages)

    def reply(
        self, who: Who, messages: Sequence[Message], should_stop: Callable[[], bool]
    ) -> Generator[str, None, StoppedBy]:
        text = messages[-1].content
        if text == "fail":
            raise MemoryError("no room")
        if text == "die":
            os.write(2, b"last words\n")
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "escape":
            yield "\x1b[31mred\x07"
            return "stop"
        yield f" {messages[0].content}:"
        while text == "endless" and not should_stop():
            yield " on"
        yield f" {text}"
        return "asked" if text == "endless" else "stop"


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
    transcript = FileTranscript(path / "transcripts", {"model": path.name})
    system = asked.system or f"t={asked.temperature} n={asked.max_new_tokens}"
    session = Session(Echo(), system=system, mode=modes[0], modes=modes, transcript=transcript, meta={})
    note = "switching reloads the model" if asked.run else None
    return session, Ready(0, path.name, modes[0], modes, system, 400, note, str(transcript.path))


chat.open_session = open_session
sys.exit(chat.main())
