"""What one text says that another does not, word by word. Light: standard library only."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

_TOKEN = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]")

MOST = 600
"""Words of a text, between its equal ends, that are compared; after them all is one piece: no text takes long."""

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
    before, after = _TOKEN.findall(first), _TOKEN.findall(second)
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    head, tail = "".join(before[:start]), "".join(before[len(before) - end :])
    before, after = _bounded(before[start : len(before) - end]), _bounded(after[start : len(after) - end])
    found = [Piece("same", head)] * bool(head)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            found.append(Piece("same", "".join(before[a:b])))
            continue
        if b > a:
            found.append(Piece("missing", "".join(before[a:b])))
        if d > c:
            found.append(Piece("added", "".join(after[c:d])))
    return _smoothed([*found, *[Piece("same", tail)] * bool(tail)])


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


def beginning(found: Iterable[Piece], most: int) -> Iterator[Piece]:
    """Yield so much of it as has `most` characters: texts are compared whole, and cut only for the eye."""
    for piece in found:
        if most <= 0:
            return
        yield Piece(piece.kind, piece.text[:most])
        most -= len(piece.text)


def summary_text(found: Sequence[Piece]) -> str:
    """How much of the words a reply (the second text) has in common with the true one (the first)."""
    if is_same(found):
        return "Word for word the true reply."
    share = alike(found)
    if share is None:
        return "Other signs than the true reply; neither has words"
    if share == 1:
        return "Word by word: the same words, with other signs or blanks between them"
    return f"Word by word: {min(share, 0.99):.0%} of the words are the same"


def readable(found: Sequence[Piece]) -> bool:
    """Whether differences are marked unasked: where nearly every word differs, they are not."""
    return is_same(found) or (alike(found) or 0.0) >= READABLE


def is_same(found: Iterable[Piece]) -> bool:
    """Whether both texts are one."""
    return all(piece.kind == "same" for piece in found)


def alike(found: Iterable[Piece]) -> float | None:
    """Return the share of both texts' words that they have in common, in order; None where neither has any."""
    counts = {"same": 0, "missing": 0, "added": 0}
    for piece in found:
        counts[piece.kind] += sum(any(map(str.isalnum, token)) for token in _TOKEN.findall(piece.text))
    total = 2 * counts["same"] + counts["missing"] + counts["added"]
    return 2 * counts["same"] / total if total else None


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many words both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _bounded(tokens: list[str]) -> list[str]:
    return tokens if len(tokens) <= MOST else [*tokens[:MOST], "".join(tokens[MOST:])]


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
