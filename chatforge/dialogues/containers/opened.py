"""A file's bytes, unpacked and in pieces; what is no dialogue file at all is refused here, in words.

    talks.csv ─────────────────────┐
    talks.jsonl.gz ──► gzip ───────┼──► bytes, half a MiB at a time
    talks.json.zst ──► Zstandard ──┘

Packed files are known by their first bytes, not by their names.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from chatforge.errors import UserError

PIECE = 1 << 19
"""How many bytes are read at a time."""

GZIP = b"\x1f\x8b"
ZSTANDARD = b"\x28\xb5\x2f\xfd"

_ZSTANDARD_FEED = 1 << 10
"""Bytes given to Zstandard at a time: it may make 32,000 times as much of them, and has no other limit."""

_OTHERS = {
    b"PK\x03\x04": ("a ZIP archive or an Excel workbook", "unpack it, or save the sheet as CSV"),
    b"%PDF-": ("a PDF", "save the dialogues in it as text"),
    b"\xd0\xcf\x11\xe0": ("an old Office document", "save it as CSV or plain text"),
    b"{\\rtf": ("an RTF document", "save it as plain text"),
    b"BZh9": ("packed with bzip2", "unpack it, or pack it with gzip"),
    b"\xfd7zXZ": ("packed with xz", "unpack it, or pack it with gzip"),
    b"SQLite format 3": ("a SQLite database", "export the table as CSV"),
    b"ARROW1": ("an Arrow file", "save it as Parquet or as JSON, one conversation a line"),
}


class _DamagedError(Exception):
    """A packed file that cannot be unpacked to its end."""


def pieces(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes from its beginning, unpacked.

    Raises:
        UserError: it is missing, a folder, not a plain file, unreadable, damaged, or known to be no dialogue file.
    """
    refuse_what_is_no_file(path)
    try:
        with path.open("rb") as file:
            start = file.read(16)
            file.seek(0)
            _refuse_others(start, path)
            yield from _unpacked(file, start)
    except (EOFError, zlib.error, gzip.BadGzipFile, _DamagedError):
        what = "the packed file is damaged or cut off"
        raise UserError(what, file=path, hint="copy or download it again") from None
    except OSError as error:
        raise _unreadable(error, path) from None


def refuse_what_is_no_file(path: Path) -> None:
    """Check that `path` names a plain file.

    Raises:
        UserError: it does not.
    """
    try:
        if path.is_dir():
            raise UserError("this is a folder, not a file", file=path, hint="name a file in it")
        path.stat()
        if not path.is_file():
            what = "this is a device or a pipe, which cannot be read twice"
            raise UserError(what, file=path, hint="save what it gives as a file first")
    except (OSError, ValueError) as error:
        raise _unreadable(error, path) from None


def _unreadable(error: OSError | ValueError, path: Path) -> UserError:
    why = error.strerror if isinstance(error, OSError) else None
    hint = "check the name" if isinstance(error, FileNotFoundError) else "check that you may read it"
    return UserError(f"cannot be read: {why or error}", file=path, hint=hint)


def _refuse_others(start: bytes, path: Path) -> None:
    for sign, (what, hint) in _OTHERS.items():
        if start.startswith(sign):
            raise UserError(f"this is {what}", file=path, hint=hint)


def _unpacked(file: BinaryIO, start: bytes) -> Iterator[bytes]:
    if start.startswith(ZSTANDARD):
        yield from _unzstandard(file)
        return
    stream = gzip.GzipFile(fileobj=file) if start.startswith(GZIP) else file
    while piece := stream.read(PIECE):
        yield piece


def _unzstandard(file: BinaryIO) -> Iterator[bytes]:
    import zstandard

    def new() -> "zstandard.ZstdDecompressionObj":
        return zstandard.ZstdDecompressor().decompressobj()

    ready, size, frame, left = [], 0, new(), b""
    while feed := left or file.read(_ZSTANDARD_FEED):
        if frame.eof:
            frame = new()
        try:
            ready.append(frame.decompress(feed))
        except zstandard.ZstdError:
            raise _DamagedError from None
        left = frame.unused_data if frame.eof else b""
        size += len(ready[-1])
        if size >= PIECE:
            yield b"".join(ready)
            ready, size = [], 0
    if not frame.eof:  # Zstandard itself says nothing of a file that is cut off
        raise _DamagedError
    yield b"".join(ready)
