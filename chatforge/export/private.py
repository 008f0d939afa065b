"""Takes out of what is handed on where things lie on this machine: absolute paths tell names and habits."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from ruamel.yaml import YAML

from chatforge.paths import expand

_ODD = re.compile(r"[^\w ./+@-]+")
"""What no name of a model or a file needs, and a card could take for markup."""

PATH_FIELDS = ("model.base", "data.train", "data.valid", "data.test", "data.texts", "evaluation.encoder")
"""Fields of a recipe that may hold a path."""


def public_name(word: str) -> str:
    """Return a model's or a file's name without its folders; catalogue names and hub ids stay."""
    is_path = Path(word).is_absolute() or word.startswith((".", "~")) or word.count("/") > 1 or "\\" in word
    name = PurePath(word.replace("\\", "/")).name if is_path else word
    return _ODD.sub("_", name)


def names_of(files: Iterable[str]) -> dict[str, str]:
    """Return {path: name}; where two files have one name, the later ones get a number before it."""
    names: dict[str, str] = {}
    for path in files:
        name, number = Path(path).name, 2
        while name in names.values():
            name, number = f"{number}-{Path(path).name}", number + 1
        names[path] = name
    return names


def without_paths(value: Any) -> Any:
    """Return a JSON value with every absolute path in it cut to its name; keys too."""
    if isinstance(value, Mapping):
        return {_cut(key): without_paths(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [without_paths(one) for one in value]
    return _cut(value) if isinstance(value, str) else value


def public_recipe(text: str, names: Mapping[str, str], folder: Path, roots: Iterable[str]) -> str:
    """Return a recipe's text with data and models named without their folders; comments stay.

    Args:
        names: absolute path of each dialogue file → its public name. folder: what its relative paths start at.
        roots: folders that must not be named anywhere, also not in comments.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    for holder, name in _holders(document if isinstance(document, dict) else {}):
        holder[name] = _renamed(holder[name], names, folder)
    out = io.StringIO()
    yaml.dump(document, out)
    changed = out.getvalue()
    for root in sorted(filter(_is_telling, roots), key=len, reverse=True):
        changed = changed.replace(root, "(folder)")
    return changed


def _holders(document: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Where a recipe names paths: the mapping, and the field in it."""
    for field in PATH_FIELDS:
        block, _, name = field.partition(".")
        holder = document.get(block)
        if isinstance(holder, dict) and name in holder:
            yield holder, name
    data = document.get("data")
    further = data.get("mix") if isinstance(data, dict) else None
    for holder in further if isinstance(further, list) else ():
        if isinstance(holder, dict) and "files" in holder:
            yield holder, "files"


def _renamed(value: Any, names: Mapping[str, str], folder: Path) -> Any:
    if isinstance(value, list):
        for i, one in enumerate(value):
            value[i] = _renamed(one, names, folder)
        return value
    text = str(value)
    known = names.get(str((folder / expand(text)).resolve()))
    return known or public_name(text)


def _is_telling(root: str) -> bool:
    """Whether a folder is long enough to be worth hiding: `/` alone stands in every URL."""
    return len(Path(root).parts) > 2


def _cut(text: str) -> str:
    one_path = Path(text).is_absolute() and "\n" not in text and len(Path(text).parts) > 2
    return Path(text).name if one_path else text
