"""From the lines of a printed page back to paragraphs.

    The exam-            The examination
    ination is free. ─►  is free.            a broken word is joined, a full line goes on in the next one
    Bring your card.     Bring your card.    a short line that ends a sentence ends the paragraph

A PDF knows where letters stand, not what belongs together: this is a guess, made the same way every time.
"""

import re
from collections.abc import Sequence

FULL = 0.75
"""A line of less than this share of the usual longest one was ended by the writer, not by the edge of the page."""

_BROKEN = re.compile(r"(\w+)[-\u2010\u00ad]$")
_WORDS = re.compile(r"\w+(?:[-\u2010]\w+)*")
_LEADERS = re.compile(r"(?:\. ?){5}|_{5}|…{2}")
_ITEM = re.compile(r"[•‣▪*–—-]\s|\(?\d{1,3}(?:(?:\.\d{1,3})+[.)]?|[.)])\s|\(?[a-zA-Z][.)]\s")


def without_contents(lines: Sequence[str]) -> tuple[list[str], int]:
    """Return lines without those of a table of contents, and how many these were."""
    kept = [line for line in lines if not _LEADERS.search(line)]
    return kept, len(lines) - len(kept)


def passages(text: str) -> tuple[str, ...]:
    """Join lines to paragraphs; each is one line without white space around it, none is empty."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    usual = _usual_length([len(line) for line in lines if line])
    words = {word.casefold() for line in lines for word in _WORDS.findall(line)}
    found: list[str] = []
    before = ""
    for line in lines:
        if not line:
            pass
        elif before and _goes_on(before, line, usual):
            found[-1] = _joined(found[-1], line, words)
        else:
            found.append(line)
        before = line
    return tuple(found)


def _usual_length(lengths: Sequence[int]) -> int:
    """The length of a full line: nine of ten are no longer."""
    return sorted(lengths)[len(lengths) * 9 // 10] if lengths else 0


def _goes_on(line: str, following: str, usual: int) -> bool:
    if _BROKEN.search(line) or following[0].islower():
        return True
    return len(line) >= FULL * usual and not _ITEM.match(following)


def _joined(above: str, line: str, words: set[str]) -> str:
    """Join a line to the one above; a word that is broken there gets back the hyphen only if others have it."""
    broken = _BROKEN.search(above)
    if not broken:
        return f"{above} {line}"
    first, rest = broken[1].casefold(), line.split(maxsplit=1)[0]
    second = (_WORDS.match(rest) or [""])[0].casefold()
    hyphen = f"{first}-{second}" in words and f"{first}{second}" not in words
    upper = bool(second) and not rest[0].islower()
    return above + line if hyphen or upper else above[: broken.end(1)] + line
