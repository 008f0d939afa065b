"""The recipe as a form: what is written in each field, what it comes to and why, and what is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatforge.errors import Problem
from chatforge.recipe.batches import Facts
from chatforge.recipe.explain import shown
from chatforge.recipe.files import Draft
from chatforge.recipe.presets import resolve
from chatforge.recipe.resolved import Row
from chatforge.recipe.schema import iter_fields

_SENTENCES = frozenset(info.description for _, info in iter_fields())


@dataclass(frozen=True)
class Entry:
    """One field, ready to be shown.

    Attributes:
        name: such as "adaptation.lora_r". written: as the recipe says it; "" if it does not.
        comes_to: the value that would be used; "" if it cannot be told.
        origin: where that comes from and why: "preset: 2 x lora_r".
        about: the field's own sentence.
        problem: what is wrong with what is written, and what to do; "" if nothing is.
    """

    name: str
    written: str
    comes_to: str
    origin: str
    about: str
    problem: str = ""


def entries(draft: Draft, facts: Facts | None, problems: Iterable[Problem]) -> dict[str, Entry]:
    """Every field of a recipe, wrong ones too.

    Args:
        facts: what presets look at; None leaves open what the fields come to.
        problems: what is wrong with the recipe, as its loading told.
    """
    if draft.loaded is None or facts is None:
        return {}
    wrong = _by_field(draft, problems)
    rows = resolve(draft.loaded, facts).rows()
    return {row.field: _entry(row, draft, wrong.get(row.field)) for row in rows}


def edit(draft: Draft, name: str, value: object) -> dict[str, Any]:
    """What to change in the recipe's file to set a field (None takes it out), in the order to do it.

    A field that the file calls by another tool's word is written anew under our name, a block that is a bare value
    becomes a block.
    """
    block = name.rpartition(".")[0]
    fields: dict[str, Any] = {}
    for ours, word in draft.spelled.items():
        if ours == name or word == block:
            fields[word] = None
            if ours != name:
                fields[ours] = draft.values.get(ours)
    return fields | {name: value}


def field_of(problem: Problem, draft: Draft) -> str:
    """Our name of the field that a problem is about; "" if it is about none."""
    ours: Mapping[str, str] = {word: name for name, word in draft.spelled.items()}
    name = problem.field or ""
    return ours.get(name, name)


def words_of(problem: Problem) -> str:
    """A problem in one line, to stand beside its field; the field's own sentence stands there already."""
    hint = problem.hint if problem.hint not in _SENTENCES else None
    return f"{problem.what}; {hint}" if hint else problem.what


def path_text(value: object, folder: Path) -> str:
    """A value as the form shows it."""
    return "" if value is None else shown(value, folder)


def _by_field(draft: Draft, problems: Iterable[Problem]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(field_of(problem, draft), []).append(words_of(problem))
    return {name: "; ".join(words) for name, words in found.items()}


def _entry(row: Row, draft: Draft, problem: str | None) -> Entry:
    folder = draft.loaded.path.parent if draft.loaded else Path()
    return Entry(
        name=row.field,
        written=path_text(draft.values.get(row.field), folder),
        comes_to=path_text(row.value, folder),
        origin=f"{row.source}: {row.why}" if row.why else row.source,
        about=row.description,
        problem=problem or "",
    )
