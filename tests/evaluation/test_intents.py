import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.evaluation.intents import drawn_rates, intent_records


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.floats(0, 1)), min_size=1, max_size=12))
def test_rates_are_drawn_towards_the_mean(intents):
    counts = np.array([count for count, _ in intents])
    hits = np.array([count * share for count, share in intents])
    mean = (hits.sum() + 0.5) / (counts.sum() + 1)
    for rate, hit, count in zip(drawn_rates(hits, counts), hits, counts, strict=True):
        assert 0 <= rate.low <= rate.value <= rate.high <= 1
        low, high = sorted((mean, hit / count))
        assert low - 1e-9 <= rate.value <= high + 1e-9


def test_few_conversations_are_drawn_further_and_have_wider_intervals():
    few, many = drawn_rates(np.array([0.0, 0.0, 30.0]), np.array([3, 30, 60]))[:2]
    assert few.value > many.value
    assert few.high - few.low > many.high - many.low


def test_intervals_of_drawn_rates_hold_the_truth():
    rng, held = np.random.default_rng(0), 0
    for _ in range(60):
        truth = rng.beta(4, 8, 18)
        found = drawn_rates(rng.binomial(6, truth).astype(float), np.full(18, 6))
        held += sum(one.low <= rate <= one.high for one, rate in zip(found, truth, strict=True))
    assert held / (60 * 18) == pytest.approx(0.95, abs=0.025)


def records(sizes, rates, seed=0):
    rng = np.random.default_rng(seed)
    names = [f"i{i}" for i, size in enumerate(sizes) for _ in range(size)]
    adapted = np.concatenate([(rng.random(size) < rate).astype(float) for size, rate in zip(sizes, rates, strict=True)])
    return intent_records(names, np.full(len(names), 0.5), adapted, 0.05, 7)


def test_an_intent_is_judged_alone_from_eight_conversations_on():
    found = {one.intent: one for one in records([7, 8], [0.5, 0.5])}
    assert (found["i0"].difference, found["i0"].q) == (None, None)
    assert found["i1"].difference.conversations == 8 and 0 < found["i1"].q <= 1


def test_the_weakest_is_named_only_where_it_lies_apart():
    clear = records([20, 20, 20, 20], [0.05, 0.8, 0.8, 0.8])
    assert clear[0].intent == "i0" and clear[0].apart
    assert not any(one.apart for one in clear[1:])
    assert not any(one.apart for one in records([6] * 18, [0.3] * 18))


def test_of_many_equal_intents_hardly_any_is_called_weak_or_different():
    apart = different = 0
    for seed in range(15):
        found = records([12] * 8, [0.5] * 8, seed)
        apart += sum(one.apart for one in found)
        different += sum(one.q < 0.05 for one in found)
    assert apart <= 3 and different <= 3


def test_without_intents_there_are_no_records():
    assert intent_records([None, None], np.ones(2), np.ones(2), 0.05, 7) == ()
    assert [one.conversations for one in intent_records(["a", None, "a"], np.ones(3), np.ones(3), 0.05, 7)] == [2]
