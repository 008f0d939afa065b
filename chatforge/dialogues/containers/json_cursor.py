"""A place in a JSON text that is read as it goes: only the value being read is held, however long the text.

[{"id": 1, …}, {"id": 2, …}, {"id": 3, …
               ▲ cursor                ▲ read so far; the rest is still in the file
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from chatforge.dialogues.containers.parsing import (
    DECODER,
    PYTHON,
    has_half_pair,
    is_python,
    why_broken,
    without_half_pairs,
)

MAX_VALUE = 64 << 20
"""Characters; one record that is longer is no conversation."""

_SPACE = re.compile(r"[ \t\n\r]*")
_LONGEST_WORD = len("-Infinity") + len("\\ud83d\\ude00")
"""An error this near to the end of what was read may be gone when more is read."""


class BrokenJsonError(Exception):
    """From here on the text cannot be read. `line` counts from 1; the message says why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


class Cursor:
    """Moves over a JSON text from its beginning to its end.

    Attributes:
        line: where the cursor stands, from 1.
    """

    def __init__(self, pieces: Iterator[str]) -> None:
        self.line = 1
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._before = 0  # characters that the line has before the text that is held

    def peek(self) -> str:
        """Go over white space; return the next character, which stays, or "" at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._go_to(space.end() if space else self._at)
            if self._at < len(self._text) or not self._read_more():
                return self._text[self._at : self._at + 1]

    def ahead(self, size: int) -> str:
        """Return the next `size` characters, which stay, or fewer at the end."""
        while len(self._text) - self._at < size and self._read_more():
            pass
        return self._text[self._at : self._at + size]

    def follows(self, sign: str) -> bool:
        """Go over white space and `sign`, if it is next; return whether it was."""
        if self.peek() != sign:
            return False
        self._go_to(self._at + 1)
        return True

    def expect(self, sign: str, wanted: str) -> None:
        """Go over white space and `sign`; `wanted` says in words what else would be right.

        Raises:
            BrokenJsonError: something else is next.
        """
        if not self.follows(sign):
            raise self._broken(self._at, f"Expecting {wanted}")

    def elements(self) -> Iterator[None]:
        """Go through the array that is next, stopping before each element; who asks for more has gone over it.

        Raises:
            BrokenJsonError: no array is next, or it breaks.
        """
        self.expect("[", "'['")
        if self.follows("]"):
            return
        self.peek()
        yield
        while self.follows(","):
            self.peek()
            yield
        self.expect("]", "',' or ']'")

    def members(self) -> Iterator[str]:
        """Go through the object that is next, as through `elements`: yield each name, stopping before its value.

        Raises:
            BrokenJsonError: no object is next, or it breaks.
        """
        self.expect("{", "'{'")
        if self.follows("}"):
            return
        yield self._name()
        while self.follows(","):
            yield self._name()
        self.expect("}", "',' or '}'")

    def value(self) -> tuple[Any, bool]:
        """Go over white space and one value; return it, and whether it can be saved (no half of a surrogate pair).

        Raises:
            BrokenJsonError: no whole value is next, or it is longer than `MAX_VALUE`.
        """
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if not (self._may_be_cut(error) and self._read_more()):
                    raise self._failed(error) from None
            else:
                if end < len(self._text) - 2 or not self._read_more():  # else a number may go on: 1 | .5, 1 | e-5
                    whole = not has_half_pair(value, self._text, self._at, end)
                    self._go_to(end)
                    return value, whole

    def _name(self) -> str:
        if self.peek() not in ("", '"'):
            raise self._failed(json.JSONDecodeError("Expecting a name in double quotes", self._text, self._at))
        name, _ = self.value()
        self.expect(":", "':'")
        self.peek()
        return without_half_pairs(name)

    def _may_be_cut(self, error: ValueError | RecursionError) -> bool:
        if not isinstance(error, json.JSONDecodeError):
            return False
        return error.msg.startswith("Unterminated") or error.pos >= len(self._text) - _LONGEST_WORD

    def _read_more(self) -> bool:
        """Let go of the text before the cursor and read at least as much as is left; False: there is no more."""
        left = len(self._text) - self._at
        if left > MAX_VALUE:
            raise BrokenJsonError(self.line, f"one value of more than {MAX_VALUE >> 20} million characters")
        kept, size = [], 0
        while size <= left and (piece := next(self._pieces, None)) is not None:
            kept.append(piece)
            size += len(piece)
        if not size:
            return False
        self._before = self._column(self._at) - 1
        self._text = self._text[self._at :] + "".join(kept)
        self._at = 0
        return True

    def _go_to(self, place: int) -> None:
        self.line += self._text.count("\n", self._at, place)
        self._at = place

    def _column(self, place: int) -> int:
        line_end = self._text.rfind("\n", 0, place)
        return place - line_end if line_end >= 0 else self._before + place + 1

    def _failed(self, error: ValueError | RecursionError) -> BrokenJsonError:
        place = error.pos if isinstance(error, json.JSONDecodeError) else self._at
        return self._broken(place, PYTHON if is_python(error) else why_broken(error))

    def _broken(self, place: int, why: str) -> BrokenJsonError:
        line = self.line + self._text.count("\n", self._at, place)
        if place >= len(self._text):
            why = "the file ends in the middle"
        return BrokenJsonError(line, f"broken JSON at column {self._column(place)}: {why}")
