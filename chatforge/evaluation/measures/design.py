"""Who is compared with whom: the same for every rival."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

FEWEST = 3
"""Items without which nothing can be identified."""


@dataclass(frozen=True)
class Design:
    """Who is compared with whom.

    Attributes:
        shuffled: for each item the item whose reference the shuffled rival gives, shape (N,). Never of the same
            conversation. It is never among the candidates either: the item's own reference is then one of k that the
            reply has equally little to do with, and identification is 1/k on average, exactly.
        candidates: how many references each reply is compared with (k), its own included.
    """

    shuffled: Array
    candidates: int

    @property
    def chance(self) -> float:
        """Identification of a reply that has nothing to do with its item."""
        return 1.0 / self.candidates

    @property
    def others(self) -> Array:
        """Which references may stand beside the own one: row i for item i, boolean, shape (N, N)."""
        allowed = ~np.eye(len(self.shuffled), dtype=bool)
        allowed[np.arange(len(self.shuffled)), self.shuffled] = False
        return allowed


def make_design(count: int, candidates: int, seed: int, conversations: Sequence[str] | None = None) -> Design:
    """Say who is compared with whom among `count` items; fewer than `candidates` where there are too few items.

    Args:
        conversations: of which conversation each item is; None if each is of its own.

    Raises:
        ValueError: fewer than 3 items, or all of one conversation.
    """
    names = list(conversations) if conversations is not None else [str(i) for i in range(count)]
    groups: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        groups.setdefault(name, []).append(i)
    if count < FEWEST or len(groups) < 2:
        raise ValueError(f"{count} items of {len(groups)} conversations: at least {FEWEST} items are needed")
    order = np.random.default_rng([seed, count]).permutation(len(groups))
    members = list(groups.values())
    shuffled = np.empty(count, dtype=np.int64)
    for here, there in zip(order, np.roll(order, 1), strict=True):  # one cycle through all: no fixed point
        for turn, i in enumerate(members[here]):
            shuffled[i] = members[there][turn % len(members[there])]
    return Design(shuffled, min(candidates, count - 1))
