"""Plain text: the whole file is one record. Formats find the conversations in it."""

from collections.abc import Iterator
from pathlib import Path

from chatforge.dialogues.containers.decoding import guessed, utf8_pieces
from chatforge.dialogues.draft import Record
from chatforge.errors import UserError

MAX_TEXT = 64 << 20
"""Bytes; a transcript that is longer should be several files."""


def records(path: Path) -> Iterator[Record]:
    """Yield the text, its lines ending with ``\\n``.

    Raises:
        UserError: the file cannot be read, or is no text, or is longer than `MAX_TEXT`.
    """
    found, size = [], 0
    for piece in utf8_pieces(path):
        size += len(piece)
        if size > MAX_TEXT:
            what = f"plain text of more than {MAX_TEXT >> 20} MB"
            raise UserError(what, file=path, hint="cut it into several files, a few thousand conversations each")
        found.append(piece)
    text = "".join(guessed(line) for line in b"".join(found).splitlines(keepends=True))
    yield Record(1, text.replace("\r\n", "\n").replace("\r", "\n"))
