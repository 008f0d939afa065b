import numpy as np
import pytest

from chatforge.evaluation.measures.calibration import auroc, risk_coverage


def test_who_knows_all_and_who_knows_nothing():
    scores = np.array([1.0, 1, 0, 0, 0])
    assert auroc(np.array([5.0, 4, 3, 2, 1]), scores, 0, 199).value == 1
    assert auroc(np.array([1.0, 2, 3, 4, 5]), scores, 0, 199).value == 0
    same = auroc(np.ones(5), scores, 0, 199)
    assert (same.value, same.low, same.high) == pytest.approx((0.5, 0.5, 0.5))
    assert auroc(np.arange(5.0), np.ones(5), 0) is None
    assert auroc(np.arange(5.0), np.zeros(5), 0) is None


def test_it_agrees_with_the_rank_sum_and_its_interval_holds_it():
    from scipy.stats import mannwhitneyu

    rng = np.random.default_rng(0)
    sure, hits = rng.normal(size=80), (rng.random(80) < 0.3).astype(float)
    sure = sure + 0.8 * hits
    found = auroc(sure, hits, 0)
    theirs = mannwhitneyu(sure[hits == 1], sure[hits == 0]).statistic / (hits.sum() * (80 - hits.sum()))
    assert found.value == pytest.approx(theirs)
    assert found.low < found.value < found.high


def test_interval_covers_the_truth():
    from scipy.stats import norm

    rng, truth, held = np.random.default_rng(1), float(norm.cdf(0.7 / np.sqrt(2))), 0
    for seed in range(100):
        hits = (rng.random(80) < 0.3).astype(float)
        found = auroc(rng.normal(size=80) + 0.7 * hits, hits, seed, 499)
        held += found.low <= truth <= found.high
    assert held >= 86


def test_parts_of_a_hit_count_as_parts():
    """Each of three replies a half hit: of any two the surer is as often the hit as not."""
    assert auroc(np.array([3.0, 2, 1]), np.full(3, 0.5), 0, 99).value == pytest.approx(0.5)


def test_the_curve_ends_with_all():
    points = risk_coverage(np.arange(20.0), np.array([0.0] * 10 + [1.0] * 10))
    assert points[0] == (0.1, 1.0) and points[4] == (0.5, 1.0) and points[-1] == (1.0, 0.5)
    assert risk_coverage(np.zeros(2), np.array([0.0, 1.0]))[-1] == (1.0, 0.5)
