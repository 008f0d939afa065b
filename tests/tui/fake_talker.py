"""The real chat worker with a made-up model: base and adapted answer differently. Run as a program.

Messages that mean something to it: "endless" (only a stop ends it), "die", "fail", "long" (cut at its longest length),
"empty"; "say TEXT" is answered with TEXT, in pieces of three characters.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from chatforge.chat.engine import Ending
from chatforge.chat.protocol import Mode, Ready, Who
from chatforge.chat.session import Session
from chatforge.chat.settings import Settings
from chatforge.chat.transcript import FileTranscript, NoTranscript, Transcript
from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError
from chatforge.workers import chat


class Parrot:
    """Says who it is and what it heard."""

    context, reserved = 100_000, 100

    def __init__(self) -> None:
        self.settings = Settings()
        self._replies = 0

    def count(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content) for message in messages)

    def reply(
        self, who: Who, messages: Sequence[Message], should_stop: Callable[[], bool]
    ) -> Generator[str, None, Ending]:
        text = messages[-1].content
        self._replies += 1
        if text == "fail":
            raise MemoryError("no room")
        if text.startswith("say "):
            said = text.removeprefix("say ")
            for at in range(0, len(said), 3):
                yield said[at : at + 3]
            return Ending("stop", len(said))
        if text == "empty":
            return Ending("stop", 0)
        yield f" I am the {who} one,"
        if text == "die":
            os.write(2, b"last words of the model\n")
            time.sleep(0.2)
            os.kill(os.getpid(), signal.SIGKILL)
        while text == "endless" and not should_stop():
            yield " on"
            time.sleep(0.1)
        if text == "endless":
            return Ending("asked", 9)
        turns = sum(message.role == "user" for message in messages)
        yield f" you said: {text} (turn {turns}, answer {self._replies})"
        return Ending("length" if text == "long" else "stop", 12)


def open_session(asked: chat.Asked) -> tuple[Session, Ready]:
    """Open a talk with the parrot. A file `gone` in the home: the weights are not there; `slow`: not before it goes."""
    home = Path(os.environ["CHATFORGE_HOME"])
    while (home / "slow").exists():
        time.sleep(0.02)
    if (home / "gone").exists():
        raise UserError("the weights of the base are gone", hint="fetch them with `chatforge models fetch tiny`")
    modes: tuple[Mode, ...] = ("adapted", "base", "both") if asked.run else ("base",)
    transcript: Transcript = NoTranscript()
    if asked.run:
        transcript = FileTranscript(asked.run / "transcripts", {"model": asked.run.name, "system": "You help."})
    name = (asked.run or asked.base or Path()).name
    system = asked.system or "You help."
    session = Session(Parrot(), system=system, mode=modes[0], modes=modes, transcript=transcript, meta={})
    path = str(transcript.path) if transcript.path else None
    return session, Ready(0, name, modes[0], modes, system, 100_000, None, path)


chat.open_session = open_session
sys.exit(chat.main())
