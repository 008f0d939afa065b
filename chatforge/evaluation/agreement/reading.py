"""Texts with people's scores, out of one file or several: who is who among the columns, and which rows belong together.

    texts.csv    ID, Dialogue, Reference Summary, Automatic Summary      with --join ID by that column,
    scores.csv   ID, Factual, Fluency                                    without it row by row
                 └──► Row(reference, reply, group, {"Factual": 0.4, "Fluency": 5.0})

Rows of one document are not independent of one another: they form a group. Light.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import open_container
from chatforge.dialogues.draft import BadLine
from chatforge.errors import Problem, UserError, did_you_mean

REFERENCES = ("reference", "reference reply", "reference summary", "true reply", "gold", "target", "expected", "ideal")
REPLIES = (
    "reply", "candidate", "response", "answer", "output", "prediction", "generated", "hypothesis", "automatic summary",
    "summary", "system output", "model output",
)  # fmt: skip
CONTEXTS = ("context", "dialogue", "dialog", "conversation", "history", "source", "question", "prompt", "input")
_NUMBERED = ("id", "index", "row", "line", "no", "number", "unnamed: 0")
"""Names of columns, in small letters, by what they hold; the last are numbers that are no scores."""

SHOWN = 5
"""How many wrong places one error names."""


@dataclass(frozen=True)
class Columns:
    """The columns that the user has named; what is None or empty is found out.

    Attributes:
        join: the column by which several files belong together. group: what rows of one document have in common.
    """

    reference: str | None = None
    reply: str | None = None
    context: str | None = None
    scores: tuple[str, ...] = ()
    join: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Row:
    """A text that people have scored.

    Attributes:
        group: number of its document, from 0.
        scores: by the name of the column; None where nobody has given one.
    """

    reference: str
    reply: str
    group: int
    scores: Mapping[str, float | None]


@dataclass(frozen=True)
class Texts:
    """All of them, and what was found out and should be known."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def groups(self) -> int:
        """How many documents they are of."""
        return len({row.group for row in self.rows})


@dataclass(frozen=True)
class _Cells:
    """One row as the files have it; `place` is where it begins."""

    file: Path
    line: int
    values: Mapping[str, Any]


def read_texts(files: Sequence[Path], asked: Columns) -> Texts:
    """Read texts with scores.

    Raises:
        UserError: a file or a row cannot be read; a column is missing, or not clear; files do not belong together;
            a score is no number; nothing is left.
    """
    notes: list[str] = []
    rows = _rows(files[0])
    for file in files[1:]:
        rows = _joined(rows, _rows(file), asked.join, notes)
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    found = _resolved(asked, names, rows)
    notes.append(f"reference: {found.reference}; reply: {found.reply}; scores: {', '.join(found.scores)}")
    keys = [str(row.values.get(found.group or found.context or found.reference or "")) for row in rows]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    made = [_row(row, found, numbers[key]) for row, key in zip(rows, keys, strict=True)]
    kept = tuple(row for row in made if row.reference.strip())
    if len(kept) < len(made):
        out = len(made) - len(kept)
        notes.append(f"{out} row{' without a reference is' if out == 1 else 's without a reference are'} left out")
    if not kept:
        raise UserError("no row has a reference", file=files[0], field=found.reference)
    return Texts(kept, tuple(notes))


def _rows(path: Path) -> list[_Cells]:
    container = open_container(path)
    rows, problems = [], []
    for record in container.records():
        if isinstance(record, BadLine):
            problems.append(Problem(record.reason, path, record.line))
        elif not isinstance(record.value, dict):
            hint = "give a table (CSV, TSV) or JSON objects, one a line"
            problems.append(Problem("no row with named columns", path, record.line, hint=hint))
        else:
            rows.append(_Cells(path, record.line, _flat(record.value)))
    if problems:
        raise UserError(problems[:SHOWN])
    if not rows:
        raise UserError("there are no rows in it", file=path)
    return rows


def _flat(value: Mapping[str, Any]) -> dict[str, Any]:
    """{"id": 1, "scores": {"fluency": 3}} ─► {"id": 1, "scores.fluency": 3}."""
    flat: dict[str, Any] = {}
    for name, cell in value.items():
        flat |= {f"{name}.{inner}": one for inner, one in cell.items()} if isinstance(cell, dict) else {name: cell}
    return flat


