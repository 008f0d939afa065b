"""The gate between training and held-out conversations: what of the test was already in the lesson.

    exact, begins, reordered, swapped, near   leaks, told by the text (see `duplicates`)
    look                                      perhaps the same in other words, told by an encoder (see `lookalikes`)

Compared is context and reply.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Literal

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.duplicates import LEVELS, MOST, PIECES_KEPT, Level
from chatforge.dialogues.normal import Prints, key_of, prints_of

Kind = Level | Literal["look"]
KINDS: tuple[Kind, ...] = (*LEVELS, "look")
Marks = Callable[[Prints], Sequence[int | None]]

LEVEL_WORDS: dict[Kind, str] = {
    "exact": "word for word, but for case, punctuation and numbers",
    "begins": "one is the beginning of the other",
    "reordered": "the same sentences in another order",
    "swapped": "the same but for names",
    "near": "nearly the same words",
    "look": "perhaps say the same in other words",
}
"""What levels are called in front of people."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """A held-out conversation and the training conversation that gives it away.

    Attributes:
        held_out, train: places in the lists that were given. held_out_place, train_place: FILE:LINE of both.
        similarity: Jaccard for "near", cosine for "look", 1.0 where a hash told.
    """

    level: Kind
    held_out: int
    train: int
    held_out_place: str
    train_place: str
    similarity: float = 1.0


@dataclass(frozen=True)
class Leakage:
    """What a held-out part shares with the training part.

    Attributes:
        overlaps: at most one for each held-out conversation, the strongest; ascending by held-out place.
        held_out, train: conversations on both sides. compared: how many of train were looked at for "near".
        look_above: the cosine above which conversations are looked at; None if no encoder was asked.
    """

    overlaps: tuple[Overlap, ...]
    held_out: int
    train: int
    compared: int
    look_above: float | None = None

    @property
    def leaks(self) -> tuple[Overlap, ...]:
        """The overlaps that are certain: all but those to look at."""
        return tuple(overlap for overlap in self.overlaps if overlap.level != "look")

    @property
    def leaked(self) -> float:
        """Share of the held-out conversations that leak, 0 to 1."""
        return len(self.leaks) / self.held_out if self.held_out else 0.0

    @property
    def shares(self) -> dict[Kind, float]:
        """Share of the held-out conversations for each level, each conversation counted at its strongest."""
        levels = [overlap.level for overlap in self.overlaps]
        return {level: levels.count(level) / max(self.held_out, 1) for level in KINDS}

    def clean(self) -> list[int]:
        """Return the places of the held-out conversations without a leak: scores are given for all and for these."""
        leaked = {overlap.held_out for overlap in self.leaks}
        return [i for i in range(self.held_out) if i not in leaked]


def find_leakage(
    held_out: Sequence[Conversation], train: Sequence[Conversation], seed: int = 0, most: int = MOST
) -> Leakage:
    """Compare a held-out part (valid or test) with the training part, by the text alone.

    Args:
        seed: for the sample. most: of more training conversations a sample of so many is looked at for "near"; the
            other levels leave nothing out.
    """
    theirs = [prints_of(conversation) for conversation in train]
    mine = [prints_of(conversation) for conversation in held_out]
    found: dict[int, tuple[Level, int, float]] = {}
    for level, i, j in _told_by_hash(mine, theirs):
        found.setdefault(i, (level, j, 1.0))
    left = [i for i in range(len(held_out)) if i not in found]
    sample: Sequence[int] = range(len(train))
    if len(train) > most:
        sample = sorted(random.Random(seed).sample(sample, most))  # noqa: S311 (not for secrets)
    for i, j, similarity in _nearest(held_out, left, train, sample):
        found[i] = ("near", j, similarity)
    overlaps = [
        Overlap(level, i, j, held_out[i].place, train[j].place, similarity)
        for i, (level, j, similarity) in sorted(found.items())
    ]
    return Leakage(tuple(overlaps), len(held_out), len(train), len(sample))


def _told_by_hash(mine: Sequence[Prints], theirs: Sequence[Prints]) -> Iterator[tuple[Level, int, int]]:
    """Yield pairs, those of the strongest level first."""
    whole = _first(theirs, lambda one: [one.exact])
    longer = _first(theirs, lambda one: one.starts)
    rules: tuple[tuple[Level, dict[int, int], Marks], ...] = (
        ("exact", whole, lambda one: [one.exact]),
        ("begins", longer, lambda one: [one.exact]),
        ("begins", whole, lambda one: one.starts),
        ("reordered", _first(theirs, lambda one: [one.reordered]), lambda one: [one.reordered]),
        ("swapped", _first(theirs, lambda one: [one.swapped]), lambda one: [one.swapped]),
    )
    for level, places, marks in rules:
        for i, one in enumerate(mine):
            yield from ((level, i, places[mark]) for mark in marks(one) if mark in places)


def _first(prints: Sequence[Prints], marks: Marks) -> dict[int, int]:
    """Return for each mark the first place that has it."""
    found: dict[int, int] = {}
    for place, one in enumerate(prints):
        for mark in marks(one):
            if mark is not None:
                found.setdefault(mark, place)
    return found


def _nearest(
    held_out: Sequence[Conversation], left: Sequence[int], train: Sequence[Conversation], sample: Sequence[int]
) -> Iterator[tuple[int, int, float]]:
    """Yield for each held-out conversation that is nearly equal to some of train the most alike of these."""
    from chatforge.dialogues.shingles import JACCARD, jaccard, likely_across, pieces, signatures

    if not left or not sample:
        return
    mine = signatures((key_of(held_out[i]) for i in left), len(left))
    theirs = signatures((key_of(train[j]) for j in sample), len(sample))
    kept = lru_cache(PIECES_KEPT)(lambda j: pieces(key_of(train[j])))
    for i, pairs in groupby(likely_across(mine, theirs).tolist(), key=itemgetter(0)):
        own = pieces(key_of(held_out[left[i]]))
        similarity, negative = max((jaccard(own, kept(sample[j])), -sample[j]) for _, j in pairs)
        if similarity >= JACCARD:
            yield left[i], -negative, similarity
