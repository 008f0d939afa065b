import dataclasses
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.evaluation import statistics
from chatforge.evaluation.figures import Difference, Estimate
from chatforge.evaluation.rivals import RIVALS, named
from chatforge.evaluation.verdict import POWER, SIGNS, Standing, judge


def difference(value, low, high, probability=0.5, sd=0.3, n=100) -> Difference:
    return Difference(value, low, high, "bca", 0.05, probability, 0.5, sd, 0.08, n)


def verdict(d: Difference, rival="base", failures=()):
    standing = Standing(rival, Estimate(0.3, 0.2, 0.4, "bca"), d)
    return judge(Estimate(0.4, 0.3, 0.5, "bca"), [standing], chance=0.1, worthwhile=0.05, failures=failures)


@pytest.mark.parametrize(
    ("d", "word"),
    [
        (difference(0.12, 0.04, 0.19, 0.99), "better"),
        (difference(0.05, 0.001, 0.1, 0.99), "better"),
        (difference(0.04, 0.01, 0.07, 0.99), "probably better"),  # surely above zero, but too little to matter
        (difference(0.06, -0.02, 0.14, 0.9), "probably better"),
        (difference(0.01, -0.03, 0.05, 0.6), "no meaningful difference"),
        (difference(0.02, 0.01, 0.03, 0.99), "no meaningful difference"),
        (difference(0.01, -0.09, 0.1, 0.6), "cannot tell"),
        (difference(-0.06, -0.14, 0.02, 0.1), "probably worse"),
        (difference(-0.12, -0.19, -0.04, 0.01), "worse"),
        (difference(0.5, 0.4, 0.6, 1.0, n=29), "cannot tell"),
        (difference(-0.5, -0.6, -0.4, 0.0, n=29), "cannot tell"),
        (difference(0.0, 0.0, 0.0, 0.5, n=10), "cannot tell"),
    ],
)
def test_the_word_follows_the_rules(d, word):
    assert verdict(d).word == word


@given(value=st.floats(-0.5, 0.5), half=st.floats(0.001, 0.5), p=st.floats(0.0, 1.0), n=st.integers(3, 500))
def test_mirrored_figures_get_the_mirrored_word(value, half, p, n):
    mirror = {"better": "worse", "probably better": "probably worse"}
    mirror |= {b: a for a, b in mirror.items()}
    d = difference(value, value - half, value + half, p, n=n)
    turned = difference(-value, -value - -half - 2 * half, -value + half, 1 - p, n=n)
    one, two = verdict(d).word, verdict(turned).word
    near_an_edge = min(abs(abs(p - 0.5) - 0.3), abs(abs(value) - 0.05), abs(abs(value) - half)) < 1e-6
    near_an_edge |= min(abs(abs(value) + half - 0.05), 1) < 1e-6
    assert near_an_edge or two == mirror.get(one, one)


def test_the_best_untrained_rival_is_the_bar_and_the_first_of_equals():
    low = Standing("base", Estimate(0.2, 0.1, 0.3, "bca"), difference(0.2, 0.1, 0.3, 1.0))
    high = Standing("nearest neighbour", Estimate(0.5, 0.4, 0.6, "bca"), difference(-0.1, -0.2, -0.05, 0.01))
    same = dataclasses.replace(low, rival="parrot")
    found = judge(Estimate(0.4, 0.3, 0.5, "bca"), [low, high], chance=0.1, worthwhile=0.05, failures=[])
    assert (found.rival, found.word) == ("nearest neighbour", "worse")
    assert "Retrieval is enough" in found.advice
    found = judge(Estimate(0.4, 0.3, 0.5, "bca"), [low, same], chance=0.1, worthwhile=0.05, failures=[])
    assert found.rival == "base"


@pytest.mark.parametrize(
    ("rival", "words"),
    [
        ("base", "Prompting is enough here: use the base model with your system message, and don't fine-tune."),
        ("base + 4 examples", "Prompting is enough here: use the base model with 4 similar train exchanges"),
        ("nearest neighbour", "Retrieval is enough here"),
        ("parrot", "No model is worth"),
    ],
)
def test_advice_where_an_untrained_rival_is_as_good(rival, words):
    assert words in verdict(difference(0.0, -0.02, 0.02), rival).advice
    assert verdict(difference(0.2, 0.1, 0.3, 1.0), rival).advice is None


def test_a_failed_check_leaves_no_verdict():
    found = verdict(difference(0.5, 0.4, 0.6, 1.0), failures=["the adapter changes nothing"])
    assert found.word == "no verdict"
    assert found.rival is None
    assert "the adapter changes nothing" in found.numbers
    assert found.reasons == ("the adapter changes nothing",)


def test_an_adapter_that_changes_nothing_is_said_to():
    found = verdict(
        difference(0.0, 0.0, 0.0), failures=["the adapter changes nothing: 100% of its replies are the base's"]
    )
    assert found.word == "no verdict"
    assert found.sentence == "There is no verdict: the adapter changes nothing."


def test_the_share_of_the_gap_stands_beside_the_difference():
    standing = Standing("base", Estimate(0.3, 0.2, 0.4, "bca"), difference(0.12, 0.04, 0.19, 0.99))
    found = judge(
        Estimate(0.42, 0.3, 0.5, "bca"), [standing], chance=0.1, worthwhile=0.05, failures=[],
        gap=Estimate(0.17, 0.06, 0.27, "bca"),
    )  # fmt: skip
    assert "closes: 17% [6, 27]." in found.numbers


def test_too_few_conversations_say_how_many_more():
    found = verdict(difference(0.01, -0.1, 0.1, 0.6, sd=0.3, n=20))
    assert found.more_needed == 283 - 20
    assert "263 more" in found.sentence
    assert verdict(difference(0.01, -0.1, 0.1, 0.6, sd=0.0, n=20)).more_needed == 10
    enough = verdict(difference(0.01, -0.1, 0.1, 0.6, sd=0.01, n=400))
    assert enough.more_needed is None
    assert enough.sentence.startswith("It cannot be said whether")


def test_the_numbers_stand_behind_the_sentence():
    found = verdict(difference(0.12, 0.04, 0.19, 0.9999))
    for part in ("40%", "30%", "chance 10%", "+12 points", "[+4, +19]", "100 held-out", "over 99%", "among 10"):
        assert part in found.numbers
    assert "probability that it is above zero: under 1%" in verdict(difference(-0.1, -0.2, 0.0, 0.0)).numbers
    assert "Difference +0.1 points" in verdict(difference(0.001, -0.02, 0.02, 0.6)).numbers


def test_every_word_has_a_sign_of_its_own():
    assert len(set(SIGNS.values())) == len(SIGNS)
    assert verdict(difference(0.12, 0.04, 0.19)).sign == "✔"


def test_the_light_power_constant_is_the_real_one():
    assert pytest.approx(statistics.POWER, abs=1e-6) == POWER


def test_rivals_have_names_and_sentences():
    assert len({rival.name for rival in RIVALS}) == len(RIVALS)
    assert all(rival.what.endswith(".") for rival in RIVALS)
    assert named("adapted").trained and named("shuffled").check_only
    assert named("someone new") == named("someone new") and not named("someone new").trained


def test_verdict_report_and_tables_import_nothing_heavy():
    code = (
        "import sys, chatforge.evaluation.verdict, chatforge.evaluation.report, chatforge.evaluation.tables;"
        "print([m for m in ('torch', 'numpy', 'scipy', 'transformers', 'sentence_transformers') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
