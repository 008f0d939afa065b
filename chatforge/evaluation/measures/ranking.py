"""The place of the own reference, expected over all draws of the other candidates and all ways to break ties.

    of n others, m score above the own reference and t just as high
    k - 1 of the n are drawn: how many of the m come along is hypergeometric
    a tie is broken by lot: m + 0, m + 1, ... m + t stand above, each with probability 1 / (t + 1)

        P(first)    = mean over u = 0..t of  C(n-m-u, k-1) / C(n, k-1)
        E(1/place)  = mean over u = 0..t of  [ (n+1)/k - C(n-m-u, k) / C(n, k-1) ] / (m+u+1)

Nothing is drawn, so there is no seed and no noise of drawing. A reply that cannot tell candidates apart (t = n) is
first with probability 1/k exactly.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import comb

from chatforge.evaluation.measures.design import Array


def expected_first(above: Array, tied: Array, others: Array, candidates: int) -> Array:
    """Return the probability that the own reference is the first among the candidates, shape (N,).

    Args:
        above, tied: how many of the others score above the own reference, and just as high, shape (N,).
        others: from how many the others are drawn, shape (N,). Where these are too few, all of them are candidates.
        candidates: k.
    """

    def first(m: Array, n: int, drawn: int) -> Array:
        return np.asarray(comb(n - m, drawn) / comb(n, drawn))

    return _each(first, above, tied, others, candidates)


def expected_reciprocal(above: Array, tied: Array, others: Array, candidates: int) -> Array:
    """Return the expectation of one over the place of the own reference, shape (N,); arguments as above."""

    def reciprocal(m: Array, n: int, drawn: int) -> Array:
        k = drawn + 1
        return np.asarray(((n + 1) / k - comb(n - m, k) / comb(n, drawn)) / (m + 1))

    return _each(reciprocal, above, tied, others, candidates)


def place(above: Array, tied: Array) -> Array:
    """Return the expected place of the own reference among all, from 1."""
    return np.asarray(1.0 + above + tied / 2.0)


def _each(value: Callable[[Array, int, int], Array], above: Array, tied: Array, others: Array, k: int) -> Array:
    """Mean of `value` over the ways to break ties, item by item."""
    found = np.empty(len(above))
    for i, (m, t, n) in enumerate(zip(above.tolist(), tied.tolist(), others.tolist(), strict=True)):
        found[i] = value(np.arange(m, m + t + 1), n, min(k - 1, n)).mean()
    return found
