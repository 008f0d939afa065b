import numpy as np
import pytest

from chatforge.evaluation.measures import make_design
from chatforge.evaluation.selfcheck import check_adapter, check_references, check_shuffled


def test_chance_passes_and_anything_else_does_not():
    design = make_design(200, 10, 7)
    rng = np.random.default_rng(0)
    assert check_shuffled((rng.random(200) < 0.1).astype(float), design).ok
    assert not check_shuffled((rng.random(200) < 0.3).astype(float), design).ok
    failed = check_shuffled(np.zeros(200), design)
    assert not failed.ok
    assert "too far" in failed.what


@pytest.mark.parametrize("count", [5, 8, 20])
def test_a_few_misses_in_a_row_are_no_failure(count):
    assert check_shuffled(np.zeros(count), make_design(count, 10, 7)).ok


def test_an_evaluator_in_order_fails_hardly_ever():
    rng, design = np.random.default_rng(0), make_design(100, 10, 7)
    failures = sum(not check_shuffled((rng.random(100) < 0.1).astype(float), design).ok for _ in range(2000))
    assert failures <= 10


def test_true_replies_must_be_found():
    passed = check_references(np.array([1.0, 0.5, 1.0]), np.array([1.0, 0.4, 1.0]))
    assert passed.ok and "80.0%" in passed.what
    failed = check_references(np.array([1.0, 0.0, 1.0]), np.ones(3))
    assert not failed.ok
    assert "1 true replies" in failed.what


@pytest.mark.parametrize(
    ("replies", "nats", "ok"),
    [(["x", "y"], [1.0, 2.0], False), (["x", "z"], [1.0, 2.0], True), (["x", "y"], [1.0, 2.5], True)],
)
def test_an_adapter_that_changes_nothing_is_found(replies, nats, ok):
    check = check_adapter(["x", "y"], replies, np.array([1.0, 2.0]), np.array(nats))
    assert check.ok is ok
    assert ("changes nothing" in check.what) is not ok


def test_no_likelihoods_leave_the_replies_to_decide():
    none = np.array([])
    assert check_adapter(["x"], ["y"], none, none).ok
    assert not check_adapter(["x"], ["x"], none, none).ok
