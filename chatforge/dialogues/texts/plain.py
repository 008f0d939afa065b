"""Plain text and Markdown: paragraphs are what stands between empty lines.

Markdown stays as it is: a model may well answer in it. Only front matter, which is about the file, is left out.
"""

import re
from pathlib import Path

from chatforge.dialogues.containers.decoding import note_on_encoding
from chatforge.dialogues.containers.text import records
from chatforge.dialogues.texts.document import Document

_BETWEEN = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n.*?^\1[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")


def read_plain(path: Path) -> Document:
    """Read a text file into paragraphs.

    Raises:
        UserError: it cannot be read, is no text, or is too long.
    """
    return _document(path, _text(path), {})


def read_markdown(path: Path) -> Document:
    """Read a Markdown file into paragraphs, without its front matter.

    Raises:
        UserError: it cannot be read, is no text, or is too long.
    """
    rest, found = _FRONT_MATTER.subn("", _text(path), count=1)
    return _document(path, rest, {"front matter": 1} if found else {})


def without_controls(text: str) -> tuple[str, int]:
    """Return a text without control characters, and how many there were; tabs and line ends stay."""
    return _CONTROL.subn("", text)


def _text(path: Path) -> str:
    return "".join(str(record.value) for record in records(path))


def _document(path: Path, whole: str, left_out: dict[str, int]) -> Document:
    harmless, controls = without_controls(whole)
    passages = tuple(part.strip("\n") for part in _BETWEEN.split(harmless) if part.strip())
    note = note_on_encoding(path)
    counted = left_out | ({"control characters": controls} if controls else {})
    return Document(path, passages, counted, (note,) if note else ())
