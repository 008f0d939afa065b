"""JSON, one value a line (JSON Lines, NDJSON)."""

from collections.abc import Iterator
from json import JSONDecodeError
from pathlib import Path

from chatforge.dialogues.containers.decoding import Place, not_utf8, utf8_pieces
from chatforge.dialogues.containers.parsing import DECODER, HALF_PAIR, PYTHON, has_half_pair, is_python, why_broken
from chatforge.dialogues.containers.raw_lines import raw_lines
from chatforge.dialogues.draft import BadLine, Record

MAX_LINE = 8 << 20
"""Bytes; a longer line is not one conversation."""


def records(path: Path) -> Iterator[Record | BadLine]:
    """Yield every line's value, or why the line has none; blank lines are skipped.

    Raises:
        UserError: the file cannot be read, or is no text, or not UTF-8.
    """
    for number, raw in enumerate(raw_lines(utf8_pieces(path), MAX_LINE), start=1):
        if raw is None:
            yield BadLine(path, number, f"a line of more than {MAX_LINE >> 20} MB: no conversation is that long")
            continue
        try:
            text = raw.decode().rstrip()  # an error at the end is then on this line
        except UnicodeDecodeError as error:
            raise not_utf8(path, Place(number, error.start + 1, raw[error.start])) from None
        if text:
            yield record_of(text, path, number)


def record_of(text: str, path: Path, number: int) -> Record | BadLine:
    """Read the value of one line, or say why it has none."""
    try:
        value = DECODER.decode(text)
        if has_half_pair(value, text):
            return BadLine(path, number, HALF_PAIR)
        return Record(number, value)
    except (ValueError, RecursionError) as error:
        at = f" at column {error.colno}" if isinstance(error, JSONDecodeError) else ""
        return BadLine(path, number, PYTHON if is_python(error) else f"broken JSON{at}: {why_broken(error)}")
