"""The doctor's second half: what a recipe makes of its files, what of valid and test is in train, and what is too long.

A tokenizer is loaded only where something may be too long: that costs more than all the rest.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from chatforge.dialogues.checks.doctor import Examination
from chatforge.dialogues.checks.finding import Finding
from chatforge.dialogues.checks.truncation import Measured, Truncation, cannot_exceed, estimated, measured
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.gate import MOST_COMPARED, compare
from chatforge.dialogues.leakage import LEVEL_WORDS, Leakage
from chatforge.dialogues.reading import read_files
from chatforge.dialogues.split import Split, split_of
from chatforge.errors import UserError
from chatforge.recipe.files import load_recipe
from chatforge.recipe.schema import Recipe

FIRST = "what is held out and in train, too"
"""What is looked for first."""

KEPT = 200
"""How many places of each part are told; all are counted."""

TELL_EVERY = 50

Told = Callable[[int], object]


def answers(path: Path, model: Path | None, limit: int, told: Told) -> Iterator[dict[str, Any]]:
    """Yield what is told of a recipe: what is in train too, then what is too long.

    Args:
        model: folder of the base; None: lengths are guessed. limit: the recipe's `max_length`, resolved.
        told: hears how many conversations were measured.
    """
    try:
        recipe = load_recipe(path).recipe
        split = _split(recipe)
    except UserError as error:
        note = f"what a run would learn cannot be looked at: {error.problems[0].what}"
        yield {"in_train": {}, "notes": [note], "next": ""}
        return
    yield {**_in_train(recipe, split), "next": "what is too long"}
    yield {**_too_long(recipe, split, model, limit, told), "next": ""}


def place_of(one: Finding) -> list[Any]:
    """Return a place as it is told."""
    return [str(one.file), one.line, one.conversation, one.turn, one.what]


def findings_of(found: Examination) -> dict[str, Any]:
    """Return the kinds of findings as they are told, the worst first."""
    return {
        check.id: {"count": found.counts[check.id], "places": [place_of(one) for one in found.places[check.id]]}
        for check in found.found
    }


def _split(recipe: Recipe) -> Split:
    """What is learned and what is held out; the files as they are where a run would refuse to divide them.

    Raises:
        UserError: a file cannot be read.
    """
    # Lines that cannot be read are findings of their own; canaries and general chat are nobody's data.
    data = recipe.data.model_copy(update={"bad_lines": "skip", "replay": 0.0, "canaries": 0})
    try:
        return split_of(data, recipe.training.seed)
    except UserError:
        choices = Choices(data.assistant, data.columns)
        train, valid, test = (
            read_files(files, "skip", data.type, choices).conversations for files in (data.train, data.valid, data.test)
        )
        return Split(train, valid, test)


def _in_train(recipe: Recipe, split: Split) -> dict[str, Any]:
    """What of each part is in train, too; what was split off there has no copies: that is how it was split."""
    parts, notes = {}, []
    for part, held_out in (("test", split.test), ("valid", split.valid)):
        if not (getattr(recipe.data, part) or recipe.data.mix):
            continue
        found = compare(held_out, split.known)
        parts[part] = {
            "count": len(found.leaks), "of": found.held_out, "most": recipe.data.max_overlap,
            "shares": {level: share for level, share in found.shares.items() if share},
            "places": list(_places(found, held_out, split.known))[:KEPT],
        }  # fmt: skip
        if not found.compared:
            few = f"of more than {MOST_COMPARED:,} conversations"
            notes.append(f"{few} only those of {part} were found that are in train word for word, reordered or renamed")
    return {"in_train": parts, "notes": notes}


def _places(found: Leakage, held_out: Sequence[Conversation], train: Sequence[Conversation]) -> Iterator[list[Any]]:
    for one in found.leaks:
        mine = held_out[one.held_out]
        theirs = train[one.train]
        where = f"{theirs.file.name}:{theirs.line}" if theirs.file else theirs.id
        yield [str(mine.file), mine.line, mine.id, None, f"as {where}, {LEVEL_WORDS[one.level]}"]


def _too_long(recipe: Recipe, split: Split, model: Path | None, limit: int, told: Told) -> dict[str, Any]:
    """What of the lesson and of valid is longer than `max_length`."""
    further = (one for portion in split.beside for one in portion.distinct)
    lesson = (*split.train, *further, *split.valid)
    system = recipe.data.system
    if not limit or all(cannot_exceed(one, system, limit) for one in lesson):
        return {"too_long": {}, "limits": None}
    try:
        measure = _ruler(model, system, limit)
    except UserError as error:
        return {"too_long": {}, "limits": None, "notes": [f"lengths are not known: {error.problems[0].what}"]}
    truncation = Truncation(recipe.model.base, limit, recipe.training.too_long, exact=model is not None)
    found = Examination()
    for count, one in enumerate(lesson, start=1):
        for finding in truncation.add(one, measure(one)):
            found.add(finding)
        if count % TELL_EVERY == 0:
            told(count)
    limits = {
        "now": limit, "longer": truncation.longer, "conversations": truncation.conversations,
        "keeps_most": truncation.keeps_most, "keeps_all": truncation.longest, "exact": truncation.exact,
    }  # fmt: skip
    return {"too_long": findings_of(found), "limits": limits if truncation.longer else None}


def _ruler(model: Path | None, system: str, limit: int) -> Callable[[Conversation], Measured]:
    """Return what measures a conversation.

    Raises:
        UserError: the base's tokenizer cannot be used.
    """
    if model is None:
        return lambda one: estimated(one, system, limit)
    from chatforge.dialogues.rendering import Renderer
    from chatforge.models.loading import load_tokenizer

    renderer = Renderer(load_tokenizer(model), system)

    def measure(one: Conversation) -> Measured:
        try:
            return measured(renderer, one, limit)
        except UserError as error:
            return Measured(0, problem=error.problems[0].what)
        except Exception as error:  # a tokenizer can fail in any way; the next conversation may be fine
            return Measured(0, problem=f"{type(error).__name__}: {error}")

    return measure
