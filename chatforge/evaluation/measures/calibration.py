"""Does a model know when it is right? Its mean log-probability per token against whether the reply is identified.

    reply a  -0.31  identified 1.0  ┐  of all pairs of an identified and a missed reply: how often is the identified one
    reply b  -0.87  identified 0.0  ┘  the surer? AUROC: 0.5 tells nothing, 1 all

A score between 0 and 1 counts as that much of a hit and the rest of a miss.
"""

from collections.abc import Sequence

import numpy as np

from chatforge.evaluation.figures import Estimate
from chatforge.evaluation.measures.design import Array
from chatforge.evaluation.statistics import LEVEL, RESAMPLES, random_weights

STEPS = 10
"""Points of the curve."""


def auroc(sure: Array, scores: Array, seed: int, resamples: int = RESAMPLES) -> Estimate | None:
    """Return the area under the curve with its interval (Bayesian bootstrap over conversations).

    None where all are hits or all are misses.

    Args:
        sure: mean log-probability of each conversation, shape (C,). scores: primary, from 0 to 1, shape (C,).
    """
    surer = (sure[:, None] > sure[None, :]) + 0.5 * (sure[:, None] == sure[None, :])
    pairs = np.outer(scores, 1.0 - scores)
    np.fill_diagonal(pairs, 0.0)  # a reply is not compared with itself
    if pairs.sum() <= 0:
        return None
    won = pairs * surer
    found = []
    for weights in random_weights(len(sure), seed, resamples):
        above = ((weights @ won) * weights).sum(axis=1)
        found.append(above / np.maximum(((weights @ pairs) * weights).sum(axis=1), 1e-300))
    low, high = np.quantile(np.concatenate(found), [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return Estimate(float(won.sum() / pairs.sum()), float(low), float(high), "bayesian bootstrap")


def risk_coverage(sure: Array, scores: Array) -> Sequence[tuple[float, float]]:
    """Return (share of the replies that are given, the surest first; their mean score), in ten steps."""
    best = scores[np.argsort(-sure, kind="stable")]
    counts = sorted({max(1, round(len(best) * step / STEPS)) for step in range(1, STEPS + 1)})
    return [(count / len(best), float(best[:count].mean())) for count in counts]
