"""The text of a PDF's pages, read in a process of its own that may use only so much time and memory.

    python -m chatforge.dialogues.texts.pdf_pages FILE  ─►  {"lines": ["…", …]}    one JSON line a page
                                                            {"trouble": "…", "page": 7}    and no more

A PDF is a program in disguise: a few kilobytes can ask for hours and for all memory there is. Nothing in a library
can be trusted to notice every such file, the operating system can.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SECONDS = 600
"""Of processor time: about ten thousand pages of plain text."""

BYTES = 2 << 30
"""Of memory, where the system can hold a process to it."""

LOCKED, DAMAGED, TOO_LONG = "locked", "damaged", "too long"


def main(path: Path, most: int) -> None:
    """Write the pages' lines to standard output.

    Args:
        most: characters; a file that has more ends with `TOO_LONG`.
    """
    _hold_back()
    page = 0
    try:
        for page, lines in enumerate(_pages(path), start=1):
            most -= sum(map(len, lines))
            _say({"lines": lines} if most >= 0 else {"trouble": TOO_LONG, "page": page})
            if most < 0:
                return
    except _LockedError:
        _say({"trouble": LOCKED})
    except MemoryError:
        sys.exit(1)
    except Exception:  # whatever a damaged file makes the library raise
        _say({"trouble": DAMAGED, "page": page + 1})


class _LockedError(Exception):
    """It cannot be read without a password."""


def _pages(path: Path) -> Iterator[list[str]]:
    import logging

    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, WrongPasswordError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise _LockedError
        for page in reader.pages:
            yield page.extract_text().splitlines()
    except (DependencyError, FileNotDecryptedError, WrongPasswordError):
        raise _LockedError from None


def _hold_back() -> None:
    with suppress(ImportError):  # Windows has no such limits
        import resource

        for what, limit in ((resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, BYTES)):
            with suppress(ValueError, OSError):
                resource.setrlimit(what, (limit, limit))


def _say(line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
