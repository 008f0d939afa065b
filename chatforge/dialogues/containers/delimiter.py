"""Which character parts the cells of a table, and whether a text is a table at all."""

import csv
import io
import re
from dataclasses import dataclass

DELIMITERS = (",", "\t", ";", "|")
_ROWS = 20
_NAME = re.compile(r"[^\W\d][\w .\-/()?#]{0,39}")
"""What the name of a column looks like: `answer`, `Ticket ID`, `Q/A`; not a sentence."""


@dataclass(frozen=True)
class Guess:
    """A delimiter, and how much speaks for it.

    Attributes:
        header: the first row.
        agreeing: of the first 20 rows after the header, the share with as many cells; 0 if there are none.
        named: whether the header looks like the names of columns.
    """

    delimiter: str
    header: tuple[str, ...]
    agreeing: float
    named: bool

    @property
    def columns(self) -> int:
        """How many cells the header has."""
        return len(self.header)


def guess(text: str, *, cut_off: bool) -> Guess:
    """Return the delimiter under which the first rows agree best; `cut_off`: the last row may not be whole."""
    guesses = [_guess(text, delimiter, cut_off) for delimiter in DELIMITERS]
    return max(guesses, key=lambda g: (g.columns > 1, g.agreeing, g.columns))


def _guess(text: str, delimiter: str, cut_off: bool) -> Guess:
    header, *rows = _first_rows(text, delimiter, cut_off) or [[]]
    agreeing = sum(len(row) == len(header) for row in rows) / len(rows) if rows else 0.0
    named = all(_NAME.fullmatch(name) for name in header) and len(set(header)) == len(header)
    return Guess(delimiter, tuple(header), agreeing, named)


def _first_rows(text: str, delimiter: str, cut_off: bool) -> list[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) > _ROWS:
                return rows
    except csv.Error:  # a huge cell; the rows before it tell enough
        return rows
    return rows[:-1] if cut_off and len(rows) > 1 else rows
