"""How sure a figure is. The unit is the conversation; everything between systems is paired."""

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from scipy import stats

from chatforge.evaluation.figures import POWER, Difference, Estimate
from chatforge.evaluation.measures import Array

RESAMPLES = 9999
LEVEL = 0.95
SELF_CHECK_LEVEL = 0.999


def mean_interval(values: Array, seed: int, resamples: int = RESAMPLES) -> Estimate:
    """Estimate a mean over conversations.

    Args:
        values: one per conversation, shape (N,), N >= 1.
    """
    return _interval((np.asarray(values, dtype=np.float64),), _mean, seed, resamples)


def ratio_interval(tops: Array, bottoms: Array, seed: int, resamples: int = RESAMPLES) -> Estimate:
    """Estimate a ratio of sums over conversations (bits over bytes), resampling both together.

    Args:
        tops, bottoms: shape (N,); the bottoms are positive.
    """
    both = (np.asarray(tops, dtype=np.float64), np.asarray(bottoms, dtype=np.float64))
    return _interval(both, _ratio, seed, resamples)


def paired_difference(a: Array, b: Array, *, worthwhile: float, seed: int, resamples: int = RESAMPLES) -> Difference:
    """Compare two systems on the same conversations; above zero means that `a` is better.

    `paired_difference(b, a)` is its exact mirror image: the arithmetic is done in one orientation and turned round.

    Args:
        a, b: one value per conversation, higher is better, shape (N,).
        worthwhile: smallest difference that matters.
    """
    d = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    changed = d[d != 0.0]
    turned = bool(changed.size and changed[0] < 0)
    d = -d if turned else d
    estimate = mean_interval(d, seed, resamples)
    means = posterior_means(d, seed, resamples)
    if turned:
        estimate = Estimate(-estimate.value, -estimate.high, -estimate.low, estimate.method)
        means = -means
    sd = float(d.std(ddof=1)) if d.size > 1 else 0.0
    return Difference(
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        method=estimate.method,
        p=sign_flip_p(d, seed, resamples),
        probability=float((means > 0).mean() + (means == 0).mean() / 2),
        probability_worthwhile=float((means >= worthwhile).mean()),
        sd=sd,
        smallest_visible=smallest_visible(sd, d.size),
        conversations=int(d.size),
    )


def posterior_means(values: Array, seed: int, resamples: int = RESAMPLES) -> Array:
    """Means under random weights (Bayesian bootstrap, Dirichlet(1)), shape (resamples,)."""
    return np.concatenate([weights @ values for weights in random_weights(values.size, seed, resamples)])


def random_weights(count: int, seed: int, resamples: int = RESAMPLES) -> Iterator[Array]:
    """Yield weights of `count` conversations that sum to 1 (Dirichlet(1)), in blocks, each of shape (1000, count)."""
    rng = np.random.default_rng([seed, 1])
    for begin in range(0, resamples, 1000):
        weights = rng.standard_exponential((min(1000, resamples - begin), count))
        yield weights / weights.sum(axis=1, keepdims=True)


def sign_flip_p(differences: Array, seed: int, resamples: int = RESAMPLES) -> float:
    """Two-sided p of "no difference", by flipping the signs of whole conversations at random."""
    rng = np.random.default_rng([seed, 2])
    observed = abs(float(differences.sum()))
    slack = 1e-9 * float(np.abs(differences).sum())
    extreme = 0
    for begin in range(0, resamples, 1000):
        signs = rng.integers(0, 2, (min(1000, resamples - begin), differences.size)) * 2 - 1
        extreme += int((np.abs(signs @ differences) >= observed - slack).sum())
    return (extreme + 1) / (resamples + 1)


def smallest_visible(sd: float, conversations: int) -> float:
    """Smallest difference that so many conversations find with 80% power at the 5% level."""
    return POWER * sd / math.sqrt(conversations) if conversations else math.inf


def wilson(mean: float, count: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a rate; `mean * count` need not be whole (ties give parts of a hit)."""
    z = float(stats.norm.ppf(0.5 + level / 2))
    centre = (mean + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(mean * (1 - mean) / count + z * z / (4 * count * count))
    return centre - half, centre + half


def share_of(yes: Sequence[bool]) -> Estimate:
    """Estimate a share of yes or no, with its Wilson interval."""
    mean = sum(yes) / len(yes)
    low, high = wilson(mean, len(yes))
    return Estimate(mean, max(0.0, low), min(1.0, high), "wilson")


def _interval(data: tuple[Array, ...], statistic: Callable[..., Any], seed: int, resamples: int) -> Estimate:
    value = float(statistic(*data))
    if data[0].size < 2 or all(np.ptp(column) == 0 for column in data):
        return Estimate(value, value, value, "none")
    for method in ("BCa", "percentile"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # degenerate data are dealt with here
            result = stats.bootstrap(
                data, statistic, paired=True, vectorized=True, n_resamples=resamples, batch=1000, method=method,
                confidence_level=LEVEL, rng=np.random.default_rng([seed, 0]),
            )  # fmt: skip
        low, high = (float(end) for end in result.confidence_interval)
        if math.isfinite(low) and math.isfinite(high):
            return Estimate(value, low, high, method.lower())
    return Estimate(value, value, value, "none")


def _mean(values: Array, axis: int = -1) -> Any:
    return values.mean(axis=axis)


def _ratio(tops: Array, bottoms: Array, axis: int = -1) -> Any:
    return tops.sum(axis=axis) / bottoms.sum(axis=axis)
