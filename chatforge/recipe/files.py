"""From a recipe file to a Recipe: every problem at once, with its line and a suggestion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from chatforge.errors import Problem, UserError
from chatforge.paths import expand
from chatforge.recipe.contradictions import contradictions
from chatforge.recipe.named_files import absolute, empty_folders, what_is_missing
from chatforge.recipe.problems import from_validation
from chatforge.recipe.schema import BLOCKS, Recipe
from chatforge.recipe.text import parse, read_text
from chatforge.recipe.translate import Translated, translate


@dataclass(frozen=True)
class LoadedRecipe:
    """A valid recipe and where it came from.

    Attributes:
        recipe: with absolute paths; fields that were not asked for are None or their default.
        path: the file, absolute.
        text: the file's text, as read.
        lines: line (from 1) of each field that the file sets, by our names ("training.learning_rate").
        notes: what was translated or guessed, one sentence each; to be shown.
        spelled: our name → the file's word, where they differ.
    """

    recipe: Recipe
    path: Path
    text: str
    lines: dict[str, int]
    notes: list[str]
    spelled: dict[str, str] = field(default_factory=dict)


def load_recipe(path: Path | str) -> LoadedRecipe:
    """Read, translate and check a recipe file; a folder stands for the `recipe.yaml` in it.

    Raises:
        UserError: with all problems, in the order of their lines.
    """
    path = expand(path)
    if path.is_dir() and (path / "recipe.yaml").is_file():
        path = path / "recipe.yaml"
    text = read_text(path)
    parsed = parse(text, path)
    found = translate(parsed, path)
    notes = list(found.notes)
    problems = [*parsed.problems, *found.problems]
    problems += contradictions(found.values, path, found.lines)
    base_dir = path.absolute().parent
    problems += what_is_missing(found, path, base_dir, notes)
    recipe = _validate(found, path, problems)
    if recipe and not problems:
        problems += empty_folders(recipe, found, path, base_dir, notes)
    if problems or recipe is None:
        raise UserError(sorted(_unique(problems), key=lambda problem: problem.line or 0))
    spelled = {name: word for name, word in found.spelled.items() if name != word}
    return LoadedRecipe(absolute(recipe, base_dir), path.absolute(), text, found.lines, notes, spelled)


@dataclass(frozen=True)
class Draft:
    """What a recipe says although something in it may be wrong.

    Attributes:
        values: as written, by our field names ("training.learning_rate").
        loaded: the recipe without its wrong fields; None if that is still none.
        spelled: our name → the file's word, where they differ.
    """

    values: dict[str, object]
    loaded: LoadedRecipe | None
    spelled: dict[str, str]


def load_draft(path: Path) -> Draft:
    """Read a recipe that is being worked on: fields with problems are left out instead of refused.

    Raises:
        UserError: the file cannot be read, or is no YAML mapping.
    """
    text = read_text(path)
    parsed = parse(text, path)
    found = translate(parsed, path)
    written = _flat(found.values)
    problems = [*parsed.problems, *found.problems, *contradictions(found.values, path, found.lines)]
    _validate(found, path, problems)
    ours = {word: name for name, word in found.spelled.items()}
    for problem in problems:
        _leave_out(found, ours.get(problem.field or "", problem.field or ""))
    recipe = _validate(found, path, [])
    spelled = {name: word for name, word in found.spelled.items() if name != word}
    if recipe is None:
        return Draft(written, None, spelled)
    base_dir = path.absolute().parent
    loaded = LoadedRecipe(absolute(recipe, base_dir), path.absolute(), text, found.lines, list(found.notes), spelled)
    return Draft(written, loaded, spelled)


def _flat(values: Mapping[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in values.items():
        if name in BLOCKS and isinstance(value, dict):
            flat |= {f"{name}.{leaf}": inner for leaf, inner in value.items()}
        else:
            flat[name] = value
    return flat


def _leave_out(found: Translated, field_name: str) -> None:
    """Take a field out as if it had not been written; a part of one ("data.train[0]") takes the whole."""
    block, _, rest = field_name.partition(".")
    leaf = rest.partition(".")[0].partition("[")[0]
    inner = found.values.get(block)
    if leaf and isinstance(inner, dict):
        inner.pop(leaf, None)
        found.lines.pop(f"{block}.{leaf}", None)
    else:
        found.values.pop(block, None)
        found.lines.pop(block, None)


def recipe_from_dict(values: Mapping[str, object], base_dir: Path) -> Recipe:
    """Build a Recipe from plain values such as `lock.json`'s "resolved"; relative paths start at `base_dir`.

    Only types and ranges are checked: what a lock says was checked when it was written.

    Raises:
        UserError: with every field that does not fit.
    """
    try:
        recipe = Recipe.model_validate(dict(values))
    except ValidationError as error:
        raise UserError(from_validation(error, base_dir, {}, {})) from None
    return absolute(recipe, base_dir)


def _validate(found: Translated, path: Path, problems: list[Problem]) -> Recipe | None:
    # An empty `data:` block says the same as none: data.train is missing.
    values = {"data": {}} | found.values
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        problems += from_validation(error, path, found.lines, found.spelled)
        return None


def _unique(problems: list[Problem]) -> list[Problem]:
    """Drop a second complaint about the same field on the same line that says the same."""
    return list(dict.fromkeys(problems))
