"""From bytes to text: UTF-8, UTF-16 with a byte order mark, and for tables and plain text Windows-1252.

Bytes become UTF-8 first, whatever they are, so that everything after this module knows one encoding.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from chatforge.dialogues.containers.opened import pieces
from chatforge.errors import UserError


def utf8_pieces(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes without a byte order mark; UTF-16 is turned into UTF-8. What is neither stays as it is.

    Raises:
        UserError: the file cannot be read, or is no text: it holds a NUL.
    """
    stream = pieces(path)
    first = next(stream, b"")
    stream = chain([first.removeprefix(codecs.BOM_UTF8)], stream)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        stream = _from_utf16(stream)
    line = 1
    for piece in stream:
        if (nul := piece.find(b"\0")) >= 0:
            raise UserError(
                "the file is binary, not text",
                file=path,
                line=line + piece.count(b"\n", 0, nul),
                hint="give dialogues as text: JSON, CSV or transcripts, saved as UTF-8",
            )
        line += piece.count(b"\n")
        yield piece


def _from_utf16(stream: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    for piece in stream:
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()


def beginning(path: Path, size: int) -> bytes:
    """Return the first `size` bytes of `utf8_pieces` after white space, or fewer if the file has no more.

    Raises:
        UserError: the file cannot be read, is no text, or is empty.
    """
    found = b""
    for piece in utf8_pieces(path):
        found = found + piece if found else piece.lstrip()
        if len(found) >= size:
            break
    if not found:
        raise UserError("the file is empty", file=path, hint="export at least a few dozen conversations")
    return found[:size]


def text_pieces(path: Path) -> Iterator[str]:
    """Yield a file that must be UTF-8 (or UTF-16), as JSON must.

    Raises:
        UserError: the file cannot be read, or is something else; the error names line and column.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in utf8_pieces(path):
            yield decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        place = first_not_utf8(path) or Place(1, 1, error.object[error.start])  # else the file has changed since
        raise not_utf8(path, place) from None


@dataclass(frozen=True)
class Place:
    """Where a byte stands: line and column count from 1, the column in bytes."""

    line: int
    column: int
    byte: int


def first_not_utf8(path: Path) -> Place | None:
    """Return where a file first is not UTF-8; None: nowhere.

    Raises:
        UserError: the file cannot be read, or is no text.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, column = 1, 1
    for piece in chain(utf8_pieces(path), [b""]):
        held = decoder.getstate()[0]
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            line, column = _moved(line, column - len(held), error.object[: error.start])
            return Place(line, column, error.object[error.start])
        line, column = _moved(line, column, piece)
    return None


def _moved(line: int, column: int, over: bytes) -> tuple[int, int]:
    lines = over.count(b"\n")
    return line + lines, len(over) - over.rfind(b"\n") if lines else column + len(over)


def not_utf8(path: Path, place: Place) -> UserError:
    """Return the error for a file that is not UTF-8 at `place`."""
    return UserError(
        f"not UTF-8: byte 0x{place.byte:02x} at column {place.column}",
        file=path,
        line=place.line,
        hint=f"save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 {path.name} > utf8-{path.name}",
    )


def guessed(raw: bytes) -> str:
    """Decode one line of a table or of plain text: as UTF-8 if it is that, else as Windows-1252."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def note_on_encoding(path: Path) -> str | None:
    """Return what `guessed` will do to a file and should be said; None: it is UTF-8 throughout.

    Raises:
        UserError: the file cannot be read, or is no text.
    """
    place = first_not_utf8(path)
    return f"not UTF-8: read as Windows-1252 (line {place.line} and others like it)" if place else None
