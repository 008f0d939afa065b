"""The screens' end of the data worker: conversations go in, what the model gets of them comes out. Light."""

import contextlib
import json
import queue
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from chatforge.dialogues.checks.truncation import Example
from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError
from chatforge.runs.pipe import Pipe

PROGRAM = ("-m", "chatforge.workers.data")


@dataclass(frozen=True)
class Answer:
    """What the worker said of one conversation.

    Attributes:
        id: as it was asked. pieces: (text, "learned" | "template" | "context"), empty when only lengths were asked for.
        tokens: of the whole. learned: tokens that the loss counts. cut: index of the first piece that is cut off.
        note: what should be known besides. problem: why it cannot be rendered; "" if it can.
        examples: of what was measured and is longer than the limit; see `dialogues.checks.truncation`.
    """

    id: str
    pieces: tuple[tuple[str, str], ...] = ()
    tokens: int = 0
    learned: int = 0
    cut: int | None = None
    note: str = ""
    problem: str = ""
    examples: tuple[Example, ...] = ()

    @classmethod
    def read(cls, line: bytes) -> Self | None:
        """Read a line of the worker; None if it is none of its answers."""
        try:
            values = json.loads(line)
            pieces = tuple((str(text), str(kind)) for text, kind in values.get("pieces", ()))
            known = {name: values[name] for name in ("tokens", "learned", "cut", "note", "problem") if name in values}
            examples = tuple((int(length), tuple(map(int, ends))) for length, ends in values.get("examples", ()))
            return cls(str(values["id"]), pieces, **known, examples=examples)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


@dataclass(frozen=True)
class Ended:
    """The worker is gone; `why` says how it came to that."""

    why: str


class DataClient:
    """A data worker and two threads, so that neither asking nor waiting for answers holds anybody up.

    Args:
        model: folder of the base. system: message put before conversations that have none.
        max_length: tokens after which a conversation is cut.
        hear: gets every Answer and at last one Ended; called from a thread of the client's own.
        program: what Python is to run: the worker.

    Raises:
        OSError: the process cannot be started.
    """

    def __init__(
        self,
        model: Path,
        system: str,
        max_length: int,
        hear: Callable[[Answer | Ended], object],
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._hear = hear
        self._closed = False
        self._asked: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._scratch = tempfile.TemporaryDirectory(prefix="chatforge-data-")
        self._pipe: Pipe[Answer] = Pipe(
            [*program, str(model), "--system", system, "--max-length", str(max_length)],
            Path(self._scratch.name, "worker.log"),
            Answer.read,
            name="the process that counts tokens",
            hint="r starts it again",
        )
        self._writer = threading.Thread(target=self._write, daemon=True, name="data-write")
        self._reader = threading.Thread(target=self._read, daemon=True, name="data-read")
        self._writer.start()
        self._reader.start()

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._pipe.pid

    def ask(self, name: str, messages: Sequence[Message], *, pieces: bool = True) -> None:
        """Ask for one conversation; never waits. Without `pieces` only the lengths come back."""
        said = [{"role": m.role, "content": m.content} for m in messages]
        self._send({"id": name, "messages": said, "pieces": pieces})

    def measure(self, name: str, messages: Sequence[Message]) -> None:
        """Ask how long a conversation is, which is faster than all there is to know of it; never waits."""
        said = [{"role": m.role, "content": m.content} for m in messages]
        self._send({"id": name, "messages": said, "measure": True})

    def ask_outcome(self) -> None:
        """Ask how this base's template turns conversations into examples; the answer's id is "outcome"."""
        self._send({"outcome": True})

    def settle(self, system: str, max_length: int) -> None:
        """From the next conversation on, render with these."""
        self._send({"system": system, "max_length": max_length})

    def close(self) -> None:
        """End the worker. Nothing is lost with it."""
        self._closed = True
        self._asked.put(None)
        self._pipe.close(0)
        self._reader.join()
        self._writer.join()
        self._scratch.cleanup()

    def _send(self, values: dict[str, Any]) -> None:
        self._asked.put(json.dumps(values).encode() + b"\n")

    def _write(self) -> None:
        """Hand over what is asked; a pipe that is full blocks this thread and no other."""
        with contextlib.suppress(UserError):  # it is dead: the reader knows and says so
            while (line := self._asked.get()) is not None:
                self._pipe.write(line)

    def _read(self) -> None:
        try:
            while not self._closed:
                self._hear(self._pipe.receive())
        except UserError as error:
            if not self._closed:
                self._hear(Ended(error.problems[0].what))
