"""The process that holds the model of a chat: `python -m chatforge.workers.chat RUN | --base PATH --system TEXT`.

Commands come on stdin, events leave on what fd 1 was at the start (see `chat.protocol`). Native libraries print on
fd 1 and 2 as they like, so both go to fd 2, which the interface has tied to a log file, before anything heavy is
imported. The end of stdin means that the interface is gone: the reply ends within a token and so does the process.
"""

import argparse
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chatforge import __version__
from chatforge.chat import settings as chat_settings
from chatforge.chat.protocol import (
    Again,
    Command,
    Done,
    Event,
    Failed,
    Mode,
    Note,
    Ready,
    Reset,
    Restore,
    Save,
    Say,
    SetMode,
    SetSampling,
    SetSystem,
    Stop,
    command_from,
    to_line,
)
from chatforge.chat.session import Session
from chatforge.chat.settings import Settings
from chatforge.chat.transcript import FileTranscript, NoTranscript, Transcript
from chatforge.errors import UserError
from chatforge.paths import expand
from chatforge.runs.folder import RunFolder
from chatforge.workers import quiet


@dataclass(frozen=True)
class Asked:
    """What the command line asks for: a run, or a base with a system message."""

    run: Path | None
    base: Path | None
    system: str
    max_new_tokens: int | None
    temperature: float | None


class Inbox:
    """Commands as they come, read by a thread of their own so that a stop is seen in the middle of a reply.

    Args:
        lines: JSON lines; their end means that nobody listens any more.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._stopped = 0  # commands up to this number are not to be gone on with
        self._closed = False
        self._thread = threading.Thread(target=self._read, args=(lines,), daemon=True, name="commands")
        self._thread.start()

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.get, None)

    def should_stop(self, number: int) -> bool:
        """Whether the reply to command `number` is to end now."""
        return self._closed or number <= self._stopped

    def _read(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            command = command_from(line)
            if isinstance(command, Stop):
                self._stopped = max(self._stopped, command.id)
            elif command is not None:
                self._commands.put(command)
        self._closed = True
        self._commands.put(None)


def main(arguments: list[str] | None = None) -> int:
    """Talk until stdin ends; return the exit code: 0, or 1 if the model could not be loaded."""
    asked = _parse(arguments)
    outlet = quiet.claim_fd_1()
    quiet.hush()
    quiet.close_network()

    def send(event: Event) -> None:
        outlet.write(to_line(event))

    # A file of its own on fd 0: `sys.stdin` is locked while it is read, and Python would die on that lock at its end.
    inbox = Inbox(os.fdopen(os.dup(0), "rb"))
    try:
        session, ready = open_session(asked)
    except Exception as error:  # a model can fail to load in any way: out of memory, a damaged file
        traceback.print_exc()
        what = str(error) if isinstance(error, UserError) else f"loading failed: {type(error).__name__}: {error}"
        send(Failed(0, what, fatal=True))
        return 1
    with suppress(BrokenPipeError):  # nobody is left to be told anything
        send(ready)
        serve(session, inbox, send)
    return 0


def serve(session: Session, inbox: Inbox, send: Callable[[Event], None]) -> None:
    """Do every command in turn. What goes wrong is told, and the talk goes on.

    Raises:
        BrokenPipeError: the interface is gone.
    """
    for command in inbox:
        try:
            with closing(obey(session, command, partial(inbox.should_stop, command.id))) as events:
                for event in events:
                    send(event)
        except BrokenPipeError:
            raise
        except UserError as error:
            send(Failed(command.id, str(error)))
        except Exception as error:  # a model can fail in any way: out of memory, a device gone
            traceback.print_exc()
            send(Failed(command.id, f"the reply failed: {type(error).__name__}: {error}"))
        send(Done(command.id))


def obey(session: Session, command: Command, should_stop: Callable[[], bool]) -> Generator[Event, None, None]:
    """Do one command, yielding what it brings.

    Raises:
        UserError: it cannot be done; the session is as it was.
    """
    match command:
        case Say(number, text):
            yield from session.say(number, text, should_stop)
        case Again(number):
            yield from session.again(number, should_stop)
        case SetMode(mode=mode):
            session.set_mode(mode)
        case SetSystem(text=text):
            session.set_system(text)
        case SetSampling(_, temperature, top_p, max_new_tokens):
            session.set_sampling(temperature, top_p, max_new_tokens)
        case Restore(messages=messages):
            session.restore(messages)
        case Reset():
            session.reset()
        case Save(number, path):
            count = session.save(expand(path))
            yield Note(number, f"{count} messages saved in {path}")


def open_session(asked: Asked) -> tuple[Session, Ready]:
    """Load what was asked for.

    Raises:
        UserError: it is not there, or cannot be loaded.
    """
    # Imported here, after fd 1 is out of the way: these libraries print while they are imported.
    from chatforge.adaptation.adapted import open_base, open_pair
    from chatforge.chat.transformers_engine import TransformersEngine

    modes: tuple[Mode, ...]
    transcript: Transcript
    if asked.run is not None:
        run = RunFolder(asked.run)
        name, modes = run.id, ("adapted", "base", "both")
        settings = chat_settings.from_lock(run.lock)
        pair = open_pair(run)
    else:
        assert asked.base is not None  # noqa: S101 (argparse has seen to it)
        name, modes = str(asked.base), ("base",)
        settings = Settings()
        pair = open_base(asked.base, asked.system)
    settings = settings.override(asked.max_new_tokens, asked.temperature)
    engine = TransformersEngine(pair, settings)
    system = asked.system or pair.renderer.system
    meta = {"source": "chat", "model": name}
    if asked.run is not None:
        header = {"model": name, "chatforge": __version__, "mode": modes[0], "system": system, **vars(settings)}
        transcript = FileTranscript(run.transcripts, header)
    else:
        transcript = NoTranscript()
    session = Session(engine, system=system, mode=modes[0], modes=modes, transcript=transcript, meta=meta)
    path = str(transcript.path) if transcript.path else None
    drawn = (settings.temperature, settings.top_p, settings.max_new_tokens)
    return session, Ready(0, name, modes[0], modes, system, engine.context, pair.note, path, *drawn)


def _parse(arguments: list[str] | None) -> Asked:
    parser = argparse.ArgumentParser(prog="python -m chatforge.workers.chat", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("run", nargs="?", type=Path, help="folder of a run")
    what.add_argument("--base", type=Path, help="folder of a model")
    parser.add_argument("--system", default="", help="system message in place of the run's")
    parser.add_argument("--max-new-tokens", type=int)
    parser.add_argument("--temperature", type=float)
    return Asked(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
