"""Going through records: passing on what is bad, looking ahead, and what a value in them is."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain, islice
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from chatforge.dialogues.draft import BadLine, Draft, Record

SAMPLE = 50
"""So many records or conversations are looked at before something is decided for the whole file."""

_T = TypeVar("_T")


class NoConversationError(Exception):
    """Why a record is no conversation; the words become the reason of a `BadLine`."""


def walk(records: Iterable[Record | BadLine], path: Path, read: Callable[[Record], Draft]) -> Iterator[Draft | BadLine]:
    """Read records one at a time; where `read` raises a `NoConversationError`, yield a bad line with its words."""
    for record in records:
        if isinstance(record, BadLine):
            yield record
            continue
        try:
            yield read(record)
        except NoConversationError as error:
            yield BadLine(path, record.line, str(error))


def peek(items: Iterable[_T], count: int) -> tuple[list[_T], Iterator[_T]]:
    """Return the first items, and an iterator over all of them."""
    rest = iter(items)
    first = list(islice(rest, count))
    return first, chain(first, rest)


def most(values: Collection[_T], test: Callable[[_T], bool]) -> bool:
    """Whether more than half of the values pass."""
    return 2 * sum(1 for value in values if test(value)) > len(values)


def objects(value: Any, name: str) -> list[dict[str, Any]]:
    """Return a list of objects.

    Raises:
        NoConversationError: it is no list, empty, or holds something else.
    """
    if not isinstance(value, list) or not value:
        raise NoConversationError(f"`{name}` is not a list of what was said")
    for i, item in enumerate(value, start=1):
        if not isinstance(item, dict):
            raise NoConversationError(f"number {i} of `{name}` is not an object with named fields")
    return value


def text(value: Any) -> str | None:
    """Return a text that is not empty, else None."""
    return value if isinstance(value, str) and value.strip() else None


def name(value: Any) -> str | None:
    """Return an id or a name, which may be a number, as text; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40:
        return str(value)
    return text(value)


def is_fact(value: Any) -> bool:
    """Whether a value says something by itself: a text, a number, true or false."""
    if isinstance(value, float):
        return isfinite(value)
    return isinstance(value, int) or (isinstance(value, str) and value != "")


def facts(source: Any, *keys: str) -> dict[str, Any]:
    """Return those members of an object that are facts, for a draft's `meta`."""
    return {key: source[key] for key in keys if is_fact(source.get(key))} if isinstance(source, Mapping) else {}
