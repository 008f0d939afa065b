"""Conversations that are nearly the same, and near-equal questions with different answers.

Unlike the other collectors this one keeps the conversations: comparing needs their words.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from chatforge.dialogues.checks.finding import Finding
from chatforge.dialogues.contradictions import Contradiction, find_contradictions
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.duplicates import MOST, Cluster, find_duplicates

_WHY = {"numbers": "the same but for its numbers", "words": "in other words"}


class Likeness:
    """Finds conversations that are nearly the same, and contradictions.

    Args:
        seed: draws the sample. most: how many conversations are kept and compared; of more, a sample.

    Attributes:
        note: said where only a sample was compared.
    """

    def __init__(self, seed: int = 0, most: int = MOST) -> None:
        self._seed, self._most = seed, most
        self._random = random.Random(seed)  # noqa: S311 (not for secrets)
        self._heard = 0
        self._kept: list[Conversation] = []
        self.note = ""

    def add(self, conversation: Conversation) -> None:
        """Hear one conversation."""
        self._heard += 1
        if len(self._kept) < self._most:
            self._kept.append(conversation)
        elif (place := self._random.randrange(self._heard)) < self._most:  # each of them is kept as likely as any
            self._kept[place] = conversation

    def findings(self) -> Iterator[Finding]:
        """Compare all that were kept with each other."""
        self._kept.sort(key=lambda one: (str(one.file), one.line or 0))
        found = find_duplicates(self._kept, self._seed)
        if self._heard > self._most:
            self.note = f"nearly the same: only {self._most:,} of {self._heard:,} conversations were compared, a sample"
        for cluster in found.near:
            yield self._near(cluster)
        for one in find_contradictions(self._kept, self._seed, MOST):
            yield self._contradiction(one)

    def _near(self, cluster: Cluster) -> Finding:
        first, *others = (self._kept[place] for place in cluster.members)
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        places = ", ".join(_short(other, first) for other in others[:3])
        return _finding(
            "near-duplicate", first, f"much like {places}{more} ({cluster.level}, {cluster.similarity:.2f})"
        )

    def _contradiction(self, one: Contradiction) -> Finding:
        first, second = self._kept[one.first], self._kept[one.second]
        return _finding(
            "contradiction",
            first,
            f"{_short(second, first)} answers the same question, asked {one.asked} times, {_WHY[one.why]}",
        )


def _finding(check: str, one: Conversation, what: str) -> Finding:
    return Finding(check, one.file or Path(one.id), one.line or 0, what, one.id)


def _short(other: Conversation, than: Conversation) -> str:
    """Where a conversation stands, as short as another one beside it allows."""
    return f"line {other.line}" if other.file == than.file else f"{other.file and other.file.name}:{other.line}"
