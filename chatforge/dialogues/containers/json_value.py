"""JSON as one large value: an array, whose elements are the records, or an object (see `json_shape` for what it holds).

Several values one after another, as `jq .` prints them, are read too: each is a record.
"""

from collections.abc import Iterator
from pathlib import Path

from chatforge.dialogues.containers.decoding import text_pieces
from chatforge.dialogues.containers.json_cursor import BrokenJsonError, Cursor
from chatforge.dialogues.containers.json_shape import Shape, shape
from chatforge.dialogues.containers.parsing import HALF_PAIR
from chatforge.dialogues.draft import BadLine, Record

_AHEAD = 250_000
"""Characters of an object that decide what it holds."""

_NOTES: dict[Shape, str] = {
    "lists": "one JSON object: the elements of its lists of objects are the records, its other members are left out",
    "members": "one JSON object: those of its members that are objects or lists are the records",
}


def records(path: Path) -> Iterator[Record | BadLine]:
    """Yield the records of a file, in order. Where the JSON breaks is one `BadLine`, the last.

    Raises:
        UserError: the file cannot be read, or is no text, or not UTF-8.
    """
    cursor = Cursor(text_pieces(path))
    try:
        yield from _first(cursor, path)
        while cursor.peek():
            yield _next(cursor, path)
    except BrokenJsonError as error:
        yield BadLine(path, error.line, f"{error}; the rest of the file cannot be read")


def notes(path: Path) -> tuple[str, ...]:
    """Return what `records` takes for granted about a file and should be said.

    Raises:
        UserError: the file cannot be read, or is no text, or not UTF-8.
    """
    cursor = Cursor(text_pieces(path))
    note = _NOTES.get(shape(cursor.ahead(_AHEAD))) if cursor.peek() == "{" else None
    return (note,) if note else ()


def _first(cursor: Cursor, path: Path) -> Iterator[Record | BadLine]:
    sign = cursor.peek()
    holds = shape(cursor.ahead(_AHEAD)) if sign == "{" else "one record"
    if sign == "[":
        for _ in cursor.elements():
            yield _next(cursor, path)
    elif holds == "lists":
        yield from _of_lists(cursor, path)
    elif holds == "members":
        for name in cursor.members():
            record = _next(cursor, path, name)
            if isinstance(record, BadLine) or isinstance(record.value, dict | list):
                yield record
    else:
        yield _next(cursor, path)


def _of_lists(cursor: Cursor, path: Path) -> Iterator[Record | BadLine]:
    for name in cursor.members():
        if cursor.peek() != "[":
            cursor.value()
            continue
        of_objects = None
        for _ in cursor.elements():
            of_objects = cursor.peek() == "{" if of_objects is None else of_objects
            record = _next(cursor, path, name)
            if of_objects:
                yield record


def _next(cursor: Cursor, path: Path, name: str | None = None) -> Record | BadLine:
    line = cursor.line
    value, can_be_saved = cursor.value()
    return Record(line, value, name) if can_be_saved else BadLine(path, line, HALF_PAIR)
