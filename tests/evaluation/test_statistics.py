import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from chatforge.evaluation.statistics import (
    mean_interval,
    paired_difference,
    posterior_means,
    ratio_interval,
    share_of,
    sign_flip_p,
    smallest_visible,
    wilson,
)

FEW = 499
columns = st.lists(st.sampled_from([0.0, 0.5, 1.0, -0.25, 0.125]), min_size=2, max_size=40)


@settings(max_examples=40, deadline=None)
@given(columns, st.integers(0, 1000))
def test_swapped_systems_mirror_exactly(values, seed):
    a = np.array(values)
    b = np.roll(a, 1) * 0.5
    one = paired_difference(a, b, worthwhile=0.05, seed=seed, resamples=FEW)
    two = paired_difference(b, a, worthwhile=0.05, seed=seed, resamples=FEW)
    assert (one.value, one.low, one.high) == (-two.value, -two.high, -two.low)
    assert (one.p, one.sd, one.smallest_visible) == (two.p, two.sd, two.smallest_visible)
    assert one.probability == pytest.approx(1 - two.probability, abs=1e-12)
    assert one.low <= one.value <= one.high


@settings(max_examples=20, deadline=None)
@given(columns)
def test_equal_systems_never_differ(values):
    d = paired_difference(np.array(values), np.array(values), worthwhile=0.05, seed=1, resamples=FEW)
    assert d.value == d.low == d.high == 0
    assert d.p == 1
    assert d.probability == 0.5
    assert d.method == "none"


@pytest.mark.parametrize("values", [[1.0] * 20, [0.0] * 5, [0.3]])
def test_equal_values_give_an_interval_without_width(values):
    e = mean_interval(np.array(values), seed=1)
    assert e.value == e.low == e.high == pytest.approx(values[0])
    assert e.method == "none"


def test_where_bca_is_not_defined_the_percentile_interval_is_given_and_named(monkeypatch):
    real = stats.bootstrap

    def broken(*args, method, **more):
        result = real(*args, method="percentile", **more)
        if method == "BCa":
            result.confidence_interval = stats._resampling.ConfidenceInterval(np.nan, np.nan)
        return result

    values = np.arange(20.0)
    assert mean_interval(values, 1).method == "bca"
    monkeypatch.setattr(stats, "bootstrap", broken)
    e = mean_interval(values, 1)
    assert e.method == "percentile"
    assert e.low < 9.5 < e.high

    def hopeless(*args, **more):
        result = real(*args, **more)
        result.confidence_interval = stats._resampling.ConfidenceInterval(np.nan, np.nan)
        return result

    monkeypatch.setattr(stats, "bootstrap", hopeless)
    assert mean_interval(values, 1).method == "none"


def test_a_ratio_is_of_sums_and_a_constant_ratio_has_no_width():
    tops, bottoms = np.array([1.0, 2, 3, 10]), np.array([10.0, 20, 30, 10])
    e = ratio_interval(tops, bottoms, 7)
    assert e.value == pytest.approx(16 / 70)
    assert e.low < e.value < e.high
    same = ratio_interval(bottoms / 2, bottoms, 7)
    assert (same.low, same.high) == pytest.approx((0.5, 0.5))


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(0).random(50)
    assert mean_interval(values, 3) == mean_interval(values, 3)
    assert mean_interval(values, 3) != mean_interval(values, 4)


def test_the_sign_flip_test_agrees_with_scipys():
    d = np.random.default_rng(2).normal(0.2, 1, 40)
    theirs = stats.permutation_test(
        (d,), np.mean, permutation_type="samples", n_resamples=9999, rng=np.random.default_rng(0)
    ).pvalue
    assert sign_flip_p(d, 0) == pytest.approx(theirs, abs=0.02)


def test_the_sign_flip_test_is_exact_enough_on_a_known_case():
    # Five equal differences: only all plus or all minus is as extreme, 2 of 32.
    assert sign_flip_p(np.ones(5), 0) == pytest.approx(2 / 32, abs=0.01)


def test_posterior_means_have_the_right_centre_and_spread():
    values = np.random.default_rng(0).normal(1, 2, 200)
    means = posterior_means(values, 0)
    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(values.std() / np.sqrt(201), rel=0.05)


@pytest.mark.parametrize(
    ("sd", "difference", "needed"),
    [(0.10, 0.02, 197), (0.10, 0.05, 32), (0.15, 0.05, 71), (0.20, 0.10, 32), (0.30, 0.05, 283), (0.15, 0.03, 197)],
)
def test_the_smallest_visible_difference_shrinks_with_the_conversations(sd, difference, needed):
    assert smallest_visible(sd, needed) <= difference < smallest_visible(sd, needed - 1)


def test_nothing_is_visible_without_conversations():
    assert smallest_visible(0.2, 0) == float("inf")


def test_wilson_agrees_with_scipy():
    low, high = wilson(0.3, 40)
    theirs = stats.binomtest(12, 40).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((theirs.low, theirs.high))


def test_a_share_stays_between_none_and_all():
    nothing, everything = share_of([False] * 30), share_of([True] * 30)
    assert (nothing.value, nothing.low, nothing.method) == (0.0, 0.0, "wilson")
    assert nothing.high == pytest.approx(0.1135, abs=1e-4)  # 3.84 / (30 + 3.84)
    assert everything.value == 1.0
    assert nothing.high < everything.low < everything.high <= 1.0


def test_power_is_what_it_says():
    """At the smallest visible difference, four tests in five find it."""
    rng = np.random.default_rng(0)
    sd, count = 0.3, 80
    effect = smallest_visible(sd, count)
    found = 0
    for _ in range(400):
        d = rng.normal(effect, sd, count)
        found += stats.ttest_1samp(d, 0).pvalue < 0.05
    assert found / 400 == pytest.approx(0.8, abs=0.06)


def coverage(simulations: int, count: int, resamples: int) -> float:
    """Share of intervals that hold the true difference; two systems with shared difficulty, hits and misses."""
    rng = np.random.default_rng(11)
    held = 0
    for seed in range(simulations):
        easy = rng.beta(2, 2, count)
        a = (rng.random(count) < np.clip(easy + 0.1, 0, 1)).astype(float)
        b = (rng.random(count) < np.clip(easy - 0.1, 0, 1)).astype(float)
        truth = TRUTH
        d = paired_difference(a, b, worthwhile=0.05, seed=seed, resamples=resamples)
        held += d.low <= truth <= d.high
    return held / simulations


def true_difference() -> float:
    easy = np.random.default_rng(0).beta(2, 2, 2_000_000)
    return float((np.clip(easy + 0.1, 0, 1) - np.clip(easy - 0.1, 0, 1)).mean())


TRUTH = true_difference()


def test_intervals_cover():
    assert 0.88 <= coverage(150, 80, 999) <= 0.99


@pytest.mark.slow
def test_intervals_cover_closely(capsys):
    assert 0.93 <= coverage(2000, 100, 999) <= 0.97
    with capsys.disabled():
        sys.stdout.write(f"\ncover at 30 conversations: {coverage(1000, 30, 999):.1%}\n")
