"""Reads files of texts: by the ending of its name, and a PDF whatever it is called."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from chatforge.dialogues.containers.folder import ending
from chatforge.dialogues.texts.document import Document
from chatforge.dialogues.texts.pdf import read_pdf
from chatforge.dialogues.texts.plain import read_markdown, read_plain
from chatforge.errors import Problem, UserError

READERS: Mapping[str, Callable[[Path], Document]] = {
    ".txt": read_plain,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".pdf": read_pdf,
}


def read_texts(paths: Iterable[Path]) -> tuple[Document, ...]:
    """Read files of texts, in order.

    Raises:
        UserError: one problem for each file that cannot be used.
    """
    found: list[Document] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            found.append(_read(path))
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(problems)
    return tuple(found)


def _read(path: Path) -> Document:
    reader = READERS.get(ending(path))
    if reader is None:
        hint = "save it as one of them; dialogues belong in data.train"
        raise UserError("texts are read from .txt, .md and .pdf files", file=path, hint=hint)
    document = read_pdf(path) if _is_pdf(path) else reader(path)
    if not document.passages:
        raise UserError("the file is empty: it holds no text", file=path, hint="take it out of data.texts")
    return document


def _is_pdf(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:  # what cannot be opened is told by who reads it
        return file.read(5) == b"%PDF-"
    return False
