"""Runs against each other on what they have in common: paired, corrected, and no word stronger than the figures."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.errors import UserError
from chatforge.evaluation.comparison import BITS, Comparison, Measured, compare, holm
from chatforge.evaluation.report import Report

MakeVoices = Callable[..., Report]
PRIMARY = "beyond_question"


def noisy(mean: float, count: int = 60, seed: int = 0) -> list[float]:
    return np.clip(np.random.default_rng(seed).normal(mean, 0.1, count), 0, 1).tolist()


def named(*reports: Report) -> list[tuple[str, Report]]:
    return list(zip("abcdef", reports, strict=False))


def measured(found: Comparison, key: str) -> Measured:
    return next(one for one in found.measures if one.key == key)


def with_settings(report: Report, **more: Any) -> Report:
    return report.model_copy(update={"settings": report.settings.model_copy(update=more)})


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_never_below_p_keeps_its_order_and_never_above_bonferroni(ps: list[float]) -> None:
    found = holm(ps)
    assert all(p <= q <= min(1.0, len(ps) * p) + 1e-12 for p, q in zip(ps, found, strict=True))
    by_p = sorted(range(len(ps)), key=lambda i: ps[i])
    assert all(found[i] <= found[j] for i, j in pairwise(by_p))


def test_holm_of_a_textbook() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


def test_only_what_all_runs_were_judged_on_is_compared(make_voices: MakeVoices) -> None:
    a, b = make_voices(noisy(0.3, 50), noisy(0.2, 50)), make_voices(noisy(0.6, 60, 1), noisy(0.2), first=20)
    found = compare(named(a, b))
    assert (found.common, found.left_out) == (30, (20, 30))
    one = measured(found, PRIMARY)
    assert one.values[0].value == pytest.approx(np.mean(noisy(0.3, 50)[20:]))
    assert one.values[1].value == pytest.approx(np.mean(noisy(0.6, 60, 1)[:30]))
    assert one.differences[0].value == pytest.approx(one.values[1].value - one.values[0].value)
    assert found.words == ("better",) and any("whole test" in note for note in found.notes)
    assert {m.key for m in found.measures} == {PRIMARY, "token_recall", "content_words", BITS}  # no numbers anywhere


@pytest.mark.parametrize("field", ["history", "reference"])
def test_the_same_name_with_another_history_or_reply_is_another_conversation(
    make_voices: MakeVoices, field: str
) -> None:
    report = make_voices(noisy(0.3), noisy(0.2))
    changed = {"history": (("user", "another"),), "reference": "another"}[field]
    items = tuple(item.model_copy(update={field: changed} if i < 7 else {}) for i, item in enumerate(report.items))
    assert compare(named(report, report.model_copy(update={"items": items}))).common == 53


def test_swapped_runs_give_the_mirrored_difference(make_voices: MakeVoices) -> None:
    a, b = make_voices(noisy(0.3), noisy(0.2)), make_voices(noisy(0.35, seed=1), noisy(0.2), nats=[60.0] * 60)
    for key in (PRIMARY, BITS):
        one = measured(compare(named(a, b)), key).differences[0]
        two = measured(compare(named(b, a)), key).differences[0]
        assert (one.value, one.low, one.high) == pytest.approx((-two.value, -two.high, -two.low))
        assert one.probability == pytest.approx(1 - two.probability) and one.p == pytest.approx(two.p)


def test_a_run_equals_itself(make_voices: MakeVoices) -> None:
    report = make_voices(noisy(0.3), noisy(0.2))
    found = compare(named(report, report))
    assert found.words == ("no meaningful difference",)
    assert all((d.value, d.p) == (0.0, 1.0) for one in found.measures for d in one.differences)


def test_bits_per_byte_are_sums_over_sums_and_the_difference_is_what_is_saved(make_voices: MakeVoices) -> None:
    rng = np.random.default_rng(2)
    nats = rng.uniform(40, 80, 60)
    a = make_voices(noisy(0.3), noisy(0.2), nats=nats.tolist())
    b = make_voices(noisy(0.3), noisy(0.2), nats=(nats - rng.uniform(0, 10, 60)).tolist())
    one = measured(compare(named(a, b)), BITS)
    assert one.values[0].value == pytest.approx(nats.sum() / np.log(2) / 6000)
    d = one.differences[0]
    assert d.value == pytest.approx(one.values[0].value - one.values[1].value) and 0 < d.low < d.value < d.high
    assert d.probability > 0.99 and d.p < 0.001


def test_several_turns_of_a_conversation_count_as_one(make_voices: MakeVoices) -> None:
    def two_turns(report: Report) -> Report:
        items = tuple(item.model_copy(update={"conversation": f"t{i // 2}"}) for i, item in enumerate(report.items))
        return report.model_copy(update={"items": items, "bits_per_byte": None})

    a, b = make_voices(noisy(0.3), noisy(0.2)), make_voices(noisy(0.5, seed=1), noisy(0.2))
    found = compare(named(two_turns(a), two_turns(b)))
    assert found.common == measured(found, PRIMARY).conversations == 30
    assert measured(found, PRIMARY).values[0].value == pytest.approx(np.mean(noisy(0.3)))


def test_of_several_runs_a_gain_that_one_in_many_has_by_chance_is_only_probable(make_voices: MakeVoices) -> None:
    rng = np.random.default_rng(4)
    first = rng.uniform(0.2, 0.8, 60)
    gain = rng.normal(0, 0.2, 60)
    gain += 0.06 - gain.mean()
    runs = [make_voices(scores.tolist(), noisy(0.2)) for scores in (first, first + gain, *([first] * 4))]
    alone, among = compare(named(*runs[:2])), compare(named(*runs))
    assert alone.words == ("better",) and measured(alone, PRIMARY).p[0] < 0.05
    assert among.words[0] == "probably better" and measured(among, PRIMARY).p[0] > 0.05
    assert measured(among, PRIMARY).differences[0] == measured(alone, PRIMARY).differences[0]


def test_under_thirty_conversations_nothing_is_better(make_voices: MakeVoices) -> None:
    found = compare(named(make_voices([0.1] * 20, [0.1] * 20), make_voices([0.9] * 20, [0.1] * 20)))
    assert found.words == ("cannot tell",)


@pytest.mark.parametrize(
    ("changed", "words", "rest"),
    [
        ({"encoder": "another"}, "token_recall cannot be compared", ("content_words", BITS)),
        ({"candidates": 5}, "a was judged with 10 candidates; b was judged with 5", ("content_words", "token_recall")),
    ],
)
def test_what_hangs_on_settings_that_differ_is_refused_and_the_rest_can_be_compared(
    make_voices: MakeVoices, changed: dict[str, Any], words: str, rest: Sequence[str]
) -> None:
    report = make_voices(noisy(0.3), noisy(0.2))
    other = with_settings(report, **changed)
    with pytest.raises(UserError) as caught:
        compare(named(report, other))
    assert words in str(caught.value) and f"--only {rest[0]}" in str(caught.value)
    found = compare(named(report, other), rest)
    assert {one.key for one in found.measures} == set(rest) and found.words == ()


def test_the_same_name_for_another_encoder_is_seen_by_its_weights(make_voices: MakeVoices) -> None:
    report = make_voices(noisy(0.3), noisy(0.2))
    a, b = (report.model_copy(update={"facts": {"weights": {"encoder": sha}}}) for sha in ("a" * 64, "b" * 64))
    with pytest.raises(UserError, match=r"\(aaaaaaaa\).*\(bbbbbbbb\)"):
        compare(named(a, b))


def test_what_cannot_be_compared_at_all_is_told(make_voices: MakeVoices) -> None:
    report, strange = make_voices(noisy(0.3), noisy(0.2)), make_voices(noisy(0.3), noisy(0.2), first=1000)
    with pytest.raises(UserError, match="0 conversations in common"):
        compare(named(report, strange))
    with pytest.raises(UserError, match="did you mean `content_words`"):
        compare(named(report, report), ["content_word"])


def test_what_differs_besides_is_noted(make_voices: MakeVoices) -> None:
    report = make_voices(noisy(0.3), noisy(0.2))
    failed = tuple(check.model_copy(update={"ok": False}) for check in report.checks)
    other = with_settings(report, max_new_tokens=96).model_copy(update={"checks": failed})
    notes = "\n".join(compare(named(report, other)).notes)
    assert "a: at most 48 new tokens; b: at most 96 new tokens" in notes
    assert "b did not pass its own checks: the adapter changes something" in notes
