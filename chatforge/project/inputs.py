"""Everything that a run will read, looked at before work starts: bad input costs seconds, not an evening."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatforge import paths
from chatforge.dialogues import mixing
from chatforge.dialogues.gate import pass_gate
from chatforge.dialogues.split import Split, canaries_told, record, split_of
from chatforge.dialogues.texts import Document, read_texts, replies_in
from chatforge.errors import Problem, UserError
from chatforge.models.sources import check_folder, locate
from chatforge.models.store import Store
from chatforge.project.data_files import read_by
from chatforge.recipe.files import LoadedRecipe
from chatforge.runs import lockfile
from chatforge.words import count_text


@dataclass(frozen=True)
class Inputs:
    """What a run will read, as it was found.

    Attributes:
        notes: what should be known. lesson: what a pass learns, and what comes before it, in sentences.
        data: sha256 of each dialogue file. split: which part each conversation is in (see `dialogues.split.record`).
    """

    notes: tuple[str, ...]
    data: Mapping[str, str]
    split: Mapping[str, Any]
    lesson: tuple[str, ...] = ()


def check_inputs(loaded: LoadedRecipe, written: Path, *, evaluating: bool) -> Inputs:
    """Look at the models and read all data of a recipe as the workers will.

    Args:
        loaded: the recipe.
        written: the recipe's file as the user calls it; problems are told with it.
        evaluating: whether the encoder will be needed too.

    Raises:
        UserError: an unknown model, a folder that is none, dialogue files that cannot be used, more of the test in
            train than the recipe allows.
    """
    store = Store(paths.store(paths.home()))
    recipe = loaded.recipe
    asked = {"model.base": recipe.model.base}
    if evaluating:
        asked["evaluation.encoder"] = recipe.evaluation.encoder
        asked |= {"evaluation.second_encoder": name} if (name := recipe.evaluation.second_encoder) else {}
    problems = [problem for field, name in asked.items() for problem in _model(loaded, written, store, field, name)]
    if problems:
        raise UserError(problems)
    data, seed = recipe.data, recipe.training.seed
    hashes = lockfile.data_hashes(read_by(data))  # before reading: what changes later is noticed
    split = split_of(data, seed)
    # What was split off has no copies in train: that is how it was split.
    overlap = pass_gate(split.test, split.known, data.max_overlap) if data.test or data.mix else []
    documents = read_texts(data.texts)
    texts = [
        f"{one.file.name}: about {count_text(one.tokens)} tokens of text are learned before the dialogues"
        for one in documents
    ]
    notes = (*loaded.notes, *split.notes, *overlap, *texts, *_replies_in(documents, split))
    canaries = [canaries_told(split)] if split.canaries else []
    lesson = (mixing.told(len(split.train), split.beside), *canaries, *texts)
    return Inputs(notes, hashes, record(split, seed), lesson)


def _replies_in(documents: Sequence[Document], split: Split) -> Iterator[str]:
    """What of the test stands in the texts that are learned before the dialogues."""
    found, of = replies_in(documents, split.test)
    if found:
        yield f"{found} of {of} held-out replies stand word for word in the texts: scores on them are too kind"


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
