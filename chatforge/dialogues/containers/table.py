"""Tables: CSV, TSV and their like, with the names of the columns in the first row; a record is {column: text}.

question;answer                                 line 1
"Where is my                                    line 2 ─► {"question": "Where is my\\nparcel?", "answer": "On its way."}
parcel?";On its way.                            line 3
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from chatforge.dialogues.containers.decoding import guessed, utf8_pieces
from chatforge.dialogues.containers.raw_lines import raw_lines
from chatforge.dialogues.draft import BadLine, Record
from chatforge.errors import UserError

MAX_CELL = 10 << 20
"""Characters in a cell, and bytes in a line; more is a quotation mark that was never closed, or no table."""


def records(path: Path, delimiter: str) -> Iterator[Record | BadLine]:
    """Yield the rows after the header; rows without any text are skipped.

    Raises:
        UserError: the file cannot be read, or is no text, or has lines of more than `MAX_CELL`.
    """
    header: Sequence[str] = ()
    for first, last, row in _rows(path, delimiter):
        if isinstance(row, csv.Error):
            yield BadLine(path, first, _broken(row, first, last))
        elif not "".join(row).strip():
            continue
        elif not header:
            header = column_names(row)
        elif len(row) != len(header):
            yield BadLine(path, first, _uneven(row, header, first, last))
        else:
            yield Record(first, dict(zip(header, row, strict=True)))


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """Make every column's name one of its own: ``answer, answer, ""`` ─► ``answer, answer 2, column 3``."""
    names: list[str] = []
    for i, cell in enumerate(header, start=1):
        wanted = name = cell.strip() or f"column {i}"
        number = 1
        while name in names:
            number += 1
            name = f"{wanted} {number}"
        names.append(name)
    return tuple(names)


def _rows(path: Path, delimiter: str) -> Iterator[tuple[int, int, list[str] | csv.Error]]:
    """Yield each row's first and last line, and its cells or what is wrong with it."""
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))  # one for the whole process: it is only ever raised
    reader = csv.reader(_lines(path), delimiter=delimiter)
    while True:
        first = reader.line_num + 1
        try:
            row: list[str] | csv.Error = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = error
        yield first, reader.line_num, row


def _lines(path: Path) -> Iterator[str]:
    for number, raw in enumerate(raw_lines(utf8_pieces(path), MAX_CELL), start=1):
        if raw is None:
            what = f"a line of more than {MAX_CELL >> 20} MB: this is no table of dialogues"
            raise UserError(what, file=path, line=number, hint="check that the file has line ends")
        yield guessed(raw)


def _broken(error: csv.Error, first: int, last: int) -> str:
    if "field limit" in str(error):
        return (
            f"a cell of more than {MAX_CELL >> 20} MB, lines {first}–{last} are lost: is a quotation mark not closed?"
        )
    return f"broken table: {error}"


def _uneven(row: Sequence[str], header: Sequence[str], first: int, last: int) -> str:
    cells = f"{len(row)} cell{'s' if len(row) > 1 else ''} where the header has {len(header)}"
    return f"{cells}; the row goes on to line {last}: is a quotation mark not closed?" if last > first else cells
