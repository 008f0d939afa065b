"""The untrained rivals that need no language model: the constant reply and the nearest neighbour's."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chatforge.evaluation.measures import Array, Design
from chatforge.evaluation.measures.on_topic import identification

CONSTANTS = 5
"""How many constant replies are tried on the valid conversations."""


@dataclass(frozen=True)
class Constant:
    """The one reply that is always given, and how it was chosen."""

    reply: str
    why: str


def central(embeddings: Array, count: int = CONSTANTS, block: int = 1024) -> list[int]:
    """Return indices of the texts that best stand for all: the medoid first, then what it leaves uncovered.

    Each next one is the text that most raises the sum over all texts of their similarity to the nearest chosen one;
    for the first of them that is the text nearest to the mean.

    Args:
        embeddings: shape (N, D), unit length.
    """
    covered = np.full(len(embeddings), -1.0)
    chosen: list[int] = []
    for _ in range(min(count, len(embeddings))):
        gains = np.concatenate(
            [
                np.maximum(embeddings[i : i + block] @ embeddings.T - covered, 0.0).sum(axis=1)
                for i in range(0, len(embeddings), block)
            ]
        )
        gains[chosen] = -1.0
        chosen.append(int(gains.argmax()))
        covered = np.maximum(covered, embeddings @ embeddings[chosen[-1]])
    return chosen


def choose_constant(
    replies: Sequence[str], embeddings: Array, valid_references: Array, design: Design | None
) -> Constant:
    """Choose the best of five constants by identification on the valid conversations; the test never chooses.

    Identification holds any constant at chance on average, whatever it says. This rival is here to show that, and
    because by other measures (raw similarity) a constant can look good.

    Args:
        replies: distinct train replies; embeddings: theirs, shape (N, D).
        valid_references: embeddings of the valid conversations' references, shape (V, D).
        design: candidates among the valid references; None where there are too few of them.
    """
    candidates = central(embeddings)
    if design is None:
        return Constant(replies[candidates[0]], "the train reply most like all others")
    means = [
        identification(np.tile(embeddings[i], (len(valid_references), 1)), valid_references, design).mean()
        for i in candidates
    ]
    best = candidates[int(np.argmax(means))]
    return Constant(replies[best], f"best of {len(candidates)} on {len(valid_references)} valid conversations")


def nearest(queries: Array, contexts: Array, groups: Sequence[str], count: int) -> list[list[int]]:
    """Return for each query the indices of the nearest contexts, at most one of each group (of equals the first).

    Args:
        queries: shape (Q, D); contexts: shape (N, D), both unit length.
        groups: of each context. count: how many at most.
    """
    return [_first_of_each((-(query @ contexts.T)).argsort(kind="stable").tolist(), groups, count) for query in queries]


def _first_of_each(ranked: Sequence[int], groups: Sequence[str], count: int) -> list[int]:
    first: dict[str, int] = {}
    for i in ranked:
        if len(first) == count:
            break
        first.setdefault(groups[i], i)
    return list(first.values())
