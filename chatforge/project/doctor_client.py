"""The screens' end of the doctor: files and a recipe go in, what is wrong with them comes out. Light."""

import json
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import AUTO
from chatforge.errors import UserError
from chatforge.project.diagnosis import Diagnosis
from chatforge.runs.pipe import Pipe

PROGRAM = ("-m", "chatforge.workers.doctor")


@dataclass(frozen=True)
class Question:
    """What is to be looked at.

    Attributes:
        files: each by itself; form, choices: how they are read.
        recipe: what is learned and what is held out by it; None: only the files are looked at.
        model: folder of its base; None: lengths are guessed. limit: its `max_length`; 0: lengths are of no interest.
        stamp: changes when anything does in the recipe that matters here.
    """

    files: tuple[Path, ...]
    form: str = AUTO
    choices: Choices = field(default_factory=Choices)
    recipe: Path | None = None
    model: Path | None = None
    limit: int = 0
    stamp: object = None

    @property
    def of_files(self) -> "Question":
        """The part of it that has nothing to do with the recipe."""
        return Question(self.files, self.form, self.choices)

    def line(self, *, read: bool) -> bytes:
        """Return it as the worker takes it.

        Args:
            read: whether the files themselves have been looked at already.
        """
        asked = {
            "files": [] if read else [str(file) for file in self.files],
            "form": self.form,
            "assistant": self.choices.assistant,
            "columns": dict(self.choices.columns),
            "recipe": str(self.recipe) if self.recipe else None,
            "model": str(self.model) if self.model else None,
            "limit": self.limit,
        }
        return json.dumps(asked).encode() + b"\n"


class Doctor:
    """Examines files in a process of its own, and says how far it is.

    Args:
        hear: gets every new `Diagnosis`, the last one with `looking` == ""; called from a thread of the doctor's own.
        known: what was found in the same files before; they are not looked at again, only what the recipe makes of
            them. program: what Python is to run: the worker.

    Raises:
        OSError: the process cannot be started.
    """

    def __init__(
        self,
        question: Question,
        hear: Callable[[Diagnosis], object],
        known: Diagnosis | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._hear, self._closed = hear, False
        self._scratch = tempfile.TemporaryDirectory(prefix="chatforge-doctor-")
        log = Path(self._scratch.name, "worker.log")
        self._pipe: Pipe[bytes] = Pipe(
            program, log, bytes, name="the process that checks the data", hint="r starts it again"
        )
        self._reader = threading.Thread(target=self._read, args=(question, known), daemon=True, name="doctor-read")
        self._reader.start()

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._pipe.pid

    def close(self) -> None:
        """End the worker. Nothing is lost with it."""
        self._closed = True
        self._pipe.close(0)
        self._reader.join()
        self._scratch.cleanup()

    def _read(self, question: Question, before: Diagnosis | None) -> None:
        known = replace(before, looking="the rest") if before else Diagnosis()
        try:
            self._pipe.write(question.line(read=before is not None))
            while known.looking and not self._closed:
                known = known.hear(self._pipe.receive())
                self._say(known)
        except UserError as error:
            self._say(replace(known, looking="", problem=error.problems[0].what))

    def _say(self, known: Diagnosis) -> None:
        if not self._closed:
            self._hear(known)
