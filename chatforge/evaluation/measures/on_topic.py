"""Is it a reply to this conversation? Arithmetic on embeddings; nothing here loads a model.

    reply ──cos──► own reference            identification: is this the largest? (k candidates, chance 1/k)
      ├────cos──► k-1 other references
      └────cos──► all other references      chance: their mean; corrected = (cos - chance) / (1 - chance)

Raw mean similarity is never a score: one constant reply can beat real retrieval on it. And true replies take up the
words of their question, so that whoever repeats the question is identified two times in three. What decides is
therefore what a reply has *beyond the question*:

    question ─┐  the two directions that say nothing about who has answered: the question, and the mean of all
    mean ─────┤  references (what every reply of this domain has)
              ▼
    reply, candidates ──take both out──► what is left ──cos──► r(j) for each candidate j
                                                        └──► r(j) / spread(j): is the own one the largest?

    spread(j) is the root mean square of r between candidate j and the other references. The own reference has lost
    more to the question than the others have, and what is left of it is less like anything; without the division
    replies of other conversations are identified in 8-9.5% instead of 10%, with it in 10%.

A reply that only repeats the question has nothing left: all candidates tie, which is chance, exactly.
"""

from collections.abc import Sequence

import numpy as np

from chatforge.evaluation import scales
from chatforge.evaluation.measures.design import Array, Design
from chatforge.evaluation.measures.ranking import expected_first, expected_reciprocal, place

TIE = 1e-6
"""Similarities closer than this are equal: single precision holds no more."""

NOTHING = 1e-3
"""Length of a unit vector's rest below which nothing is left of it but rounding."""

EQUIVALENT = 0.95
"""References at least this similar to the own one are the same answer in other words, and no hard candidates."""


def identification(replies: Array, references: Array, design: Design) -> Array:
    """Return the probability that each reply's nearest candidate is its own reference, shape (N,).

    Args:
        replies, references: embeddings, shape (N, D), unit length.
    """
    similar = replies.astype(np.float64) @ references.astype(np.float64).T
    return expected_first(*_standing(similar, design.others), design.candidates)


class OnTopic:
    """Scores replies on every scale of this axis.

    Args:
        references, questions: embeddings of the true replies and of the user turns they answer, shape (N, D), unit
            length.
        intents: what each user wants; None where it is not known.
    """

    def __init__(self, references: Array, questions: Array, intents: Sequence[str | None], design: Design) -> None:
        self._meant = references.astype(np.float64)
        self._design = design
        self._alike = self._meant @ self._meant.T
        self._others = design.others
        self._bases = _bases(questions.astype(np.float64), self._meant.mean(axis=0))
        self._known = np.einsum("nd,idb->inb", self._meant, self._bases)  # what the bases hold of each candidate
        self._scale = _scales(self._alike, self._known)
        self._hard = _nearest(np.where(self._alike < EQUIVALENT, self._alike, -np.inf), self._others, design)
        self._same = self._of_same_intent(intents)

    def score(self, replies: Array, empty: Sequence[bool]) -> tuple[dict[str, list[float | None]], list[float]]:
        """Return the scores of one rival by scale, and the place of the own reference among all by the primary one.

        Args:
            replies: embeddings, shape (N, D), unit length.
            empty: which replies say nothing: they count 0, with the last place, and are not dropped.
        """
        said, mute, k = replies.astype(np.float64), np.asarray(empty, dtype=bool), self._design.candidates
        similar = said @ self._meant.T
        plain = _standing(similar, self._others)
        beyond = _standing(self._beyond(said, similar), self._others)
        columns = {
            scales.BEYOND_QUESTION.key: expected_first(*beyond, k),
            scales.IDENTIFICATION.key: expected_first(*plain, k),
            scales.HARD.key: expected_first(*_standing(similar, self._hard), k),
            scales.RECIPROCAL_RANK.key: expected_reciprocal(*plain, k),
            scales.CORRECTED.key: self._corrected(similar),
        }
        found = {key: np.where(mute, 0.0, column).tolist() for key, column in columns.items()}
        if self._same is not None:
            within = np.where(mute, 0.0, expected_first(*_standing(similar, self._same), k))
            there = np.flatnonzero(self._same.any(axis=1)).tolist()
            found[scales.SAME_INTENT.key] = [within[i].item() if i in there else None for i in range(len(within))]
        places = np.where(mute, 1.0 + self._others.sum(axis=1), place(*beyond[:2]))
        return found, places.tolist()

    def _beyond(self, said: Array, similar: Array) -> Array:
        """Similarity of what is left of each reply to what is left of each candidate, in units of its spread."""
        known = np.einsum("id,idb->ib", said, self._bases)
        left = np.sqrt(np.maximum((said * said).sum(axis=1) - (known * known).sum(axis=1), 0.0))
        rest = similar - np.einsum("ib,inb->in", known, self._known)
        return np.where(left[:, None] > NOTHING, rest * self._scale / np.maximum(left, NOTHING)[:, None], 0.0)

    def _corrected(self, similar: Array) -> Array:
        """Similarity to the own reference, less the mean similarity to the others.

        The reference that the shuffled rival gives for this item is left out for every rival, so that the shuffled
        one is not compared with itself.
        """
        chance = np.where(self._others, similar, 0.0).sum(axis=1) / self._others.sum(axis=1)
        room = 1.0 - chance
        return np.where(room > TIE, (np.diag(similar) - chance) / np.maximum(room, TIE), 0.0)

    def _of_same_intent(self, intents: Sequence[str | None]) -> Array | None:
        """The others of the same intent; where these are fewer than k - 1, the nearest references fill up.

        None if no intent is known; no others in the row of an item that has none.
        """
        wanted = np.array([intent or "" for intent in intents])
        known = wanted != ""
        if not known.any():
            return None
        same = (wanted[:, None] == wanted[None, :]) & self._others
        few = same.sum(axis=1) < self._design.candidates - 1
        filled = _nearest(np.where(same, np.inf, self._alike), self._others, self._design)
        return np.where(few[:, None], filled, same) & known[:, None]


