"""Conversations divided among train, valid and test: whole groups, by chance, each intent in its share.

    one group after another, by chance  ──►  the part that still wants most of its intents

Nothing depends on the order in which conversations stand in their file.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chatforge.dialogues.grouping import Gathering

Part = Literal["train", "valid", "test"]
PARTS: tuple[Part, ...] = ("train", "valid", "test")
LETTERS: Mapping[Part, str] = {"train": "t", "valid": "v", "test": "h"}
"""One letter for each part, h as in held out."""


@dataclass(frozen=True)
class Rules:
    """How a recipe divides its conversations; a share of None means that the part has files of its own.

    Attributes:
        valid_share, test_share: of all that are divided.
    """

    valid_share: float | None
    test_share: float | None
    seed: int

    @property
    def divides(self) -> bool:
        """Whether there is anything to divide."""
        return self.valid_share is not None or self.test_share is not None

    @property
    def shares(self) -> dict[Part, float]:
        """The share of each part that gets any."""
        valid, test = self.valid_share or 0.0, self.test_share or 0.0
        shares: dict[Part, float] = {"train": 1.0 - valid - test, "valid": valid, "test": test}
        return {part: share for part, share in shares.items() if share > 0}


@dataclass(frozen=True)
class Division:
    """Which part each conversation is in.

    Attributes:
        parts: a letter for each, in the order in which they are read: "tttvthht…".
        notes: what was decided here and should be known.
    """

    parts: str
    notes: tuple[str, ...] = ()


def divide(gathered: Gathering, rules: Rules, pulse: Callable[[], object] = lambda: None) -> Division:
    """Divide conversations by a recipe's rules.

    Args:
        pulse: called now and then; what it raises ends the work.
    """
    groups = gathered.groups(pulse)
    count = len(set(groups.of))
    together = f"{len(gathered)} conversations divided as {count} whole group{'s' if count != 1 else ''}"
    parts = group_split(groups.of, gathered.intents, gathered.exact, rules.shares, rules.seed)
    return Division("".join(LETTERS[part] for part in parts), (together, *groups.notes))


def group_split(
    groups: Sequence[int], intents: Sequence[str], texts: Sequence[int], shares: Mapping[Part, float], seed: int
) -> list[Part]:
    """Divide whole groups; return the part of each conversation.

    Each part has its share of the conversations, give or take less than the largest group, and as far as whole groups
    allow its share of each intent. No part is empty if there are as many groups as parts. The order of the input does
    not matter.

    Args:
        groups: of each conversation any number that its group has alone.
        intents, texts: of each conversation, its intent and a number that stands for what is said in it.
        shares: of each part, more than 0; only their proportions count.
    """
    division = _Division(shares, Counter(intents))
    members: dict[int, list[int]] = defaultdict(list)
    for i, number in enumerate(groups):
        members[number].append(i)
    for number in _order(texts, members, seed):
        division.put(number, Counter(intents[i] for i in members[number]))
    division.fill_empty()
    return [division.part[number] for number in groups]


def _order(texts: Sequence[int], members: Mapping[int, Sequence[int]], seed: int) -> list[int]:
    """By chance: one that depends on what they say, not on their places."""

    def chance(number: int) -> bytes:
        said = sorted(texts[i] for i in members[number])
        return hashlib.sha256(repr((seed, said)).encode()).digest()

    return sorted(members, key=chance)


class _Division:
    """Parts, what each still wants, and who got which group."""

    def __init__(self, shares: Mapping[Part, float], intents: Counter[str]) -> None:
        whole = sum(shares.values())
        self.part: dict[int, Part] = {}
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

    def _gain(self, part: Part, intents: Counter[str]) -> float:
        return sum(count * self._intents[part][intent] for intent, count in intents.items())

    def fill_empty(self) -> None:
        """Give each part without a group the smallest group of the part that has most groups."""
        for part in self._wanted:
            counts = Counter(self.part.values())
            if counts[part] or not counts:
                continue
            ((donor, most),) = counts.most_common(1)
            if most > 1:
                own = [number for number, owner in self.part.items() if owner == donor]
                self.part[min(own, key=lambda number: self._sizes[number])] = part
