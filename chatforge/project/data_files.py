"""The dialogue files that a recipe names, as it writes them: also when something in it is wrong."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatforge import included
from chatforge.chat import corrections
from chatforge.dialogues.division import PARTS, Part, Rules
from chatforge.dialogues.formats import messages
from chatforge.dialogues.reading import AUTO
from chatforge.errors import UserError
from chatforge.models.machine import look
from chatforge.paths import expand
from chatforge.project.stages import Corrections
from chatforge.recipe.batches import Facts
from chatforge.recipe.data_folders import files_of
from chatforge.recipe.files import LoadedRecipe, load_draft
from chatforge.recipe.presets import resolve
from chatforge.recipe.schema import Data, Recipe
from chatforge.runs import lockfile
from chatforge.runs.folder import RunFolder


@dataclass(frozen=True)
class Named:
    """A file that a recipe names.

    Attributes:
        part: under which field. word: as the recipe writes it. path: where that is.
    """

    part: Part
    word: str
    path: Path


def named_files(recipe_path: Path) -> tuple[Named, ...]:
    """The files of a recipe's `data` block, in order. A recipe that cannot be read names none."""
    try:
        written = load_draft(recipe_path).values
    except UserError:
        return ()
    base_dir = recipe_path.absolute().parent
    words = {part: words_of(written.get(f"data.{part}")) for part in PARTS}
    named: dict[str, list[Path]] = {part: [base_dir / expand(word) for word in words[part]] for part in PARTS}
    return tuple(
        # A file of a folder is called as the recipe could name it.
        Named(part, word if file == place else (Path(word) / file.relative_to(place)).as_posix(), file)
        for part in PARTS
        for word, place in zip(words[part], named[part], strict=True)
        for file in files_of([place], part, named)
    )


def read_by(data: Data) -> list[Path]:
    """Every data file that a run with this data reads; general chat, too, where some is mixed in."""
    further = [path for one in data.mix for path in one.files]
    files = [*data.train, *data.valid, *data.test, *further, *data.texts]
    return [*files, *([included.general_chat()] if data.replay else [])]


def with_file(recipe_path: Path, part: Part, path: Path) -> Mapping[str, Any]:
    """The fields to set so that a recipe names a file more; its path is relative if it lies beside the recipe or below.

    Raises:
        UserError: the recipe names it already.
    """
    files = named_files(recipe_path)
    same = next((file for file in files if same_file(file.path, path)), None)
    if same:
        raise UserError(f"{same.word} is in {same.part} already")
    return as_field(part, [*(file.word for file in files if file.part == part), word_for(recipe_path, path)])


def without_file(recipe_path: Path, named: Named) -> Mapping[str, Any]:
    """The fields to set so that a recipe no longer names a file."""
    left = [file.word for file in named_files(recipe_path) if file.part == named.part and file.word != named.word]
    return as_field(named.part, left)


def with_copies(recipe_path: Path, copies: Mapping[Path, Path]) -> Mapping[str, Any]:
    """The fields to set so that a recipe names copies in the place of files, in ChatForge's own form.

    Raises:
        UserError: `data.type` tells the form of all files, and not all of them are copied.
    """
    files = named_files(recipe_path)
    new = {_real(path): word_for(recipe_path, copy) for path, copy in copies.items()}
    words = [(file.part, new.get(_real(file.path), file.word), _real(file.path) in new) for file in files]
    fields: dict[str, Any] = {}
    for part in {part for part, _, copied in words if copied}:
        fields |= as_field(part, [word for owner, word, _ in words if owner == part])
    form = load_draft(recipe_path).values.get("data.type", AUTO)
    if form not in (AUTO, messages.NAME):
        if not all(copied for *_, copied in words):
            what = f"the recipe says that all files are {form}, and the copies are not"
            raise UserError(what, field="data.type", hint="set it to auto")
        fields["data.type"] = None
    return fields


def rules(recipe: Recipe | None, files: Sequence[Named]) -> Rules:
    """How a recipe divides its conversations; without a recipe nothing is split off."""
    parts = {file.part for file in files}
    if recipe is None:
        return Rules(None, None, 0)
    data = recipe.data
    return Rules(
        None if "valid" in parts else data.valid_share,
        None if "test" in parts else data.test_share,
        recipe.training.seed,
    )


def length_limit(loaded: LoadedRecipe) -> int:
    """`training.max_length`, from the recipe or its preset; it depends on the machine, not on the data."""
    machine = look()
    gpu = machine.gpu.total_bytes if machine.gpu else None
    facts = Facts(None, None, None, machine.cores, machine.ram_bytes, gpu)
    return int(resolve(loaded, facts).recipe.training.max_length or 0)


def corrections_of(recipe_path: Path, run: RunFolder | None) -> Corrections:
    """Count the corrections beside a recipe; 0 while their file cannot be read."""
    path = recipe_path.absolute().parent / corrections.FILE
    named = any(_real(file.path) == _real(path) for file in named_files(recipe_path) if file.part == "train")
    try:
        saved = corrections.count(path)
        learned = corrections.count(path, within=_learned_bytes(run, path)) if named and run and saved else 0
    except (UserError, OSError):
        return Corrections(0, named)
    return Corrections(saved - learned, named)


def _learned_bytes(run: RunFolder, path: Path) -> int | None:
    """How much of a file a run learns from, in bytes; None for all of it.

    Raises:
        UserError: the run has no lock, or its data was changed otherwise than by growing.
    """
    lock, name = lockfile.read(run), str(path.resolve())
    if name not in lock.data:
        return 0
    alone = replace(lock, data={name: lock.data[name]})  # other files may be large, and this is asked often
    return lockfile.grown(alone).get(path.resolve())


def as_field(name: str, words: Sequence[str]) -> Mapping[str, Any]:
    """The field of the block `data` to set: one file is written as plain text, several as a list, none as nothing."""
    return {f"data.{name}": None if not words else words[0] if len(words) == 1 else list(words)}


def words_of(value: object) -> list[str]:
    """The names of files that a field gives, be it one or several."""
    return [word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str) and word.strip()]


def word_for(recipe_path: Path, path: Path) -> str:
    """How a recipe names a file: relative if it lies beside the recipe or below."""
    home = Path(_real(recipe_path.absolute().parent))
    full = Path(_real(path))
    return full.relative_to(home).as_posix() if full.is_relative_to(home) else str(path.absolute())


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same place."""
    return _real(one) == _real(other)


def _real(path: Path) -> str:
    return os.path.realpath(path)