def _standing(similar: Array, pool: Array) -> tuple[Array, Array, Array]:
    """How many of each item's pool are above its own reference, how many tie with it, how many there are."""
    own = np.diag(similar)[:, None]
    above = (similar > own + TIE) & pool
    tied = (np.abs(similar - own) <= TIE) & pool
    return above.sum(axis=1), tied.sum(axis=1), pool.sum(axis=1)


def _bases(questions: Array, mean: Array) -> Array:
    """Orthonormal directions of each question and of the mean, shape (N, D, 2); the second is 0 if they are one."""
    both = np.stack([questions, np.broadcast_to(mean, questions.shape)], axis=2)
    directions, lengths, _ = np.linalg.svd(both, full_matrices=False)
    return np.asarray(directions * (lengths > NOTHING)[:, None, :])


def _scales(alike: Array, known: Array) -> Array:
    """What each candidate's rest is multiplied by, item by item: 1 / (its length * its spread), shape (N, N)."""
    found = np.zeros_like(alike)
    for i, held in enumerate(known):
        rest = alike - held @ held.T
        left = np.sqrt(np.maximum(np.diag(rest), 0.0))
        there = left > NOTHING
        cosines = np.where(there[:, None] & there, rest / np.maximum(np.outer(left, left), NOTHING**2), 0.0)
        np.fill_diagonal(cosines, 0.0)
        spread = np.sqrt((cosines**2).mean(axis=1))
        found[i] = np.where(there & (spread > NOTHING), 1.0 / np.maximum(left * spread, NOTHING**2), 0.0)
    return found


def _nearest(alike: Array, allowed: Array, design: Design) -> Array:
    """The k - 1 others of the highest similarity, boolean, shape (N, N); those of minus infinity never."""
    wished = np.where(allowed, alike, -np.inf)
    chosen = np.zeros_like(allowed)
    order = np.argsort(-wished, axis=1, kind="stable")[:, : design.candidates - 1]
    np.put_along_axis(chosen, order, np.take_along_axis(np.isfinite(wished) | (wished > 0), order, axis=1), axis=1)
    return chosen
