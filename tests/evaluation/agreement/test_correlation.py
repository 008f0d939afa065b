"""The correlations are those that scipy knows, and their intervals cover what is true."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from chatforge.evaluation.agreement.correlation import Correlation, _correlation, correlations
from chatforge.evaluation.agreement.reading import Row

whole = st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=3, max_size=30)


def rows_of(scores: Sequence[float | None], groups: Sequence[int] | None = None) -> list[Row]:
    return [Row("r", "c", groups[i] if groups else i, {"facts": score}) for i, score in enumerate(scores)]


def only(values: dict[str, list[float | None]], rows: list[Row], against: str = "a", **more: Any) -> list[Correlation]:
    return list(correlations(values, rows, against, more.pop("control", "a"), **more))


@given(pairs=whole, times=st.data())
def test_weights_are_repetitions(pairs: list[tuple[int, int]], times: st.DataObject) -> None:
    x, y = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    drawn = times.draw(st.lists(st.integers(0, 3), min_size=len(x), max_size=len(x)).filter(lambda w: sum(w) >= 3))
    longer_x, longer_y = np.repeat(x, drawn), np.repeat(y, drawn)
    weights = np.array([drawn], dtype=float)
    if np.ptp(longer_x) == 0 or np.ptp(longer_y) == 0:
        assert np.isnan(_correlation(x, y, weights, "pearson"))[0]
        return
    assert _correlation(x, y, weights, "pearson")[0] == pytest.approx(stats.pearsonr(longer_x, longer_y)[0], abs=1e-9)
    assert _correlation(x, y, weights, "spearman")[0] == pytest.approx(stats.spearmanr(longer_x, longer_y)[0], abs=1e-9)


def test_rows_without_a_value_or_a_score_are_not_among_those_that_are_counted() -> None:
    rows = rows_of([1.0, 2.0, 3.0, 4.0, None, 6.0], [0, 0, 1, 2, 3, 4])
    (found,) = only({"a": [1.0, 2.0, 3.0, None, 5.0, 6.0]}, rows)
    assert (found.rows, found.documents) == (4, 3)
    assert found.pearson and found.pearson.value == pytest.approx(1.0)


def test_what_does_not_vary_has_no_correlation_and_too_few_documents_have_none() -> None:
    flat, few = only({"a": [1.0] * 5}, rows_of([1, 2, 3, 4, 5])), only({"a": [1.0, 2.0]}, rows_of([1, 2]))
    assert flat[0].pearson is flat[0].spearman is few[0].pearson is None
    one_document = only({"a": [1.0, 2.0, 3.0]}, rows_of([1, 2, 3], [0, 0, 0]))
    assert one_document[0].pearson is None


def test_an_axis_is_held_against_the_named_one_on_the_rows_that_have_both() -> None:
    rng = np.random.default_rng(3)
    score = rng.normal(size=80)
    good, poor = score + 0.3 * rng.normal(size=80), rng.normal(size=80)
    values = {"a": poor.tolist(), "b": [None, *good[1:].tolist()]}
    a, b = only(values, rows_of(score.tolist()))
    assert a.minus == {} and b.rows == 79
    gap = b.minus["pearson"]
    assert gap and gap.low > 0.5 and gap.low < gap.value < gap.high
    same = only({"a": poor.tolist(), "b": poor.tolist()}, rows_of(score.tolist()))[1].minus["spearman"]
    assert same and (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_what_an_axis_knows_only_through_the_control_is_gone_when_that_is_held_constant() -> None:
    rng = np.random.default_rng(1)
    control, own = rng.normal(size=(2, 300))
    score = control + own + 0.1 * rng.normal(size=300)
    copy, more = control + 0.5 * rng.normal(size=300), own + 0.1 * rng.normal(size=300)
    values = {"a": control.tolist(), "copy": copy.tolist(), "more": more.tolist()}
    a, through, beyond = only(values, rows_of(score.tolist()), resamples=300)
    assert a.given is None
    assert through.pearson and through.pearson.low > 0.4 and through.given
    assert through.given.low < 0 < through.given.high and through.given.value < 0.15
    assert beyond.given and beyond.given.low > 0.9
    residual = [side - np.polyval(np.polyfit(control, side, 1), control) for side in (copy, score)]
    assert through.given.value == pytest.approx(np.corrcoef(*residual)[0, 1])


def test_the_same_seed_gives_the_same_interval() -> None:
    rng = np.random.default_rng(0)
    values, rows = {"a": rng.normal(size=40).tolist()}, rows_of(rng.normal(size=40).tolist())
    assert only(values, rows, seed=1) == only(values, rows, seed=1) != only(values, rows, seed=2)


def test_rows_of_one_document_count_as_one() -> None:
    """A document written down four times says no more than once: the interval is as wide."""
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=50), rng.normal(size=50)
    once = only({"a": x.tolist()}, rows_of(y.tolist()))[0].pearson
    four = only({"a": np.tile(x, 4).tolist()}, rows_of(np.tile(y, 4).tolist(), [*range(50)] * 4))[0].pearson
    assert once and four and (four.low, four.high) == pytest.approx((once.low, once.high), abs=1e-9)


@pytest.mark.long
def test_the_interval_covers_the_true_correlation_of_documents_with_four_texts_each() -> None:
    truth, hits, trials = 0.5, 0, 200
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        shared = rng.multivariate_normal([0, 0], [[1, truth], [truth, 1]], size=60).repeat(4, axis=0)
        own = rng.multivariate_normal([0, 0], [[1, truth], [truth, 1]], size=240)
        x, y = (shared + own).T
        rows = rows_of(y.tolist(), np.arange(60).repeat(4).tolist())
        found = only({"a": x.tolist()}, rows, seed=seed, resamples=500)[0].pearson
        hits += bool(found and found.low <= truth <= found.high)
    assert 0.90 <= hits / trials <= 0.98
