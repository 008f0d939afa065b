"""PDF: pages become passages; what repeats at their edges is left out, words broken at line ends are joined."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers.opened import refuse_what_is_no_file
from chatforge.dialogues.containers.text import MAX_TEXT
from chatforge.dialogues.texts import pdf_pages
from chatforge.dialogues.texts.document import Document
from chatforge.dialogues.texts.edges import without_edges
from chatforge.dialogues.texts.flow import passages, without_contents
from chatforge.dialogues.texts.plain import without_controls
from chatforge.errors import UserError

MAX_FILE = 256 << 20
"""Bytes; pictures make a PDF large, but not this large."""


def read_pdf(path: Path) -> Document:
    """Read the text of a PDF's pages.

    Raises:
        UserError: it is missing, locked, damaged, a scan without text, or asks for too much.
    """
    pages = _pages(path)
    bare = [number for number, lines in enumerate(pages, start=1) if not any(map(str.strip, lines))]
    if len(bare) == len(pages):
        raise UserError(
            "no page of this PDF holds text: it is a scan, or made of pictures",
            file=path,
            hint="let a program read the letters first (OCR), for example: ocrmypdf IN.pdf OUT.pdf",
        )
    kept, repeated = without_edges(pages)
    lines, contents = without_contents([line for page in kept for line in page])
    harmless, controls = without_controls("\n".join(lines))
    counts = {
        "repeated lines at the edges of pages": repeated,
        "lines of dots, as in a table of contents": contents,
        "pages without text": len(bare),
        "control characters": controls,
    }
    note = f"no text on page {_some(bare)}: pictures or a scan" if bare else ""
    return Document(path, passages(harmless), {what: n for what, n in counts.items() if n}, (note,) if note else ())


def _pages(path: Path) -> list[list[str]]:
    """The lines of each page."""
    refuse_what_is_no_file(path)
    if path.stat().st_size > MAX_FILE:
        raise UserError(f"a PDF of more than {MAX_FILE >> 20} MB", file=path, hint="cut it into several files")
    command = [sys.executable, "-m", pdf_pages.__name__, str(path.absolute()), str(MAX_TEXT)]
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    said = [json.loads(line) for line in done.stdout.splitlines() if line.endswith(b"}")]
    trouble = next((one for one in said if "trouble" in one), None)
    if trouble or done.returncode:
        raise _error(path, trouble or {"trouble": "", "page": len(said) + 1})
    return [one["lines"] for one in said]


def _error(path: Path, trouble: dict[str, Any]) -> UserError:
    page = trouble.get("page")
    if trouble["trouble"] == pdf_pages.LOCKED:
        what, hint = "this PDF is locked with a password", "save it without one, or export its text"
    elif trouble["trouble"] == pdf_pages.TOO_LONG:
        what = f"holds more than {MAX_TEXT >> 20} MB of text by page {page}"
        hint = "cut it into several files"
    elif trouble["trouble"] == pdf_pages.DAMAGED:
        what = f"page {page} of this PDF cannot be read: the file is damaged or cut off"
        hint = "open it in a viewer and print it to a new PDF, or export its text"
    else:
        what = f"page {page} of this PDF takes more time or memory than any text should"
        hint = "leave that page out, or print the file to a new PDF"
    return UserError(what, file=path, hint=hint)


def _some(numbers: Sequence[int], most: int = 5) -> str:
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return ", ".join(map(str, numbers[:most])) + more
