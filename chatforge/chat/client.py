"""The interface's end of a chat: starts the worker, sends commands, hands out events. Light."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chatforge.chat.protocol import Done, Event, Failed, Ready, Stop, event_from, to_line
from chatforge.errors import UserError
from chatforge.runs.pipe import Pipe

PROGRAM = ("-m", "chatforge.workers.chat")

GRACE_SECONDS = 3.0
"""How long a worker may take to end by itself when the chat is closed."""


class ChatClient:
    """A chat worker and the pipe to it. Close it, or use it as a context manager: then the worker ends.

    Args:
        arguments: the worker's command line: RUN, or --base PATH --system TEXT.
        log: file that takes everything the worker prints; appended to, made with its folder when missing.
        program: what Python is to run: the worker.

    Raises:
        OSError: the log cannot be written or the process cannot be started.
    """

    def __init__(self, arguments: Sequence[str], log: Path, program: Sequence[str] = PROGRAM) -> None:
        self._pipe: Pipe[Event] = Pipe(
            [*program, *arguments],
            log,
            event_from,
            name="the process with the model",
            hint="start the chat again",
        )
        self._number = 0
        self._loaded = False

    @property
    def log(self) -> Path:
        """File of what the worker prints."""
        return self._pipe.log

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._pipe.pid

    def ready(self) -> Ready:
        """Wait until the model is loaded.

        Raises:
            UserError: it cannot be loaded, or the worker died.
        """
        while not isinstance(event := self.receive(), Ready):
            if isinstance(event, Failed):
                self._loaded = True  # it is leaving by itself
                raise UserError(event.what)
        self._loaded = True
        return event

    def send(self, kind: type[Any], *values: Any) -> int:
        """Send a command, such as `send(Say, "Hello")`; return its number.

        Raises:
            UserError: the worker is dead.
        """
        self._number += 1
        self._pipe.write(to_line(kind(self._number, *values)))
        return self._number

    def stop(self) -> None:
        """End the reply to the last command. Can be called from a signal handler: one write, no lock."""
        self._pipe.write(to_line(Stop(self._number)))

    def receive(self) -> Event:
        """Wait for the next event.

        Raises:
            UserError: the worker is dead; says why as far as its log knows.
        """
        return self._pipe.receive()

    def events(self, number: int) -> Iterator[Event]:
        """Yield the events of a command until it is done.

        Raises:
            UserError: the worker died.
        """
        while (event := self.receive()) != Done(number):
            if event.id == number:
                yield event

    def close(self) -> None:
        """End the worker; a reply that is being written is cut, and what came of it is kept."""
        # Before the model is loaded there is nothing to lose, and it would not hear us.
        self._pipe.close(GRACE_SECONDS if self._loaded else 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
