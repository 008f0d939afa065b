"""What the evaluator says of systems whose truth is known. The long one prints its table."""

import sys

import numpy as np
import pytest

from tests.evaluation import simulating
from tests.evaluation.simulating import corpus, coverage, difference, system, unit, word

FEW = 499


def test_shuffled_replies_sit_at_chance_and_are_hardly_ever_called_better():
    words, means = simulating.shuffled_words(80, FEW)
    assert np.mean(means) == pytest.approx(0.1, abs=0.01)
    assert words["better"] <= 0.05 * 80
    assert words["worse"] <= 0.05 * 80


def test_a_constant_never_wins():
    assert simulating.constant_words(60, FEW)["better"] <= 0.05 * 60
    found = corpus(0)
    middle = np.tile(unit(found.references.mean(axis=0)), (100, 1))
    raw = (middle * found.references).sum(axis=1).mean()
    others = (simulating.elsewhere(found, 0) * found.references).sum(axis=1).mean()
    assert raw > others + 0.1, "by raw similarity it does"
    assert word(found.primary(middle), [found.primary(system(found, 0, 0.6))], 0, FEW) == "worse"


def test_intervals_hold_the_truth_where_turns_of_a_conversation_are_alike():
    assert 0.9 <= coverage(200, 100, 999) <= 0.99


@pytest.mark.parametrize("truth", [0.0, 0.3, 0.8])
def test_equal_systems_never_differ(truth):
    for seed in range(10):
        found = corpus(seed)
        scores = found.primary(system(found, seed, truth))
        d = difference(scores, scores.copy(), seed, FEW)
        assert (d.value, d.low, d.high, d.p, d.probability) == (0, 0, 0, 1, 0.5)
        assert word(scores, [scores], seed, FEW) == "no meaningful difference"


def test_swapped_systems_mirror_exactly():
    for seed in range(10):
        found = corpus(seed)
        a, b = (found.primary(system(found, seed + i, 0.5 + 0.2 * i)) for i in range(2))
        one, two = difference(a, b, seed, FEW), difference(b, a, seed, FEW)
        assert (one.value, one.low, one.high, one.p) == (-two.value, -two.high, -two.low, two.p)
        mirror = {"better": "worse", "probably better": "probably worse"}
        mirror |= {right: left for left, right in mirror.items()}
        first, second = word(a, [b], seed, FEW), word(b, [a], seed, FEW)
        assert second == mirror.get(first, first)


def test_a_system_that_has_more_of_the_truth_is_found_better():
    found = [corpus(seed) for seed in range(12)]
    words = [
        word(one.primary(system(one, i, 0.9)), [one.primary(system(one, i, 0.3))], i, FEW)
        for i, one in enumerate(found)
    ]
    assert words.count("better") >= 11


@pytest.mark.long
def test_two_thousand_simulations(capsys):
    runs = 2000
    words, means = simulating.shuffled_words(runs, 999)
    constant = simulating.constant_words(runs, 999)
    held, few = coverage(runs, 100, 999), coverage(runs, 30, 999)
    with capsys.disabled():
        sys.stdout.write(
            f"\nshuffled: {np.mean(means):.2%} beyond the question (chance 10%), called better in "
            f"{words['better'] / runs:.2%}, worse in {words['worse'] / runs:.2%} of {runs}\n"
            f"constant: called better than replies of other conversations in {constant['better'] / runs:.2%}\n"
            f"95% intervals hold a true difference, 3 turns of a conversation: {held:.1%} at 100 conversations, "
            f"{few:.1%} at 30\n"
        )
    assert np.mean(means) == pytest.approx(0.1, abs=0.005)
    assert words["better"] <= 0.05 * runs
    assert constant["better"] <= 0.05 * runs
    assert 0.93 <= held <= 0.97
