"""A worker process that one talks with by lines: started, written to, heard out, ended, and told of when it dies.

Its stdin and stdout are ours; everything else it prints goes to a log. It reads until its stdin ends, and leaves then.
"""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from chatforge.errors import UserError
from chatforge.runs.launch import environment

SHOWN_LINES = 8
"""How many lines of a dead worker's log an error shows."""


Message = TypeVar("Message")


class Pipe(Generic[Message]):
    """One worker process and the pipe to it.

    Args:
        arguments: what Python is to run: `-m MODULE` or a file, and the arguments.
        log: file that takes everything the worker prints; appended to, made with its folder when missing.
        read: makes a message of a line; None for what is none, which is left out.
        name: the worker in words ("the process with the model"); hint: what to do when it has died.

    Raises:
        OSError: the log cannot be written or the process cannot be started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        log: Path,
        read: Callable[[bytes], Message | None],
        *,
        name: str,
        hint: str,
    ) -> None:
        self.log, self._name, self._hint = log, name, hint
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            self._log_from = file.tell()
            # A session of its own: Ctrl-C in the terminal is for the interface, which then asks for a stop.
            # -P keeps the user's folder off Python's path: a `random.py` lying there would be taken for Python's own.
            self._process = subprocess.Popen(
                [sys.executable, "-P", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=environment(os.environ),
                bufsize=0,
                start_new_session=True,
            )
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._listen, args=(read,), daemon=True, name="pipe")
        self._reader.start()

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def write(self, line: bytes) -> None:
        """Send a line. Can be called from a signal handler: one write, no lock.

        Raises:
            UserError: the worker is dead.
        """
        assert self._process.stdin  # noqa: S101 (it is a pipe)
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[os.write(self._process.stdin.fileno(), rest) :]
        except (BrokenPipeError, ValueError):  # ValueError: closed by us
            raise self.death() from None

    def receive(self) -> Message:
        """Wait for the next message.

        Raises:
            UserError: the worker is dead; says why as far as its log knows.
        """
        message = self._messages.get()
        if message is None:
            self._messages.put(None)  # whoever asks again hears the same
            raise self.death()
        return message

    def close(self, grace_seconds: float) -> None:
        """End the worker: its stdin ends, and after `grace_seconds` it is killed."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()

    def death(self) -> UserError:
        """Return what to tell the user about a worker that has ended."""
        code = self._process.wait()
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        said = self._log_end()
        return UserError(
            f"{self._name} has ended ({how})" + (f"; it said last:\n{said}" if said else ""),
            hint=f"{self._hint}; if it ends again, the whole log is in {self.log}"
            + ("; signal 9 often means that memory ran out: close other programs" if code == -9 else ""),
        )

    def _listen(self, read: Callable[[bytes], Message | None]) -> None:
        assert self._process.stdout  # noqa: S101 (it is a pipe)
        # Read through a buffer of its own: the pipe itself is unbuffered and would be read byte by byte.
        with os.fdopen(os.dup(self._process.stdout.fileno()), "rb") as lines:
            for line in lines:
                if (message := read(line)) is not None:
                    self._messages.put(message)
        self._messages.put(None)

    def _log_end(self) -> str:
        with self.log.open("rb") as file:
            file.seek(self._log_from)
            lines = file.read().decode("utf-8", "replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-SHOWN_LINES:])
