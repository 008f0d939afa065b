"""The conversations of a run as they were when it began, whoever asks: training, evaluation, the nearest ones.

lock.json: {"data": {"/abs/corrections.jsonl": sha256 of 3 lines}}     the file now: 5 lines     read: the first 3
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.split import Split, split_of
from chatforge.recipe.files import recipe_from_dict
from chatforge.runs import lockfile
from chatforge.runs.folder import RunFolder


def split_as_locked(run: RunFolder) -> Split:
    """Read the conversations of a run and split them as at its beginning.

    Raises:
        UserError: there is no lock; a file is missing, was changed otherwise than by growing, or cannot be read.
    """
    lock = lockfile.read(run)
    recipe = recipe_from_dict(lock.resolved, run.path)
    grown = lockfile.grown(lock)
    if not grown:
        return split_of(recipe.data, recipe.training.seed)
    with tempfile.TemporaryDirectory(prefix="chatforge-") as scratch:
        then = _copies(grown, Path(scratch))
        places = {part: _in_place(getattr(recipe.data, part), then) for part in ("train", "valid", "test")}
        split = split_of(recipe.data.model_copy(update=places), recipe.training.seed)
    now = {copy: path for path, copy in then.items()}
    names = ", ".join(sorted(path.name for path in grown))
    note = f"{names} has grown since the run began: what came later is no part of it"
    return replace(
        split,
        train=_called(split.train, now),
        valid=_called(split.valid, now),
        test=_called(split.test, now),
        notes=(*split.notes, note),
    )


def _copies(grown: Mapping[Path, int], scratch: Path) -> dict[Path, Path]:
    """Copy what grown files held then; return {file: its copy}."""
    then: dict[Path, Path] = {}
    for number, (path, length) in enumerate(grown.items()):
        # The same name in a folder of its own: conversations without an id are called by their file's name.
        copy = scratch / str(number) / path.name
        copy.parent.mkdir()
        copy.write_bytes(path.read_bytes()[:length])
        then[path] = copy
    return then


def _in_place(paths: Sequence[Path], then: Mapping[Path, Path]) -> list[Path]:
    return [then.get(path.resolve(), path) for path in paths]


def _called(conversations: Sequence[Conversation], names: Mapping[Path, Path]) -> tuple[Conversation, ...]:
    """Conversations with the file that they came from in place of its copy."""
    return tuple(replace(one, file=names.get(one.file, one.file)) if one.file else one for one in conversations)
