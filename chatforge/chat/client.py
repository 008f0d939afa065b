"""The interface's end of a chat: starts the worker, sends commands, hands out events. Light."""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chatforge.chat.protocol import Command, Done, Event, Failed, Ready, Stop, event_from, to_line
from chatforge.errors import UserError
from chatforge.runs.launch import environment

PROGRAM = ("-m", "chatforge.workers.chat")

SHOWN_LINES = 8
"""How many lines of a dead worker's log an error shows."""

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
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            self._log_from = file.tell()
            # A session of its own: Ctrl-C in the terminal is for the interface, which then asks for a stop.
            self._process = subprocess.Popen(
                [sys.executable, *program, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=environment(os.environ),
                bufsize=0,
                start_new_session=True,
            )
        self._number = 0
        self._loaded = False
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True, name="chat-events")
        self._reader.start()

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

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

    def send(self, kind: type[Any], *values: str) -> int:
        """Send a command, such as `send(Say, "Hello")`; return its number.

        Raises:
            UserError: the worker is dead.
        """
        self._number += 1
        self._write(kind(self._number, *values))
        return self._number

    def stop(self) -> None:
        """End the reply to the last command. Can be called from a signal handler: one write, no lock."""
        self._write(Stop(self._number))

    def receive(self) -> Event:
        """Wait for the next event.

        Raises:
            UserError: the worker is dead; says why as far as its log knows.
        """
        event = self._events.get()
        if event is None:
            self._events.put(None)  # whoever asks again hears the same
            raise self._death()
        return event

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
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            # Before the model is loaded there is nothing to lose, and it would not hear us.
            self._process.wait(GRACE_SECONDS if self._loaded else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, command: Command) -> None:
        assert self._process.stdin  # noqa: S101 (it is a pipe)
        line = memoryview(to_line(command))
        try:
            while line:
                line = line[os.write(self._process.stdin.fileno(), line) :]
        except BrokenPipeError:
            raise self._death() from None

    def _read(self) -> None:
        assert self._process.stdout  # noqa: S101 (it is a pipe)
        # Read through a buffer of its own: the pipe itself is unbuffered and would be read byte by byte.
        with os.fdopen(os.dup(self._process.stdout.fileno()), "rb") as lines:
            for line in lines:
                if event := event_from(line):
                    self._events.put(event)
        self._events.put(None)

    def _death(self) -> UserError:
        code = self._process.wait()
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        said = self._log_end()
        return UserError(
            f"the process with the model has ended ({how})" + (f"; it said last:\n{said}" if said else ""),
            hint=f"start the chat again; if it ends again, the whole log is in {self.log}"
            + ("; signal 9 often means that memory ran out: close other programs" if code == -9 else ""),
        )

    def _log_end(self) -> str:
        with self.log.open("rb") as file:
            file.seek(self._log_from)
            lines = file.read().decode("utf-8", "replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-SHOWN_LINES:])
