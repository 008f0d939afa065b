"""The conversations of a run as they were when it began, whoever asks: training, evaluation, the nearest ones.

lock.json: {"data": {"/abs/corrections.jsonl": sha256 of 3 lines}}     the file now: 5 lines     read: the first 3
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from chatforge import included
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.split import Split, split_of
from chatforge.recipe.files import recipe_from_dict
from chatforge.recipe.schema import Data
from chatforge.runs import lockfile
from chatforge.runs.folder import RunFolder
from chatforge.runs.lockfile import Lock


def split_as_locked(run: RunFolder) -> Split:
    """Read the conversations of a run and split them as at its beginning, by what its lock says.

    An older lock does not say it: then they are divided anew, and that is told.

    Raises:
        UserError: there is no lock; a file is missing, was changed otherwise than by growing, or cannot be read.
    """
    lock = lockfile.read(run)
    recipe = recipe_from_dict(lock.resolved, run.path)
    grown = lockfile.grown(lock)
    if not grown:
        return _split(recipe.data, recipe.training.seed, lock)
    with tempfile.TemporaryDirectory(prefix="chatforge-") as scratch:
        then = _copies(grown, Path(scratch))
        split = _split(_at(recipe.data, then), recipe.training.seed, lock, then)
    now = {copy: path for path, copy in then.items()}
    names = ", ".join(sorted(path.name for path in grown))
    note = f"{names} has grown since the run began: what came later is no part of it"
    return replace(
        split,
        train=_called(split.train, now),
        valid=_called(split.valid, now),
        test=_called(split.test, now),
        beside=tuple(replace(one, conversations=_called(one.conversations, now)) for one in split.beside),
        notes=(*split.notes, note),
    )


def divided_anew(split: Split, lock: Lock) -> bool:
    """Whether parts had to be split off again because the lock does not say how that was done."""
    return split.division is not None and lock.split is None


def _split(data: Data, seed: int, lock: Lock, then: Mapping[Path, Path] = MappingProxyType({})) -> Split:
    general = then.get(included.general_chat().resolve()) if data.replay else None
    split = split_of(data, seed, lock.split, general)
    if not divided_anew(split, lock):
        return split
    note = "the run is older than the record of how its conversations were divided: they were divided anew"
    return replace(split, notes=(*split.notes, note))


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


def _at(data: Data, then: Mapping[Path, Path]) -> Data:
    """A recipe's data with copies in the place of grown files."""
    places: dict[str, object] = {part: _in_place(getattr(data, part), then) for part in ("train", "valid", "test")}
    places["mix"] = [one.model_copy(update={"files": _in_place(one.files, then)}) for one in data.mix]
    return data.model_copy(update=places)


def _in_place(paths: Sequence[Path], then: Mapping[Path, Path]) -> list[Path]:
    return [then.get(path.resolve(), path) for path in paths]


def _called(conversations: Sequence[Conversation], names: Mapping[Path, Path]) -> tuple[Conversation, ...]:
    """Conversations with the file that they came from in place of its copy."""
    return tuple(replace(one, file=names.get(one.file, one.file)) if one.file else one for one in conversations)
