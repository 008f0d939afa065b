"""Held-out conversations that say what a training conversation says, perhaps in other words: for a person to look at.

No cosine separates paraphrases from neighbours in every domain, so the corpus sets its own: that which only 1 % of its
training conversations reach with another one that they have nothing to do with. What lies above is a candidate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.leakage import Leakage, Overlap
from chatforge.dialogues.normal import turns_of

if TYPE_CHECKING:  # numpy takes longer to import than the screens may wait
    import numpy as np
    from numpy.typing import NDArray

FALSE_ALARMS = 0.01
"""Share of the training conversations whose nearest neighbour lies above the threshold."""

ASKED = 5_000
"""So many training conversations are asked for their nearest neighbour."""

FEWEST = 20
"""With fewer training conversations that have a neighbour there is no threshold."""

CELLS = 8_000_000
"""Similarities held at once: 32 MB, and as much again while they are compared."""

NOBODY = -2.0
"""Less than any cosine."""


@dataclass(frozen=True)
class Threshold:
    """From which cosine on conversations are looked at.

    Attributes:
        cosine: of 100 training conversations, the nearest neighbour from another group is above it for one at most.
        asked: how many training conversations that is known from.
    """

    cosine: float
    asked: int


def said(conversation: Conversation) -> str:
    """Return the text to encode: context and reply, a line each, as written."""
    return "\n".join(turns_of(conversation))


def threshold_of(train: "NDArray[np.float32]", groups: Sequence[int], seed: int = 0) -> Threshold | None:
    """Set the threshold from the training conversations' own neighbours; None if there are too few.

    Args:
        train: their vectors, unit length, shape (N, D).
        groups: of each, see `grouping`: neighbours of one group are meant to be alike and don't count.
        seed: of more than 5,000 a sample is asked.
    """
    import numpy as np

    if len(train) < FEWEST:
        return None
    asked = np.arange(len(train))
    if len(train) > ASKED:
        asked = np.sort(np.random.default_rng(seed).choice(len(train), ASKED, replace=False))
    own = np.asarray(groups)
    nearest = np.concatenate(
        [
            np.where(own[rows, None] == own, NOBODY, train[rows] @ train.T).max(axis=1)
            for rows in _blocks(asked, len(train))
        ]
    )
    nearest = nearest[nearest > NOBODY]
    if len(nearest) < FEWEST:
        return None
    return Threshold(float(np.quantile(nearest, 1 - FALSE_ALARMS, method="higher")), len(nearest))


def look(
    leakage: Leakage,
    held_out: "NDArray[np.float32]",
    train: "NDArray[np.float32]",
    threshold: Threshold,
    conversations: tuple[Sequence[Conversation], Sequence[Conversation]],
) -> Leakage:
    """Add what to look at: the held-out conversations without a leak whose nearest neighbour is above the threshold.

    Args:
        held_out, train: vectors of the conversations that `leakage` was found in, unit length, shapes (H, D), (N, D).
        conversations: they themselves, held-out and train.
    """
    import numpy as np

    mine, theirs = conversations
    found = list(leakage.leaks)
    for rows in _blocks(np.array(leakage.clean(), dtype=np.int64), len(train)):
        similar = held_out[rows] @ train.T
        nearest = similar.argmax(axis=1)
        for i, j, cosine in zip(rows.tolist(), nearest.tolist(), similar.max(axis=1).tolist(), strict=True):
            if cosine > threshold.cosine:
                found.append(Overlap("look", i, j, mine[i].place, theirs[j].place, cosine))
    found.sort(key=lambda overlap: overlap.held_out)
    return replace(leakage, overlaps=tuple(found), look_above=threshold.cosine)


def _blocks(rows: "NDArray[np.int64]", width: int) -> "Iterator[NDArray[np.int64]]":
    size = max(1, CELLS // max(width, 1))
    return (rows[i : i + size] for i in range(0, len(rows), size))
