"""Conversations that are in a file more than once: copies, the same in another order or with other names, nearly equal.

    exact      equal without case, punctuation, numbers and placeholders
    begins     one is the beginning of the other
    reordered  the same words in another order
    swapped    the same words but for those with a capital letter: other names
    near       Jaccard of 5-letter pieces >= 0.7

All but the last are told by a hash and cost nothing; the last is looked for among at most 200,000 conversations.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.normal import Prints, key_of, prints_of

Level = Literal["exact", "begins", "reordered", "swapped", "near"]
LEVELS: tuple[Level, ...] = ("exact", "begins", "reordered", "swapped", "near")

MOST = 200_000
"""Near-duplicates are looked for among so many conversations: about three minutes and half a gigabyte."""

PIECES_KEPT = 4_096


@dataclass(frozen=True, slots=True)
class Link:
    """Two conversations that are nearly the same, by their places in the list that was given.

    Attributes:
        similarity: Jaccard for the level "near", 1.0 where a hash told.
    """

    level: Level
    first: int
    second: int
    similarity: float = 1.0


@dataclass(frozen=True)
class Cluster:
    """Conversations that are nearly the same, each like at least one other of them.

    Attributes:
        members: places in the list that was given, ascending; of exact copies only the first.
        links: what holds them together, one less than the members.
    """

    members: tuple[int, ...]
    links: tuple[Link, ...]

    @property
    def level(self) -> Level:
        """How the loosest of them is held."""
        return max((link.level for link in self.links), key=LEVELS.index)

    @property
    def similarity(self) -> float:
        """How like the others the loosest of them is."""
        return min(link.similarity for link in self.links)


@dataclass(frozen=True)
class Duplicates:
    """What is there more than once.

    Attributes:
        exact: groups of exact copies, each ascending.
        near: clusters of the others.
        compared: how many different conversations were looked at for near-duplicates. different: how many there are.
    """

    exact: tuple[tuple[int, ...], ...]
    near: tuple[Cluster, ...]
    compared: int
    different: int


class Union:
    """Which of N things belong together."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def root(self, i: int) -> int:
        """Return the smallest thing of the set that i is in."""
        while self._parents[i] != i:
            self._parents[i] = i = self._parents[self._parents[i]]
        return i

    def join(self, i: int, j: int) -> bool:
        """Put two sets together; False if they were one."""
        low, high = sorted((self.root(i), self.root(j)))
        self._parents[high] = low
        return low != high

    def sets(self) -> Iterator[tuple[int, ...]]:
        """Yield the sets of more than one thing, each ascending."""
        found: dict[int, list[int]] = defaultdict(list)
        for i in range(len(self._parents)):
            found[self.root(i)].append(i)
        return (tuple(members) for members in found.values() if len(members) > 1)


def find_duplicates(conversations: Sequence[Conversation], seed: int = 0, most: int = MOST) -> Duplicates:
    """Find what is there more than once.

    Args:
        seed: for the sample.
        most: of more different conversations a sample of so many is looked at for near-duplicates.
    """
    prints = [prints_of(conversation) for conversation in conversations]
    exact = equal(found.exact for found in prints)
    copies = {i for group in exact for i in group[1:]}
    firsts = [i for i in range(len(conversations)) if i not in copies]
    union = Union(len(conversations))
    links = [link for link in _told_by_hash(prints, firsts) if union.join(link.first, link.second)]
    sample = firsts if len(firsts) <= most else sorted(random.Random(seed).sample(firsts, most))  # noqa: S311
    links += near_links(lambda i: key_of(conversations[i]), sample, union)
    return Duplicates(tuple(exact), tuple(_clusters(union, links)), len(sample), len(firsts))


def equal(marks: Iterable[Hashable | None]) -> list[tuple[int, ...]]:
    """Return groups of places that have the same mark, each ascending; None is equal to nothing."""
    first: dict[Hashable, int] = {}
    groups: dict[int, list[int]] = {}
    for i, mark in enumerate(marks):
        if mark is not None and (begun := first.setdefault(mark, i)) != i:
            groups.setdefault(begun, [begun]).append(i)
    return [tuple(groups[begun]) for begun in sorted(groups)]


def near_links(text: Callable[[int], str], places: Sequence[int], union: Union) -> Iterator[Link]:
    """Join what is nearly the same; yield what joined two sets.

    Args:
        text: the normal form of the text at a place. places: ascending.
    """
    if len(places) < 2:
        return
    from chatforge.dialogues.shingles import JACCARD, jaccard, likely_within, pieces, signatures

    kept = lru_cache(PIECES_KEPT)(lambda place: pieces(text(place)))
    refused: set[tuple[int, int]] = set()
    for pairs in likely_within(signatures(map(text, places), len(places))):
        for i, j in ((places[i], places[j]) for i, j in pairs.tolist()):
            if (i, j) in refused or union.root(i) == union.root(j):
                continue
            similarity = jaccard(kept(i), kept(j))
            if similarity >= JACCARD:
                union.join(i, j)
                yield Link("near", i, j, similarity)
            else:
                refused.add((i, j))


def _told_by_hash(prints: Sequence[Prints], firsts: Sequence[int]) -> Iterator[Link]:
    whole = {prints[i].exact: i for i in firsts}
    for i in firsts:
        yield from (Link("begins", *sorted((whole[start], i))) for start in prints[i].starts if start in whole)
    levels: tuple[tuple[Level, list[int | None]], ...] = (
        ("reordered", [prints[i].reordered for i in firsts]),
        ("swapped", [prints[i].swapped for i in firsts]),
    )
    for level, marks in levels:
        for group in equal(marks):
            yield from (Link(level, firsts[group[0]], firsts[i]) for i in group[1:])


def _clusters(union: Union, links: Iterable[Link]) -> Iterator[Cluster]:
    held: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        held[union.root(link.first)].append(link)
    for members in union.sets():
        yield Cluster(members, tuple(held[members[0]]))
