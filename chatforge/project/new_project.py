"""Begin a project: a folder with a recipe.yaml, from a dialogue file of one's own or from the shipped samples."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chatforge import included
from chatforge.errors import UserError
from chatforge.paths import expand

RECIPE = "recipe.yaml"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")


@dataclass(frozen=True)
class Sample:
    """A project that ships with ChatForge. `name` is that of its recipe and of its folder of data."""

    name: str
    title: str
    what: str


SAMPLES: Mapping[str, Sample] = {
    "customer_service": Sample("customer_service", "Customer service", "180 conversations of an outdoor-gear shop"),
    "healthcare": Sample("healthcare", "Healthcare", "180 conversations of a clinic's front desk"),
}


def write_recipe(file: Path, train: str, base: str = "smollm2-135m-instruct", name: str | None = None) -> None:
    """Write a new recipe with every field explained; a file that is there stays as it is.

    Args:
        train: the file of conversations, as seen from the recipe. name: of its runs.

    Raises:
        UserError: the file is there, or cannot be written.
    """
    from chatforge.recipe.template import template  # pydantic: a start screen imports this module

    if not file.parent.is_dir():
        raise UserError(f"there is no folder {file.parent}", hint=f"make it first: mkdir -p {file.parent}")
    text = template(train, base)
    if name:
        text = text.replace("# name: my-bot", f"name: {name}", 1)
    _write_new(file, text)


def check_name(name: str) -> str:
    """Return a project's name if it can be a folder's.

    Raises:
        UserError: it cannot.
    """
    if not _NAME.fullmatch(name) or name != name.strip() or name.endswith("."):
        raise UserError(f"`{name}` cannot be a folder's name", hint="use letters, digits, spaces, `.`, `-` and `_`")
    return name


def new_project(at: Path, name: str, train: Path) -> Path:
    """Make the folder `name` in `at` with a recipe for the conversations in `train`; return the recipe.

    Raises:
        UserError: there is a recipe already, or the folder cannot be made.
    """
    folder = at / check_name(name)
    recipe = folder / RECIPE
    if recipe.exists():
        raise UserError("there is a project already", file=recipe, hint="choose another name, or open that one")
    _make(folder)
    write_recipe(recipe, _seen_from(folder, train, at), name=re.sub(r"[^A-Za-z0-9_-]+", "-", name))
    return recipe


def sample_project(name: str, at: Path) -> tuple[Path, bool]:
    """Copy a shipped sample into a folder of its own in `at`.

    Returns:
        Its recipe, and whether it was made now: one that is there already is left as it is.

    Raises:
        UserError: the samples are not there, or the folder cannot be written.
    """
    shipped = included.folder()
    folder, source = at / name, shipped / "data" / name
    recipe = folder / RECIPE
    if recipe.exists():
        return recipe, False
    try:
        text = (shipped / "recipes" / f"{name}.yaml").read_text(encoding="utf-8")
        _make(folder / "data")
        for file in sorted((*source.glob("*.jsonl"), *source.glob("*.yaml"))):
            if not (folder / "data" / file.name).exists():
                shutil.copyfile(file, folder / "data" / file.name)
    except OSError as error:
        raise UserError(f"the sample cannot be copied: {error.strerror}", file=folder) from error
    _write_new(recipe, _moved(text, name))
    return recipe, True


def _moved(text: str, name: str) -> str:
    """A shipped recipe as it reads in a project's own folder."""
    text = text.replace(f"../data/{name}/", "data/").replace(f"recipes/{name}.yaml", RECIPE)
    called = f"# What its runs are called.\nname: {name.replace('_', '-')}\n\n"
    return text.replace("# How much effort:", f"{called}# How much effort:", 1)


def _seen_from(folder: Path, file: Path, at: Path) -> str:
    """A file's path for a recipe in `folder`: relative if both lie in `at`, so that the whole can be moved."""
    file, at = expand(file).resolve(), at.resolve()
    if file.is_relative_to(at):
        return Path(os.path.relpath(file, folder.resolve())).as_posix()
    return str(file)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"the folder cannot be made: {error.strerror}", file=folder) from error


def _write_new(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise UserError("is already there and is left as it is", file=file, hint="choose another name") from None
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror}", file=file) from None
