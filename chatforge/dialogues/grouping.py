"""What must stay together when conversations are divided.

    same scenario, customer, source … or nearly the same text  ──►  one group

Conversations are taken one after another, and of each only some numbers are kept: a million are no trouble.
"""

import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.duplicates import Union, near_links
from chatforge.dialogues.normal import key_of, prints_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEYS = ("scenario", "customer", "customer_id", "source", "parent", "group")
"""Entries of `meta` that say what a conversation belongs to."""

COARSE_SHARE, COARSE_COUNT = 0.1, 10
"""A value that more than a tenth of the conversations, and more than ten, have names a data set, not a customer."""

MOST_NEAR = 20_000
"""Copies that only a comparison tells are looked for among so many conversations at most: some seconds."""

NO_PRINT = 0
"""Stands where too few words were said to tell."""

PULSE_EVERY = 64


@dataclass(frozen=True)
class Groups:
    """Which conversations must not be divided.

    Attributes:
        of: of each conversation the place of the first one of its group.
        notes: what was decided here and should be known.
    """

    of: tuple[int, ...]
    notes: tuple[str, ...] = ()


@dataclass
class _Entry:
    """One entry of `meta`: where each of its values was first, and (later, first) for those that had it again."""

    first: dict[str, int] = field(default_factory=dict)
    again: list[tuple[int, int]] = field(default_factory=list)

    def add(self, place: int, value: str) -> None:
        begun = self.first.setdefault(value, place)
        if begun != place:
            self.again.append((place, begun))

    def largest(self) -> int:
        return 1 + max(Counter(first for _, first in self.again).values(), default=0)


class Gathering:
    """Conversations that are to be divided, known by what decides about it.

    Attributes:
        intents: of each; "" without one. exact: of each the digest of its words, see `normal`.
    """

    def __init__(self) -> None:
        self.intents: list[str] = []
        self.exact = array("Q")
        self._reordered, self._swapped = array("Q"), array("Q")
        self._starts, self._owners = array("Q"), array("Q")
        self._entries = {key: _Entry() for key in KEYS}
        self._texts: list[str] = []

    def __len__(self) -> int:
        return len(self.intents)

    def add(self, conversation: Conversation) -> None:
        """Take one more."""
        place, prints = len(self), prints_of(conversation)
        self.intents.append(sys.intern(conversation.intent or ""))
        self.exact.append(prints.exact)
        self._reordered.append(prints.reordered or NO_PRINT)
        self._swapped.append(prints.swapped or NO_PRINT)
        self._starts.extend(prints.starts)
        self._owners.extend([place] * len(prints.starts))
        for key, value in _belongs(conversation):
            self._entries[key].add(place, value)
        if place < MOST_NEAR:
            self._texts.append(key_of(conversation))
        else:
            self._texts.clear()

    def groups(self, pulse: Callable[[], object] = lambda: None) -> Groups:
        """Group those that share an entry of `meta` in KEYS or are copies of each other, word for word or nearly.

        Args:
            pulse: called every few conversations while they are compared; what it raises ends the work.
        """
        union, notes = Union(len(self)), []
        for key, entry in self._entries.items():
            largest = entry.largest()
            # A scenario is never set aside: it is ours, and one that is in two parts is refused.
            if key != "scenario" and largest > max(COARSE_COUNT, COARSE_SHARE * len(self)):
                notes.append(f"`{key}` divides nothing: {largest} of {len(self)} conversations have the same")
                continue
            for later, first in entry.again:
                union.join(later, first)
        for one, other in self._copies():
            union.join(one, other)
        if len(self) <= MOST_NEAR:
            self._join_near(union, pulse)
        else:
            notes.append(
                f"among more than {MOST_NEAR:,} conversations only copies are kept together that have the same words, "
                "also in another order or with other names; whether others are nearly the same was not looked at"
            )
        return Groups(tuple(union.root(i) for i in range(len(self))), tuple(notes))

    def _copies(self) -> Iterator[tuple[int, int]]:
        """Yield pairs that a hash tells: equal, the beginning of the other, reordered, with other names."""
        import numpy as np

        exact = _numbers(self.exact)
        for marks in (exact, _numbers(self._reordered), _numbers(self._swapped)):
            order = np.argsort(marks, kind="stable")
            (same,) = np.nonzero((marks[order[1:]] == marks[order[:-1]]) & (marks[order[1:]] != NO_PRINT))
            yield from zip(order[same].tolist(), order[same + 1].tolist(), strict=True)
        starts, order = _numbers(self._starts), np.argsort(exact, kind="stable")
        at = np.minimum(np.searchsorted(exact[order], starts), len(exact) - 1)
        (found,) = np.nonzero(exact[order[at]] == starts)
        yield from zip(_numbers(self._owners)[found].tolist(), order[at[found]].tolist(), strict=True)

    def _join_near(self, union: Union, pulse: Callable[[], object]) -> None:
        def text(place: int) -> str:
            if place % PULSE_EVERY == 0:
                pulse()
            return self._texts[place]

        first: dict[int, int] = {}
        for place, exact in enumerate(self.exact):
            first.setdefault(exact, place)
        for _ in near_links(text, list(first.values()), union):
            pass  # joining is done on the way


def group(conversations: Iterable[Conversation]) -> Groups:
    """Group conversations as a division does, see `Gathering.groups`."""
    gathered = Gathering()
    for conversation in conversations:
        gathered.add(conversation)
    return gathered.groups()


def _numbers(values: "array[int]") -> "NDArray[np.uint64]":
    import numpy as np

    return np.array(values, dtype=np.uint64)


def _belongs(conversation: Conversation) -> Iterator[tuple[str, str]]:
    for key in KEYS:
        value = conversation.meta.get(key)
        if key == "scenario" and value:
            yield key, conversation.scenario.strip()
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            yield key, str(value).strip()
