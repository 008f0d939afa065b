"""Everything that a run will read, looked at before work starts: bad input costs seconds, not an evening."""

from dataclasses import replace
from pathlib import Path

from chatforge import paths
from chatforge.dialogues.leakage import find_leakage
from chatforge.dialogues.split import Split, split_of
from chatforge.errors import Problem, UserError
from chatforge.models.sources import check_folder, locate
from chatforge.models.store import Store
from chatforge.recipe.files import LoadedRecipe

MOST_COMPARED = 20_000
"""Conversations that are compared before a run: more would keep it waiting."""


def check_inputs(loaded: LoadedRecipe, written: Path, *, evaluating: bool) -> list[str]:
    """Look at the models and read all data of a recipe as the workers will; return what should be known.

    Args:
        loaded: the recipe.
        written: the recipe's file as the user calls it; problems are told with it.
        evaluating: whether the encoder will be needed too.

    Raises:
        UserError: an unknown model, a folder that is none, dialogue files that cannot be used.
    """
    store = Store(paths.store(paths.home()))
    recipe = loaded.recipe
    asked = {"model.base": recipe.model.base}
    if evaluating:
        asked["evaluation.encoder"] = recipe.evaluation.encoder
    problems = [problem for field, name in asked.items() for problem in _model(loaded, written, store, field, name)]
    if problems:
        raise UserError(problems)
    split = split_of(recipe.data, recipe.training.seed)
    return [*loaded.notes, *split.notes, *_leaks(split)]


def _leaks(split: Split) -> list[str]:
    """What of the test is in the lesson already, where that takes no more than some seconds to find out."""
    if len(split.train) + len(split.test) > MOST_COMPARED:
        return [f"more than {MOST_COMPARED:,} conversations: whether train and test overlap was not looked at"]
    found = find_leakage(split.test, split.train)
    if not found.leaks:
        return []
    first = found.leaks[0]
    own_file = split.test[0].file not in {one.file for one in split.train}
    places = "; `chatforge data check TRAIN --against TEST` lists them" if own_file else ""
    return [
        f"{len(found.leaks)} of {found.held_out} held-out conversations ({found.leaked:.0%}) are in train or nearly so "
        f"({first.held_out_place} and {first.train_place}): the verdict will be too kind{places}"
    ]


def _model(loaded: LoadedRecipe, written: Path, store: Store, field: str, name: str) -> list[Problem]:
    """What is wrong with one model, told at its place in the recipe."""
    try:
        source = locate(name, store)
        if source.kind == "folder" and source.path:
            check_folder(source.path)
    except UserError as error:
        word, line = loaded.spelled.get(field, field), loaded.lines.get(field)
        return [
            replace(found, what=_with_place(found), file=written, line=line, field=word) for found in error.problems
        ]
    return []


def _with_place(problem: Problem) -> str:
    return f"{problem.file}: {problem.what}" if problem.file else problem.what
