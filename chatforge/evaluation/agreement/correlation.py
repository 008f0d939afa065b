"""How strongly each axis goes with people's scores, and how sure that is.

The interval resamples documents: rows of one document come and go together. Every axis is resampled in the same way, so
that the difference between two axes has an interval of its own, narrower than those of both suggest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from chatforge.evaluation.agreement.reading import Row
from chatforge.evaluation.figures import Estimate
from chatforge.evaluation.measures import Array

RESAMPLES = 2000
LEVEL = 0.95
FEWEST = 3
"""Rows, and documents, without which nothing is correlated."""

DEFINED = 0.9
"""Share of the resamples that must have a correlation before their spread is called an interval."""

_CELLS = 4_000_000
"""Numbers that one array of a block of resamples holds at most."""

_NOTHING = 1e-12
"""Spread below which nothing varies."""

Value = Callable[[Array], Array]
"""Computes a statistic under each row of weights, shape (B, N) ─► (B,): how often each row of the texts is drawn."""

Kind = Literal["pearson", "spearman"]
KINDS: tuple[Kind, ...] = ("pearson", "spearman")


@dataclass(frozen=True)
class Correlation:
    """One axis with one score.

    Attributes:
        rows, documents: that have both.
        pearson, spearman: None where all values are equal, or there are too few.
        minus: the same correlation minus that of the axis it is held against, on the rows that have both axes; empty
            for that axis itself.
        given: Pearson's with the control held constant (partial correlation): what the axis knows beyond it; None for
            the control itself.
    """

    axis: str
    score: str
    rows: int
    documents: int
    pearson: Estimate | None
    spearman: Estimate | None
    minus: Mapping[Kind, Estimate | None]
    given: Estimate | None


def correlations(
    values: Mapping[str, Sequence[float | None]],
    rows: Sequence[Row],
    against: str,
    control: str,
    seed: int = 7,
    resamples: int = RESAMPLES,
) -> Iterator[Correlation]:
    """Yield the correlation of every axis with every score, score by score.

    Args:
        values: of each axis, one per row. against: the axis that the others are held against. control: the axis that is
            held constant.
    """
    groups = np.array([row.group for row in rows])
    axes = {axis: _numbers(column) for axis, column in values.items()}

    def sure(value: Value, there: Array) -> Estimate | None:
        return _estimate(value, groups[there], seed, resamples)

    for name in dict.fromkeys(name for row in rows for name in row.scores):
        score = _numbers([row.scores.get(name) for row in rows])
        for axis, column in axes.items():
            there = np.isfinite(column) & np.isfinite(score)
            both, held = there & np.isfinite(axes[against]), there & np.isfinite(axes[control])
            alone = {kind: sure(_one(column[there], score[there], kind), there) for kind in KINDS}
            minus = {kind: sure(_minus(column[both], axes[against][both], score[both], kind), both) for kind in KINDS}
            yield Correlation(
                axis,
                name,
                rows=int(there.sum()),
                documents=len(set(groups[there].tolist())),
                **alone,
                minus={} if axis == against else minus,
                given=None if axis == control else sure(_given(column[held], score[held], axes[control][held]), held),
            )


def _numbers(column: Sequence[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in column], dtype=np.float64)


def _one(x: Array, y: Array, kind: Kind) -> Value:
    return lambda weights: _correlation(x, y, weights, kind)


def _minus(x: Array, other: Array, y: Array, kind: Kind) -> Value:
    return lambda weights: _correlation(x, y, weights, kind) - _correlation(other, y, weights, kind)


def _given(x: Array, y: Array, control: Array) -> Value:
    """Partial correlation of x and y, given the control."""

    def value(weights: Array) -> Array:
        xy, xz, yz = (_correlation(*pair, weights, "pearson") for pair in ((x, y), (x, control), (y, control)))
        room = (1 - xz**2) * (1 - yz**2)
        return np.asarray(np.where(room > _NOTHING, (xy - xz * yz) / np.sqrt(np.maximum(room, _NOTHING)), np.nan))

    return value


def _estimate(value: Value, groups: Array, seed: int, resamples: int) -> Estimate | None:
    """A statistic and its interval; None where it is not defined, or not in enough of the resamples.

    Args:
        groups: the document of each row, shape (N,).
    """
    _, number = np.unique(groups, return_inverse=True)
    documents = int(number.max()) + 1 if number.size else 0
    if documents < FEWEST:
        return None
    centre = float(value(np.ones((1, groups.size)))[0])
    if not np.isfinite(centre):
        return None
    rng = np.random.default_rng([seed, 3])
    block = max(1, _CELLS // groups.size)
    drawn = []
    for begin in range(0, resamples, block):
        times = rng.multinomial(documents, np.full(documents, 1 / documents), size=min(block, resamples - begin))
        drawn.append(value(times[:, number].astype(np.float64)))
    spread = np.concatenate(drawn)
    spread = spread[np.isfinite(spread)]
    if spread.size < DEFINED * resamples:
        return None
    low, high = (float(end) for end in np.quantile(spread, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return Estimate(centre, low, high, "percentile")


def _correlation(x: Array, y: Array, weights: Array, kind: Kind) -> Array:
    """Weighted correlation under each row of weights, shape (B,); NaN where one of both does not vary.

    Args:
        x, y: shape (N,). weights: how often each of them is drawn, shape (B, N).
    """
    if kind == "spearman":
        x, y = _ranks(x, weights), _ranks(y, weights)
    total = weights.sum(axis=1, keepdims=True)
    dx = x - (weights * x).sum(axis=1, keepdims=True) / total
    dy = y - (weights * y).sum(axis=1, keepdims=True) / total
    product = (weights * dx * dy).sum(axis=1)
    size = np.sqrt((weights * dx * dx).sum(axis=1) * (weights * dy * dy).sum(axis=1))
    return np.asarray(np.where(size > _NOTHING, product / np.maximum(size, _NOTHING), np.nan))


def _ranks(values: Array, weights: Array) -> Array:
    """Ranks in each resample, ties in their middle, shape (B, N): a value that is drawn twice takes two places."""
    _, level = np.unique(values, return_inverse=True)
    mass = np.zeros((level.max() + 1, len(weights)))
    np.add.at(mass, level, weights.T)
    middle = mass.cumsum(axis=0) - mass / 2
    return np.asarray(middle[level].T)
