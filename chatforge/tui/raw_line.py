"""A line of a dialogue file that cannot be used, as it stands there: what steers a terminal is written out."""

import re
from itertools import islice
from pathlib import Path

from chatforge.dialogues.window import Corpus

LARGEST = 8_000_000
"""Bytes of a file that is read through for one of its lines."""

MOST = 1_200
"""Signs of a line that are shown."""

BEFORE = 200
"""Signs shown before the place where a reader gave up."""

_COLUMN = re.compile(r"\bcolumn (\d+)")


def raw_line(corpus: Corpus, row: int, reason: str) -> str:
    """The line of a row, cut around the column that the reason names; "" where the file holds no lines of text."""
    file, line = corpus.place(row)
    index = corpus.files[file]
    try:
        raw = _of_file(index.path, index.numbers[line], index.size) if index.copy else next(index.raws([line]))
    except (OSError, StopIteration):
        return ""
    if b"\x00" in raw:
        return ""
    text = raw.decode("utf-8", "backslashreplace").rstrip("\r\n")
    found = _COLUMN.search(reason)
    start = max(0, int(found[1]) - BEFORE) if found and len(text) > MOST else 0
    before, after = text[:start], text[start + MOST :]
    return "".join((_cut(before), visible(text[start : start + MOST]), _cut(after)))


def visible(text: str) -> str:
    """A text in which every sign can be seen: an escape stands as `\\x1b`, a tab as `\\t`."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _cut(text: str) -> str:
    return f" [{len(text):,} more characters] " if text else ""


def _of_file(path: Path, number: int, size: int) -> bytes:
    """A line of a file by its number; b"" if it is too far away."""
    if size > LARGEST:
        return b""
    with path.open("rb") as file:
        return next(islice(file, number - 1, number), b"")
