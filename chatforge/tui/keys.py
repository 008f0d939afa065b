"""Every key of the app by the id that `[keys]` in config.toml knows it by."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from textual.binding import Binding
from textual.dom import DOMNode

import chatforge.tui
from chatforge.errors import did_you_mean


@dataclass(frozen=True)
class Key:
    """What a key does; `keys` are those that do it unless config.toml says otherwise, with commas between."""

    id: str
    keys: str
    does: str


def known() -> Mapping[str, Key]:
    """Return every key by its id. Imports all of the app, so it is for the time after the first paint."""
    for module in pkgutil.walk_packages(chatforge.tui.__path__, "chatforge.tui."):
        importlib.import_module(module.name)
    found = (Key(one.id, one.key, one.tooltip or one.description) for one in _bindings(DOMNode) if one.id)
    return {key.id: key for key in sorted(found, key=lambda key: key.id)}


def problems(changed: Mapping[str, str]) -> list[str]:
    """What is wrong with the keys that someone set: ids that are none."""
    ids = known()
    guesses = {name: did_you_mean(name, ids) for name in changed if name not in ids}
    return [f"there is no key {name!r}{f': {guess}' if guess else ''}" for name, guess in guesses.items()]


def file(path: Path, changed: Mapping[str, str]) -> list[str]:
    """How to change keys, and what the file could hold: each key below the words for what it does."""
    return [
        "# To change a key: copy its line into this file, below one line",
        "# [keys], and put another key between the quotes. It counts from",
        "# the next start on.",
        f"# {path}",
        "[keys]",
        *(
            line
            for key in known().values()
            for line in (f"# {key.does}", f'"{key.id}" = "{changed.get(key.id, key.keys)}"')
        ),
    ]


def _bindings(above: type[DOMNode]) -> Iterator[Binding]:
    """The bindings of our classes below one of Textual's."""
    for one in above.__subclasses__():
        if one.__module__.startswith(chatforge.tui.__name__):
            yield from (binding for binding in one.__dict__.get("BINDINGS", ()) if isinstance(binding, Binding))
        yield from _bindings(one)
