"""The files and folders that a recipe names: which of them are missing, and where they lie.

Relative paths start at the recipe's folder, `base_dir`.
"""

from collections.abc import Iterator
from pathlib import Path

from chatforge.errors import Problem, UserError, did_you_mean
from chatforge.paths import expand
from chatforge.recipe.data_folders import Named, files_of, stands_for
from chatforge.recipe.evaluation import Evaluation
from chatforge.recipe.probe_sets import is_probe_file
from chatforge.recipe.problems import in_brackets, line_of
from chatforge.recipe.schema import Data, Further, Recipe
from chatforge.recipe.translate import Translated

_SPLITS = ("train", "valid", "test")


def what_is_missing(found: Translated, path: Path, base_dir: Path, notes: list[str]) -> list[Problem]:
    """Return a problem for each name behind which there is nothing to use; note each that is read as a folder."""
    return _missing_data(found, path, base_dir) + _missing_models(found, path, base_dir, notes)


def empty_folders(recipe: Recipe, found: Translated, path: Path, base_dir: Path, notes: list[str]) -> list[Problem]:
    """Note what every folder of data stands for; return those that stand for nothing."""
    problems, named = [], _named(recipe.data, base_dir)
    fields = [(f"data.{split}", split, places) for split, places in named.items()]
    # What is mixed in is learned, as train is.
    fields += [(f"data.mix.{i}.files", "train", _places(one, base_dir)) for i, one in enumerate(recipe.data.mix)]
    for field_name, split, places in fields:
        for number, place in enumerate(places):
            line = line_of(f"{field_name}.{number}", found.lines)
            try:
                notes += [f"line {line}: {note}" for note in stands_for(place, split, named)]
            except UserError as error:
                (problem,) = error.problems
                what = f"`{place.name}`: {problem.what}"
                problems.append(Problem(what, path, line, in_brackets(field_name), problem.hint))
    return problems


def absolute(recipe: Recipe, base_dir: Path) -> Recipe:
    """Make paths absolute, and put files in the place of folders of data."""
    data = recipe.data
    moved: dict[str, object] = {
        split: files_of(places, split, _named(data, base_dir)) for split, places in _named(data, base_dir).items()
    }
    moved["mix"] = [
        one.model_copy(update={"files": files_of(_places(one, base_dir), "train", _named(data, base_dir))})
        for one in data.mix
    ]
    moved["texts"] = [_join(base_dir, name) for name in data.texts]
    base = _model_path(recipe.model.base, base_dir)
    model = recipe.model if base is None else recipe.model.model_copy(update={"base": str(base)})
    judge = recipe.evaluation.model_copy(update=_judged_by(recipe.evaluation, base_dir))
    return recipe.model_copy(update={"data": data.model_copy(update=moved), "model": model, "evaluation": judge})


def _missing_models(found: Translated, path: Path, base_dir: Path, notes: list[str]) -> list[Problem]:
    problems = []
    for field_name in ("model.base", "evaluation.encoder", "evaluation.second_encoder"):
        block, _, leaf = field_name.partition(".")
        values = found.values.get(block)
        name = values.get(leaf) if isinstance(values, dict) else None
        place = _model_path(name, base_dir) if isinstance(name, str) and name else None
        if place is None:
            continue
        line = found.lines[field_name]
        if not place.exists():
            hint = _near(place) or f"looked at {place}"
            problems.append(Problem(f"there is no file or folder `{name}`", path, line, field_name, hint))
        elif not _is_path(str(name)):
            notes.append(f"line {line}: `{field_name}: {name}` read as the folder of that name beside the recipe")
    return problems


def _missing_data(found: Translated, path: Path, base_dir: Path) -> list[Problem]:
    problems = []
    judged = found.values.get("evaluation")
    sheet, probes = (judged.get("facts"), judged.get("probes")) if isinstance(judged, dict) else (None, None)
    named = [*_named_files(found.values.get("data")), ("evaluation.facts", sheet)]
    if isinstance(probes, str) and is_probe_file(probes):
        named.append(("evaluation.probes", probes))
    for field_name, value in named:
        for number, name in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(name, str) and (trouble := _file_trouble(name, field_name, base_dir)):
                line = line_of(f"{field_name}.{number}", found.lines)
                problems.append(Problem(trouble[0], path, line, in_brackets(field_name), trouble[1]))
    return problems


