"""The measures, as arithmetic on embeddings and counts. Nothing here loads a model.

    reply ──cos──► own reference            identification: is this the largest? (k candidates, chance 1/k)
      ├────cos──► k-1 other references
      └────cos──► all other references      chance: their mean; corrected = (cos - chance) / (1 - chance)

Raw mean similarity is never a score: one constant reply can beat real retrieval on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

TIE = 1e-6
"""Similarities closer than this are equal: single precision holds no more."""

FEWEST = 3
"""Conversations without which nothing can be identified."""


@dataclass(frozen=True)
class Design:
    """Who is compared with whom; the same for every rival.

    Attributes:
        others: indices of the other references among the candidates of each item, shape (N, k-1).
        shuffled: for each item the item whose reference the shuffled rival gives, shape (N,). Never the item itself
            and never one of its candidates: the item's own reference is then one of k that the reply has equally
            little to do with, and identification is 1/k on average, exactly.
    """

    others: Array
    shuffled: Array

    @property
    def candidates(self) -> int:
        """How many references each reply is compared with, its own included."""
        return int(self.others.shape[1]) + 1

    @property
    def chance(self) -> float:
        """Identification of a reply that has nothing to do with its item."""
        return 1.0 / self.candidates


def make_design(count: int, candidates: int, seed: int) -> Design:
    """Draw the candidates of each of `count` items; fewer than `candidates` where there are too few items.

    Raises:
        ValueError: fewer than 3 items.
    """
    if count < FEWEST:
        raise ValueError(f"{count} items: at least {FEWEST} are needed")
    rng = np.random.default_rng([seed, count])
    order = rng.permutation(count)
    shuffled = np.empty(count, dtype=np.int64)
    shuffled[order] = np.roll(order, 1)  # one cycle through all: no fixed point
    k = min(candidates, count - 1)
    others = np.empty((count, k - 1), dtype=np.int64)
    for i in range(count):
        free = np.delete(np.arange(count), [i, shuffled[i]])
        others[i] = rng.choice(free, size=k - 1, replace=False)
    return Design(others, shuffled)


@dataclass(frozen=True)
class Scores:
    """What each reply scores, each of shape (N,).

    Attributes:
        identification: 1 if the own reference is the nearest candidate, 1/t if t candidates share first place,
            else 0. So replies that cannot tell candidates apart land on chance.
        rank: expected rank of the own reference, from 1.
        cosine: similarity to the own reference.
        chance: mean similarity of this reply to the other references.
        corrected: (cosine - chance) / (1 - chance).
    """

    identification: Array
    rank: Array
    cosine: Array
    chance: Array
    corrected: Array


def score(replies: Array, references: Array, design: Design, empty: Sequence[bool] | None = None) -> Scores:
    """Score one rival.

    Args:
        replies, references: embeddings, shape (N, D), unit length.
        empty: which replies say nothing: they count 0, with the last rank, and are not dropped.
    """
    said, meant = replies.astype(np.float64), references.astype(np.float64)
    own = (said * meant).sum(axis=1)
    rest = np.einsum("nd,nkd->nk", said, meant[design.others])
    above = (rest > own[:, None] + TIE).sum(axis=1)
    tied = (np.abs(rest - own[:, None]) <= TIE).sum(axis=1)
    chance = _mean_of_others(said, meant, own, design)
    room = 1.0 - chance
    corrected = np.where(room > TIE, (own - chance) / np.maximum(room, TIE), 0.0)
    mute = np.zeros(len(own), dtype=bool) if empty is None else np.asarray(empty, dtype=bool)
    return Scores(
        identification=np.where(mute | (above > 0), 0.0, 1.0 / (1.0 + tied)),
        rank=np.where(mute, float(design.candidates), 1.0 + above + tied / 2.0),
        cosine=np.where(mute, 0.0, own),
        chance=np.where(mute, 0.0, chance),
        corrected=np.where(mute, 0.0, corrected),
    )


def _mean_of_others(said: Array, meant: Array, own: Array, design: Design) -> Array:
    """Mean similarity of each reply to the references of other items.

    The reference that the shuffled rival gives for this item is left out for every rival, so that the shuffled one
    is not compared with itself.
    """
    given = (said * meant[design.shuffled]).sum(axis=1)
    total = said @ meant.sum(axis=0)
    return np.asarray((total - own - given) / (len(own) - 2))


@dataclass(frozen=True)
class Lengths:
    """Length of the replies over the length of their references, in characters."""

    median: float
    low: float
    high: float


def lengths(replies: Sequence[str], references: Sequence[str]) -> Lengths:
    """Return the median, 10 % and 90 % quantiles of reply length over reference length."""
    ratios = [len(r.strip()) / max(1, len(ref.strip())) for r, ref in zip(replies, references, strict=True)]
    low, median, high = (float(q) for q in np.quantile(ratios, [0.1, 0.5, 0.9]))
    return Lengths(median, low, high)


def is_empty(reply: str) -> bool:
    """Whether a reply says nothing."""
    return not reply.strip()


def share(flags: Sequence[bool]) -> float:
    """Share of true ones; 0 of none."""
    return sum(flags) / len(flags) if flags else 0.0
