"""Typed messages as JSON lines: one frozen dataclass each, told apart by the name of its class in small letters.

    Piece(id=3, text="Yes") ◄──► {"kind": "piece", "id": 3, "text": "Yes"}

Lines are ASCII, so no locale can break them. What a newer version adds is left out; what is no message is None.
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

Kinds = Mapping[str, type[Any]]
"""Name on the wire → its class."""


def kinds(classes: Iterable[type[Any]]) -> dict[str, type[Any]]:
    """Return the classes by their names on the wire."""
    return {one.__name__.lower(): one for one in classes}


def to_line(message: Any) -> bytes:
    """Return the message as one JSON line, newline included."""
    fields = {"kind": type(message).__name__.lower()} | dataclasses.asdict(message)
    return json.dumps(fields).encode("ascii") + b"\n"


def from_line(line: str | bytes, known: Kinds) -> Any:
    """Read a line; None if it is no message of these kinds."""
    try:
        fields = json.loads(line)
        return build(known[fields.pop("kind")], fields)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def build(kind: type[Any], fields: Mapping[str, Any]) -> Any:
    """Make a message of the fields that its class knows; lists become tuples.

    Raises:
        TypeError: a field is missing.
    """
    names = {field.name for field in dataclasses.fields(kind)}
    given = {name: value for name, value in fields.items() if name in names}
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})
