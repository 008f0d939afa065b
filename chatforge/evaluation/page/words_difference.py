"""What one text says that another does not, word by word."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

_TOKEN = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]")

MOST = 600
"""Words of a text that are compared; what comes after is one piece, so that no text takes long."""

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