def _named_files(block: object) -> Iterator[tuple[str, object]]:
    """The fields of a `data` block that name files, wherever they stand in it, with what they say."""
    if not isinstance(block, dict):
        return
    for split in _SPLITS:
        yield f"data.{split}", block.get(split)
    yield "data.texts", block.get("texts")
    further = block.get("mix")
    for number, one in enumerate(further if isinstance(further, list) else ()):
        if isinstance(one, dict):
            yield f"data.mix.{number}.files", one.get("files")


def _file_trouble(name: str, field_name: str, base_dir: Path) -> tuple[str, str | None] | None:
    if not name.strip():
        return "a file name is empty", "name a .jsonl file, or remove the field"
    if name.startswith("hf://"):
        return f"`{name}` is not on this machine", f"`chatforge data fetch {name}` brings it; name the folder it prints"
    place = _join(base_dir, Path(name))
    try:
        place.stat()
    except FileNotFoundError:
        return f"there is no file `{name}`", _near(place) or f"looked at {place}; paths are relative to the recipe"
    except (OSError, ValueError) as error:
        return f"`{name[:60]}` cannot be opened: {error}"[:200], "check the name and its permissions"
    return _folder_trouble(name, place, field_name, base_dir) if place.is_dir() else None


def _folder_trouble(name: str, place: Path, field_name: str, base_dir: Path) -> tuple[str, str | None] | None:
    """Why files must be named instead of this folder, if they must."""
    holds_recipe = base_dir.resolve().is_relative_to(place.resolve())
    takes = field_name.removeprefix("data.") in _SPLITS or field_name.startswith("data.mix.")
    if takes and not holds_recipe:
        return None
    inside = sorted(entry.name for entry in place.glob("*.jsonl"))[:4]
    what = f"`{name}` is a folder" + (" that holds the recipe as well" if holds_recipe else "")
    return what, "name the files in it" + (f": {', '.join(inside)}" if inside else "")


def _near(place: Path) -> str | None:
    """A sibling with a similar name, or the part of the path that does not exist."""
    if not place.parent.is_dir():
        return f"there is no folder {place.parent}; paths are relative to the recipe"
    return did_you_mean(place.name, sorted(entry.name for entry in place.parent.iterdir()))


def _judged_by(evaluation: Evaluation, base_dir: Path) -> dict[str, object]:
    """What an evaluation reads, by field, absolute."""
    named = {"encoder": evaluation.encoder, "second_encoder": evaluation.second_encoder}
    places = {field: _model_path(name, base_dir) for field, name in named.items() if name}
    found: dict[str, object] = {field: str(place) for field, place in places.items() if place}
    if is_probe_file(evaluation.probes):
        found["probes"] = str(_join(base_dir, Path(evaluation.probes)))
    return found | ({"facts": _join(base_dir, evaluation.facts)} if evaluation.facts else {})


def _named(data: Data, base_dir: Path) -> Named:
    """What a recipe names for each part, absolute."""
    return {split: [_join(base_dir, name) for name in getattr(data, split)] for split in _SPLITS}


def _places(further: Further, base_dir: Path) -> list[Path]:
    """What a further dataset names, absolute."""
    return [_join(base_dir, name) for name in further.files]


def _join(base_dir: Path, name: Path) -> Path:
    return Path(base_dir, expand(name))


def _is_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or name.endswith(".gguf")


def _model_path(name: str, base_dir: Path) -> Path | None:
    """The file or folder that a model's name means, or None for a catalogue name or hub id."""
    if _is_path(name):
        return _join(base_dir, Path(name))
    folder = base_dir / name
    return folder if (folder / "config.json").is_file() else None
