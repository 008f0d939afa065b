"""How the conversations of each intent went: their rates, and what may be said of one alone.

Of 18 intents with 6 conversations each the worst rate is low by chance alone. So rates are drawn towards the mean of
all (beta-binomial), the more the fewer conversations there are and the more alike the intents; a difference to the base
is tested from 8 conversations on, and corrected for testing many (Benjamini and Hochberg); an intent is called the
weakest only where its interval lies below that of all the others together.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import optimize, stats
from scipy.special import betaln

from chatforge.evaluation.figures import Estimate
from chatforge.evaluation.measures import Array
from chatforge.evaluation.records import IntentRecord
from chatforge.evaluation.statistics import LEVEL, mean_interval, paired_difference

ALONE = 8
"""Conversations from which on something is said of an intent alone."""


STRENGTHS = np.geomspace(1.0, 1000.0, 60)
"""How many conversations the mean of all may count for, in each intent's rate."""


def drawn_rates(hits: Array, counts: Array) -> list[Estimate]:
    """Return every intent's rate with its 95% interval, drawn towards the rate of all.

    Before its own conversations are seen, an intent's rate is Beta(mean * s, (1 - mean) * s). How alike intents are (s)
    is not known but weighed by how well it foresees all of them, with the prior s**-2.5 (Gelman et al., Bayesian Data
    Analysis, 5.3), so that few intents with few conversations do not pass for all alike.

    Args:
        hits, counts: of each intent, shape (I,); hits need not be whole (expectations give parts of one).
    """
    mean = float((hits.sum() + 0.5) / (counts.sum() + 1.0))  # never quite 0 or 1
    a, b = mean * STRENGTHS[:, None], (1.0 - mean) * STRENGTHS[:, None]
    fit = (betaln(a + hits, b + counts - hits) - betaln(a, b)).sum(axis=1) - 1.5 * np.log(STRENGTHS)
    weights = np.exp(fit - fit.max())
    weights /= weights.sum()
    return [_mixed(stats.beta(a[:, 0] + k, b[:, 0] + n - k), weights) for k, n in zip(hits, counts, strict=True)]


def _mixed(rates: Any, weights: Array) -> Estimate:
    """Mean and interval of a weighted mixture of distributions."""

    def quantile(share: float) -> float:
        return float(optimize.brentq(lambda x: float(weights @ rates.cdf(x)) - share, 0.0, 1.0))

    mean = float(weights @ rates.mean())
    low, high = quantile(0.5 - LEVEL / 2), quantile(0.5 + LEVEL / 2)
    return Estimate(mean, min(low, mean), max(high, mean), "beta-binomial")  # a mean may lie beyond a long tail


def intent_records(
    intents: Sequence[str | None], base: Array, adapted: Array, worthwhile: float, seed: int
) -> tuple[IntentRecord, ...]:
    """Return a record of each intent, the weakest of the adapted model first; empty where no intent is known.

    Args:
        intents: of each conversation, shape (C,). base, adapted: primary scores, shape (C,).
    """
    places: dict[str, list[int]] = {}
    for i, intent in enumerate(intents):
        if intent:
            places.setdefault(intent, []).append(i)
    if not places:
        return ()
    drawn_base, drawn_adapted = _drawn(places, base), _drawn(places, adapted)
    tested = {
        intent: paired_difference(adapted[rows], base[rows], worthwhile=worthwhile, seed=seed)
        for intent, rows in places.items()
        if len(rows) >= ALONE
    }
    corrected = stats.false_discovery_control([d.p for d in tested.values()]) if tested else []
    q = dict(zip(tested, map(float, corrected), strict=True))
    records = [
        IntentRecord(
            intent=intent,
            conversations=len(rows),
            base=drawn_base[intent],
            adapted=drawn_adapted[intent],
            difference=tested.get(intent),
            q=q.get(intent),
            apart=_is_apart(drawn_adapted[intent], rows, adapted, seed),
        )
        for intent, rows in places.items()
    ]
    return tuple(sorted(records, key=lambda one: (one.adapted.value, one.intent)))


def _drawn(places: Mapping[str, Sequence[int]], scores: Array) -> dict[str, Estimate]:
    hits = np.array([scores[rows].sum() for rows in places.values()])
    counts = np.array([len(rows) for rows in places.values()])
    return dict(zip(places, drawn_rates(hits, counts), strict=True))


def _is_apart(drawn: Estimate, rows: Sequence[int], scores: Array, seed: int) -> bool:
    """Whether an intent lies below the others: enough conversations, and the intervals do not meet."""
    rest = np.delete(scores, rows)
    return len(rows) >= ALONE and len(rest) >= ALONE and drawn.high < mean_interval(rest, seed).low
