"""What must stay together when conversations are divided, and a division that keeps it together.

    same scenario, customer, source … or nearly the same text  ──►  one group
    one group after another, by chance  ──►  the part that still wants most of its intents

Nothing depends on the order in which conversations stand in their file.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.duplicates import Duplicates, Union

KEYS = ("scenario", "customer", "customer_id", "source", "parent", "group")
"""Entries of `meta` that say what a conversation belongs to."""

COARSE_SHARE, COARSE_COUNT = 0.1, 10
"""A value that more than a tenth of the conversations, and more than ten, have names a data set, not a customer."""


@dataclass(frozen=True)
class Groups:
    """Which conversations must not be divided.

    Attributes:
        of: of each conversation the place of the first one of its group.
        notes: what was decided here and should be known.
    """

    of: tuple[int, ...]
    notes: tuple[str, ...] = ()


def group(conversations: Sequence[Conversation], found: Duplicates) -> Groups:
    """Group conversations that share an entry of `meta` in KEYS or are copies of each other, word for word or nearly.

    Args:
        found: what is there more than once among these conversations.
    """
    union, notes = Union(len(conversations)), []
    for key in KEYS:
        members = _members(conversations, key)
        largest = max(map(len, members.values()), default=0)
        # A scenario is never set aside: it is ours, and the gate refuses one that is in two parts.
        if key != "scenario" and largest > max(COARSE_COUNT, COARSE_SHARE * len(conversations)):
            notes.append(f"`{key}` divides nothing: {largest} of {len(conversations)} conversations have the same")
            continue
        for places in members.values():
            _join(union, places)
    for together in (*found.exact, *(cluster.members for cluster in found.near)):
        _join(union, together)
    return Groups(tuple(union.root(i) for i in range(len(conversations))), tuple(notes))


def _members(conversations: Sequence[Conversation], key: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for i, conversation in enumerate(conversations):
        value = conversation.meta.get(key)
        if isinstance(value, str | int | float) and str(value).strip():
            found[str(value).strip()].append(i)
    return found


def _join(union: Union, places: Sequence[int]) -> None:
    for place in places[1:]:
        union.join(places[0], place)


def group_split(
    conversations: Sequence[Conversation], groups: Sequence[int], shares: Mapping[str, float], seed: int
) -> list[str]:
    """Divide whole groups; return the part of each conversation.

    Each part has its share of the conversations, give or take less than the largest group, and as far as whole groups
    allow its share of each intent. No part is empty if there are as many groups as parts. The order of the input does
    not matter.

    Args:
        groups: of each conversation any number that its group has alone.
        shares: of each part, more than 0; only their proportions count.
    """
    division = _Division(shares, Counter(c.intent or "" for c in conversations))
    members: dict[int, list[int]] = defaultdict(list)
    for i, number in enumerate(groups):
        members[number].append(i)
    for number in _order(conversations, members, seed):
        division.put(number, Counter(conversations[i].intent or "" for i in members[number]))
    division.fill_empty()
    return [division.part[number] for number in groups]


def _order(conversations: Sequence[Conversation], members: Mapping[int, Sequence[int]], seed: int) -> list[int]:
    """By chance: one that depends on what they say, not on their places."""

    def chance(number: int) -> bytes:
        # Without the id: where a file gives none, it is the line.
        texts = sorted(repr((c.intent, c.messages)) for c in (conversations[i] for i in members[number]))
        return hashlib.sha256("\0".join([str(seed), *texts]).encode()).digest()

    return sorted(members, key=chance)


class _Division:
    """Parts, what each still wants, and who got which group."""

    def __init__(self, shares: Mapping[str, float], intents: Counter[str]) -> None:
        whole = sum(shares.values())
        self.part: dict[int, str] = {}
        self._sizes: dict[int, int] = {}
        self._wanted = {part: share / whole * intents.total() for part, share in shares.items()}
        self._intents = {
            part: {intent: share / whole * count for intent, count in intents.items()} for part, share in shares.items()
        }

    def put(self, number: int, intents: Counter[str]) -> None:
        """Give a group to a part that has room for it or wants most; of these to the one that wants its intents most.

        A part is overfilled only while it wants most of all. Hence none ends a whole group away from its share.
        """
        size = intents.total()
        most = max(self._wanted, key=lambda part: self._wanted[part])
        room = [part for part, wanted in self._wanted.items() if wanted >= size or part == most]
        chosen = max(room, key=lambda part: (self._gain(part, intents), self._wanted[part]))
        self.part[number], self._sizes[number] = chosen, size
        self._wanted[chosen] -= size
        for intent, count in intents.items():
            self._intents[chosen][intent] -= count

    def _gain(self, part: str, intents: Counter[str]) -> float:
        return sum(count * self._intents[part][intent] for intent, count in intents.items())

    def fill_empty(self) -> None:
        """Give each part without a group the smallest group of the part that has most groups."""
        for part in self._wanted:
            counts = Counter(self.part.values())
            (donor, most), *_ = counts.most_common(1) or [("", 0)]
            if not counts[part] and most > 1:
                own = [number for number, owner in self.part.items() if owner == donor]
                self.part[min(own, key=lambda number: self._sizes[number])] = part