def _joined(left: list[_Cells], right: list[_Cells], by: str | None, notes: list[str]) -> list[_Cells]:
    """Put rows of two files together; columns that both have keep the first file's cells."""
    names = (left[0].file.name, right[0].file.name)
    if by is None:
        if len(left) != len(right):
            what = f"{names[0]} has {len(left)} rows and {names[1]} has {len(right)}: which belong together?"
            raise UserError(what, hint="name a column that both have with --join")
        notes.append(f"{names[0]} and {names[1]} are put together row by row")
        return [replace(a, values={**b.values, **a.values}) for a, b in zip(left, right, strict=True)]
    for rows in (left, right):
        for row in rows:
            _need(by, row, "--join")
    if _repeats(right, by):
        if _repeats(left, by):
            what = f"{by!r} names several rows in both {names[0]} and {names[1]}"
            raise UserError(what, field="--join", hint="without --join they are put together row by row")
        left, right = right, left
    theirs = {str(row.values[by]).strip(): row for row in right}
    pairs = [(row, theirs.get(str(row.values[by]).strip())) for row in left]
    alone = sum(b is None for _, b in pairs) + len(theirs.keys() - {str(row.values[by]).strip() for row in left})
    if alone:
        notes.append(f"{alone} {'row has' if alone == 1 else 'rows have'} no partner by {by}: left out")
    return [replace(a, values={**b.values, **a.values}) for a, b in pairs if b]


def _repeats(rows: Sequence[_Cells], by: str) -> bool:
    return max(Counter(str(row.values[by]).strip() for row in rows).values()) > 1


def _need(name: str, row: _Cells, option: str) -> None:
    if name not in row.values:
        hint = did_you_mean(name, row.values) or f"there are: {', '.join(row.values)}"
        raise UserError(f"no column {name!r}", file=row.file, line=row.line, field=option, hint=hint)


def _resolved(asked: Columns, names: Sequence[str], rows: Sequence[_Cells]) -> Columns:
    """Fill in what the user has left open."""
    if not rows:
        raise UserError("no row has a partner", field="--join", hint="check that the ids are the same in all files")
    reference = _column(asked.reference, REFERENCES, names, "--reference", "the text that is right")
    reply = _column(asked.reply, REPLIES, names, "--reply", "the text that was scored")
    context = _column(asked.context, CONTEXTS, names, "--context", None)
    group = _column(asked.group, (), names, "--group", None)
    scores = tuple(_column(name, (), names, "--score", None) or name for name in asked.scores)
    texts = {reference, reply, context, group, asked.join}
    scores = scores or tuple(name for name in names if name not in texts and _is_score(name, rows))
    if not scores:
        raise UserError("no column of numbers is left that could be a score", field="--score", hint=_there(names))
    return Columns(reference, reply, context, scores, asked.join, group)


def _column(asked: str | None, usual: Sequence[str], names: Sequence[str], option: str, what: str | None) -> str | None:
    """The column that was named, or the first usual one; None where there is none and none is needed."""
    if asked is not None:
        if asked not in names:
            raise UserError(f"no column {asked!r}", field=option, hint=did_you_mean(asked, names) or _there(names))
        return asked
    plain = {" ".join(name.replace("_", " ").replace("-", " ").casefold().split()): name for name in reversed(names)}
    found = next((plain[name] for name in usual if name in plain), None)
    if found is None and what:
        raise UserError(f"which column holds {what}?", field=option, hint=_there(names))
    return found


def _there(names: Sequence[str]) -> str:
    return f"the columns are: {', '.join(names)}"


def _is_score(name: str, rows: Sequence[_Cells]) -> bool:
    """Whether most of a column's cells are numbers that do not merely count the rows; the others are then wrong."""
    plain = name.replace("_", " ").casefold()
    if plain in _NUMBERED or plain.endswith(" id"):
        return False
    cells = [row.values.get(name) for row in rows]
    filled = [cell for cell in cells if not _is_empty(cell)]
    return 2 * sum(_is_number(cell) for cell in filled) > len(filled)


def _row(row: _Cells, found: Columns, group: int) -> Row:
    scores = {}
    for name in found.scores:
        try:
            scores[name] = _number(row.values.get(name))
        except ValueError:
            what = f"{str(row.values[name])[:40]!r} is no number"
            hint = "leave the cell empty where there is no score"
            raise UserError(what, file=row.file, line=row.line, field=name, hint=hint) from None
    return Row(_text(row.values.get(found.reference or "")), _text(row.values.get(found.reply or "")), group, scores)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_number(cell: Any) -> bool:
    try:
        return _number(cell) is not None
    except ValueError:
        return False


def _number(cell: Any) -> float | None:
    """A score; None for an empty cell.

    Raises:
        ValueError: it is something else.
    """
    if _is_empty(cell):
        return None
    if not isinstance(cell, str | int | float):
        raise ValueError(cell)
    number = float(cell)
    if not math.isfinite(number):
        raise ValueError(cell)
    return number
