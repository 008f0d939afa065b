"""What one text says that another does not, word by word. Light: standard library only."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

_TOKEN = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]")

MOST = 600
"""Words of a text that are compared; what comes after is one piece, so that no text takes long."""

READABLE = 0.3
"""Share of common words from which on differences are marked unasked: under it nearly every word differs."""

Kind = Literal["same", "missing", "added"]


@dataclass(frozen=True)
class Piece:
    """A run of words: in both texts, only in the first ("missing") or only in the second ("added")."""

    kind: Kind
    text: str


def pieces(first: str, second: str) -> list[Piece]:
    """Return both texts as one row of pieces.

    "same" and "missing" pieces give the first text back, "same" and "added" ones the second.
    """
    before, after = _tokens(first), _tokens(second)
    found: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            found.append(Piece("same", "".join(before[a:b])))
            continue
        if b > a:
            found.append(Piece("missing", "".join(before[a:b])))
        if d > c:
            found.append(Piece("added", "".join(after[c:d])))
    return _smoothed(found)


def marked(found: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces as they are shown: blanks at the ends of a change stay outside, where they need no mark."""
    for piece in found:
        inner = piece.text.strip()
        if piece.kind == "same" or not inner:
            yield piece if piece.kind == "same" else Piece("same", " ")
            continue
        yield Piece(piece.kind, inner)
        if piece.text[-1].isspace() or piece.kind == "missing":
            yield Piece("same", " ")


def summary_text(found: Sequence[Piece]) -> str:
    """How much of the words a reply (the second text) has in common with the true one (the first)."""
    if is_same(found):
        return "Word for word the true reply."
    return f"Word by word: {alike(found):.0%} of the words are the same"


def is_same(found: Iterable[Piece]) -> bool:
    """Whether both texts are one."""
    return all(piece.kind == "same" for piece in found)


def alike(found: Iterable[Piece]) -> float:
    """Return the share of both texts' words that they have in common, in order; 1 where neither has any."""
    counts = {"same": 0, "missing": 0, "added": 0}
    for piece in found:
        counts[piece.kind] += sum(token[0].isalnum() for token in _TOKEN.findall(piece.text))
    total = 2 * counts["same"] + counts["missing"] + counts["added"]
    return 2 * counts["same"] / total if total else 1.0


def _tokens(text: str) -> list[str]:
    found = _TOKEN.findall(text)
    return found if len(found) <= MOST else [*found[:MOST], "".join(found[MOST:])]


def _smoothed(found: list[Piece]) -> list[Piece]:
    """Draw changes together that only blanks and signs are between: "-a +x . -b +y" is "-a.b +x.y"."""
    result: list[Piece] = []
    missing = added = ""
    for i, piece in enumerate(found):
        within = bool(missing or added) and any(later.kind != "same" for later in found[i + 1 : i + 2])
        if piece.kind == "same" and not (within and not any(sign.isalnum() for sign in piece.text)):
            result += _changed(missing, added)
            missing = added = ""
            result.append(piece)
            continue
        missing += piece.text if piece.kind != "added" else ""
        added += piece.text if piece.kind != "missing" else ""
    return result + _changed(missing, added)


def _changed(missing: str, added: str) -> list[Piece]:
    return [Piece("missing", missing)] * bool(missing) + [Piece("added", added)] * bool(added)
