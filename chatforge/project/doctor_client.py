"""The screens' end of the doctor: files go in, what is wrong with them comes out. Light."""

import json
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatforge.dialogues.checks.finding import CHECKS, Severity
from chatforge.dialogues.formats.choices import Choices
from chatforge.errors import UserError
from chatforge.runs.pipe import Pipe

PROGRAM = ("-m", "chatforge.workers.doctor")

PERSONAL = "personal"
"""Id of the kind that tells who somebody is; all others are those of `CHECKS`."""


@dataclass(frozen=True)
class Place:
    """Where something was found.

    Attributes:
        line: where the conversation begins, from 1. name: its id, if it has one. turn: the message, from 1.
        what: what was found there; may hold text from the data.
    """

    file: Path
    line: int
    name: str | None
    turn: int | None
    what: str


@dataclass(frozen=True)
class Kind:
    """All findings of one kind.

    Attributes:
        id: of its `Check`, or `PERSONAL`. why: what it does to the result. mend: what can be done; "" if a person must.
        places: the first of them.
    """

    id: str
    severity: Severity
    title: str
    count: int
    why: str
    mend: str
    places: tuple[Place, ...]

    @property
    def mended(self) -> bool:
        """Whether a mended copy does something about it."""
        return self.id in CHECKS and bool(CHECKS[self.id].mend)


@dataclass(frozen=True)
class Diagnosis:
    """What is known so far.

    Attributes:
        done: conversations that were looked at, in this round. looking: what for; "" when all is known.
        kinds: None while they are being looked for. notes: what was not looked at. problem: why there is no more.
    """

    done: int = 0
    looking: str = "what is wrong"
    kinds: tuple[Kind, ...] | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""

    def count(self, severity: Severity) -> int:
        """How many findings are as bad as that; personal details are no fault and not among them."""
        return sum(one.count for one in self.kinds or () if one.severity == severity and one.id != PERSONAL)

    def kind(self, name: str) -> Kind | None:
        """Return the kind with this id, if it was found."""
        return next((one for one in self.kinds or () if one.id == name), None)

    def hear(self, line: bytes) -> "Diagnosis":
        """Return what is known with one more line of the worker; a line that is none of its answers changes nothing."""
        try:
            said = json.loads(line)
            if "problem" in said:
                return replace(self, looking="", problem=str(said["problem"]))
            if "done" in said:
                return replace(self, done=int(said["done"]))
            if "findings" in said:
                kinds = tuple(_kind(name, of_it) for name, of_it in said["findings"].items())
                return replace(self, done=0, looking="personal details", kinds=kinds, notes=tuple(said["notes"]))
            personal = _personal(said["personal"])
            return replace(self, looking="", kinds=(*(self.kinds or ()), *([personal] if personal else [])))
        except (ValueError, LookupError, TypeError, AttributeError):
            return self


class Doctor:
    """Examines files in a process of its own, and says how far it is.

    Args:
        hear: gets every new `Diagnosis`, the last one with `looking` == ""; called from a thread of the doctor's own.
        program: what Python is to run: the worker.

    Raises:
        OSError: the process cannot be started.
    """

    def __init__(
        self,
        files: Sequence[Path],
        form: str,
        choices: Choices,
        hear: Callable[[Diagnosis], object],
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._hear, self._closed = hear, False
        self._scratch = tempfile.TemporaryDirectory(prefix="chatforge-doctor-")
        log = Path(self._scratch.name, "worker.log")
        self._pipe: Pipe[bytes] = Pipe(
            program, log, bytes, name="the process that checks the data", hint="r starts it again"
        )
        self._reader = threading.Thread(target=self._read, args=(files, form, choices), daemon=True, name="doctor-read")
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

    def _read(self, files: Sequence[Path], form: str, choices: Choices) -> None:
        known = Diagnosis()
        asked = {
            "files": [str(file) for file in files], "form": form,
            "assistant": choices.assistant, "columns": dict(choices.columns),
        }  # fmt: skip
        try:
            self._pipe.write(json.dumps(asked).encode() + b"\n")
            while known.looking and not self._closed:
                known = known.hear(self._pipe.receive())
                self._say(known)
        except UserError as error:
            self._say(replace(known, looking="", problem=error.problems[0].what))

    def _say(self, known: Diagnosis) -> None:
        if not self._closed:
            self._hear(known)


def _kind(name: str, found: Mapping[str, Any]) -> Kind:
    check = CHECKS[name]
    places = tuple(_place(one) for one in found["places"])
    return Kind(name, check.severity, check.title, int(found["count"]), check.why, check.mend, places)


def _personal(found: Mapping[str, Any]) -> Kind | None:
    kinds = found["kinds"]
    if not kinds:
        return None
    total, touched = sum(int(of_it["count"]) for of_it in kinds.values()), int(found["touched"])
    told = ", ".join(f"{kind} {of_it['count']:,}" for kind, of_it in kinds.items())
    places = sorted(
        (_place(one, f"{kind}: ") for kind, of_it in kinds.items() for one in of_it["places"]),
        key=lambda place: (str(place.file), place.line, place.turn or 0),
    )
    return Kind(
        PERSONAL, "warning", f"personal details in {touched:,} conversation{'s' if touched != 1 else ''}", total,
        f"{told}. A model can repeat what it has learned, to anybody.", "an anonymised copy has others in their place",
        tuple(places),
    )  # fmt: skip


def _place(said: Sequence[Any], before: str = "") -> Place:
    file, line, name, turn, what = said
    return Place(Path(file), int(line), name, turn, f"{before}{what}")
