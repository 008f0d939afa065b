"""What models said and foresaw is kept in the run folder: what has not changed is not computed again.

    evaluation/cache/replies-3f0c….json      one file per model and way to decode
    evaluation/cache/likelihoods-9a41….json  {"<hash of token ids>": …, …}

A name is the hash of everything that the entries hang on (weights, libraries, decoding); so nothing ever grows stale.
A file is replaced as a whole after each batch: an evaluation that was broken off goes on from there. One that cannot
be read counts as empty and is written anew.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from chatforge.runs.folder import write_json

T = TypeVar("T")
VERSION = 2
"""Raised when what is computed changes while its name would not."""


@dataclass(frozen=True)
class Cache:
    """Where things are kept.

    Attributes:
        folder: None keeps nothing.
        hangs_on: by the name of a model, everything that its results hang on besides what it is asked.
    """

    folder: Path | None = None
    hangs_on: Mapping[str, Any] = field(default_factory=dict)

    def knowing(self, model: str, hangs_on: object) -> "Cache":
        """The same with one more model."""
        return replace(self, hangs_on={**self.hangs_on, model: hangs_on})

    def shelf(self, kind: str, holds: type[T], model: str, *asked: object) -> "Shelf[T]":
        """Open what is kept of one model.

        Args:
            kind: what it is, for the file's name. holds: its type, checked when read.
            asked: what else the entries hang on.
        """
        if self.folder is None:
            return Shelf(None, holds)
        name = digest(VERSION, model, self.hangs_on.get(model), *asked)
        return Shelf(self.folder / f"{kind}-{name}.json", holds)


class Shelf(Generic[T]):
    """Results by the hash of what was asked, in one file."""

    def __init__(self, path: Path | None, holds: type[T]) -> None:
        self._path = path
        self._adapter: TypeAdapter[dict[str, T]] = TypeAdapter(dict[str, holds])  # type: ignore[valid-type]
        self._entries = self._read()

    def __getitem__(self, key: str) -> T:
        """Return what is kept under this key."""
        return self._entries[key]

    def __contains__(self, key: str) -> bool:
        """Whether something is kept under this key."""
        return key in self._entries

    def add(self, found: Mapping[str, T]) -> None:
        """Keep more; it is on disk when this returns."""
        self._entries |= found
        if self._path is not None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_json(self._path, self._adapter.dump_python(self._entries, mode="json"))

    def once(self, key: str, work: Callable[[], T]) -> T:
        """Return what is kept under a key; if nothing is, do the work and keep its result."""
        if key not in self:
            self.add({key: work()})
        return self[key]

    def missing(self, keys: Iterable[str]) -> list[str]:
        """The keys, each once and in order, under which nothing is kept."""
        return [key for key in dict.fromkeys(keys) if key not in self]

    def _read(self) -> dict[str, T]:
        if self._path is None:
            return {}
        try:
            return self._adapter.validate_json(self._path.read_bytes())
        except (OSError, ValidationError):  # not there, cut off, or not ours
            return {}


def digest(*things: object) -> str:
    """Return a name for plain values: a hash of their JSON."""
    text = json.dumps(things, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _plain(value: object) -> Sequence[Any]:
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no lasting form")
