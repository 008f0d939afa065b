"""The one error that reaches a user: what is wrong, where, and what to do about it."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        what: what was found, in words.
        file, line, field: where; `line` counts from 1.
        hint: what to do next.
        answers: what `field` can be, where that is a question only a person can answer; as the file spells it.
    """

    what: str
    file: Path | None = None
    line: int | None = None
    field: str | None = None
    hint: str | None = None
    answers: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = str(self.file) if self.file else ""
        if self.line:
            place += f":{self.line}" if place else f"line {self.line}"
        parts = [place] if place else []
        if self.field:
            parts.append(f"field `{self.field}`")
        text = ": ".join([*parts, self.what])
        return f"{text}\n    → {self.hint}" if self.hint else text


class UserError(Exception):
    """Something the user can mend. Carries every problem found, not only the first.

    Interfaces print `str(error)`; nothing else is shown, no trace.
    """

    def __init__(
        self,
        what: str | Sequence[Problem],
        *,
        file: Path | None = None,
        line: int | None = None,
        field: str | None = None,
        hint: str | None = None,
        answers: tuple[str, ...] = (),
    ) -> None:
        self.problems: tuple[Problem, ...] = (
            (Problem(what, file, line, field, hint, answers),) if isinstance(what, str) else tuple(what)
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return "did you mean `x`?" for the known word nearest to `word`, or None if none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None
