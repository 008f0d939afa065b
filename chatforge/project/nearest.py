"""Ask which training conversations are closest to a reply; the work is done by a process of its own. Light.

a chat ──ask──► Nearby ──starts when first asked, and again when dead──► Nearest ──pipe──► worker
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from chatforge.chat.nearest_protocol import NOT_THE_CAUSE, Ask, Compared, Failed, Found, Indexing, answer_from
from chatforge.chat.nearest_protocol import Answer as Said
from chatforge.errors import UserError
from chatforge.runs import wire
from chatforge.runs.folder import RunFolder
from chatforge.runs.pipe import Pipe

__all__ = ["NOT_THE_CAUSE", "Answer", "Near", "Nearby", "Nearest", "Start"]

PROGRAM = ("-m", "chatforge.workers.nearest")

Progress = Callable[[int, int], None]
"""Called with (replies read, replies in all)."""


@dataclass(frozen=True)
class Near:
    """A training conversation that is close to a reply.

    Attributes:
        score: likeness of the closest exchange in it, at most 1 (cosine).
        file, line: where the conversation stands.
        user, reply: that exchange; turn: its number in the conversation, from 1.
    """

    score: float
    file: Path
    line: int
    user: str
    reply: str
    turn: int = 1


@dataclass(frozen=True)
class Answer:
    """The closest ones, the closest first, out of `compared` training conversations; `note`: what limits this."""

    near: tuple[Near, ...]
    compared: int
    note: str | None = None


class Nearest:
    """A worker that knows a run's training conversations. Close it, or use it as a context manager.

    It begins to read them at once; the first answer waits for that. Several threads may ask.

    Args:
        run: whose training conversations.
        on_progress: called with (replies read, replies in all) while the first answer waits, in its thread.
        program: what Python is to run: the worker.

    Raises:
        OSError: the log cannot be written or the process cannot be started.
    """

    def __init__(
        self,
        run: RunFolder,
        on_progress: Progress | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._on_progress = on_progress
        self._pipe: Pipe[Said] = Pipe(
            [*program, str(run.path.absolute())],
            run.log("nearest"),
            answer_from,
            name="the process that compares with the training conversations",
            hint="ask again",
        )
        self._lock = threading.Lock()
        self._number = 0
        self._compared: Compared | None = None
        self._failed: Failed | None = None

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._pipe.pid

    def ask(self, text: str, context: str = "") -> Answer:
        """Wait for the training conversations closest to a reply.

        Args:
            text: the reply. context: the user's message that it answers.

        Raises:
            UserError: there is nothing to compare with; the worker is dead.
        """
        with self._lock:
            compared = self._ready()
            self._number += 1
            self._pipe.write(wire.to_line(Ask(self._number, text, context)))
            # An answer with another number belongs to a question that nobody waited for.
            while (said := self._pipe.receive()).id != self._number:
                pass
        if isinstance(said, Failed):
            raise UserError(said.what)
        assert isinstance(said, Found)  # noqa: S101 (nothing else has this number)
        near = tuple(Near(**{**one, "file": Path(one["file"])}) for one in said.near)
        return Answer(near, compared.conversations, compared.note)

    def close(self) -> None:
        """End the worker."""
        self._pipe.close(grace_seconds=0)  # nothing can be lost: what it keeps, it writes whole or not at all

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ready(self) -> Compared:
        """Wait until everything is read."""
        while self._compared is None:
            if self._failed:
                raise UserError(self._failed.what)
            match self._pipe.receive():
                case Indexing(done=done, total=total):
                    if self._on_progress:
                        self._on_progress(done, total)
                case Compared() as compared:
                    self._compared = compared
                case Failed() as failed:
                    self._failed = failed
        return self._compared


Start = Callable[[RunFolder, Progress], Nearest]
"""Makes the client of a run, which tells how far the first answer is."""


class Nearby:
    """Asks about one run, from any thread; the worker starts with the first question.

    Args:
        run: whose training conversations. start: makes the client.
    """

    def __init__(self, run: RunFolder, start: Start = Nearest) -> None:
        self.run = run
        self._start = start
        self._nearest: Nearest | None = None
        self._closed = False
        self._lock = threading.Lock()

    def ask(self, text: str, context: str, on_progress: Progress) -> Answer:
        """Wait for an answer; a worker that is dead is started again by the next question.

        Raises:
            UserError: there is none.
        """
        try:
            with self._lock:
                if self._closed:
                    raise UserError("closed")
                nearest = self._nearest = self._nearest or self._start(self.run, on_progress)
            return nearest.ask(text, context)
        except OSError as error:
            raise UserError(f"cannot be compared: {error.strerror}") from error
        except UserError:
            self.forget()
            raise

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            self._closed = True
        self.forget()

    def forget(self) -> None:
        """End the worker that is there; the next question starts another one."""
        with self._lock:
            nearest, self._nearest = self._nearest, None
        if nearest is not None:
            nearest.close()
