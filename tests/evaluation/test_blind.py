"""Which pairs are asked about, what is kept of the answers, and what they come to."""

import errno
import io
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatforge.errors import UserError
from chatforge.evaluation import blind
from chatforge.evaluation.blind import Choice, Sitting
from chatforge.evaluation.blind_result import as_json, result, result_texts, revealed_texts
from chatforge.evaluation.report import Report

MakeVoices = Callable[..., Report]


class Short(io.FileIO):
    """A file on a disk that has room for half of what is written."""

    def write(self, data: Any) -> int:
        return super().write(data[: len(data) // 2])


def keep(sitting: Sitting, *said: Choice) -> None:
    for one in said:
        sitting.answer(one)


def prefer(sitting: Sitting, *whose: str) -> None:
    """Answer so that the replies of `whose` are preferred, wherever they stand."""
    for one in whose:
        pair = sitting.current
        assert pair
        sitting.answer("first" if (one == "adapted") == pair.adapted_first else "second")


def test_pairs_are_those_whose_replies_differ_in_an_order_that_hangs_on_the_seed_alone(
    make_voices: MakeVoices, tmp_path: Path
) -> None:
    report = make_voices([0.9] * 60, [0.1] * 60, same=12)
    sitting = Sitting(tmp_path, report, count=20)
    assert (sitting.askable, sitting.same, len(sitting.pairs)) == (48, 12, 20)
    assert all(pair.first != pair.second for pair in sitting.pairs)
    other_scores = make_voices([0.0] * 60, [1.0] * 60, same=12)
    assert Sitting(tmp_path, other_scores, count=20).pairs == sitting.pairs
    assert Sitting(tmp_path, report, count=48).pairs[:20] == sitting.pairs
    reseeded = Sitting(tmp_path, report, count=20, seed=8)
    assert reseeded.pairs != sitting.pairs and reseeded.path != sitting.path
    assert 10 < sum(pair.adapted_first for pair in Sitting(tmp_path, report, count=48).pairs) < 38


def test_of_a_conversation_with_several_turns_one_is_asked_about(make_voices: MakeVoices, tmp_path: Path) -> None:
    report = make_voices([0.5] * 12, [0.5] * 12, same=2)
    items = tuple(item.model_copy(update={"conversation": f"t{i // 3}"}) for i, item in enumerate(report.items))
    sitting = Sitting(tmp_path, report.model_copy(update={"items": items}))
    assert sorted(pair.conversation for pair in sitting.pairs) == ["t0", "t1", "t2", "t3"]
    assert (sitting.askable, sitting.same) == (4, 2)


def test_what_is_shown_stands_in_the_order_that_the_pair_says(make_voices: MakeVoices, tmp_path: Path) -> None:
    for pair in Sitting(tmp_path, make_voices([0.5] * 20, [0.5] * 20)).pairs:
        mine, theirs = (pair.first, pair.second) if pair.adapted_first else (pair.second, pair.first)
        assert (mine, theirs) == (f"adapted says {pair.item}", f"base says {pair.item}")
        assert pair.preferred("first") == ("adapted" if pair.adapted_first else "rival")
        assert pair.preferred("tie") is pair.preferred("bad") is None


def test_answers_are_on_the_disk_at_once_and_a_later_sitting_goes_on(make_voices: MakeVoices, tmp_path: Path) -> None:
    report = make_voices([0.5] * 30, [0.5] * 30)
    sitting = Sitting(tmp_path, report)
    assert not sitting.path.exists()
    keep(sitting, "first", "tie")
    assert sitting.path.stat().st_mode & 0o777 == 0o600
    again = Sitting(tmp_path, report)
    assert again.answers == ("first", "tie") and again.current == sitting.pairs[2]
    kinds = [json.loads(line)["kind"] for line in sitting.path.read_text().splitlines()]
    assert kinds == ["sitting", "answer", "answer"]


def test_an_answer_is_taken_back_once_and_for_all(make_voices: MakeVoices, tmp_path: Path) -> None:
    report = make_voices([0.5] * 9, [0.5] * 9)
    sitting = Sitting(tmp_path, report)
    assert not sitting.undo()
    keep(sitting, "first", "bad")
    assert sitting.undo() and sitting.undo() and not sitting.undo()
    keep(sitting, "second")
    assert Sitting(tmp_path, report).answers == ("second",)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=st.lists(st.sampled_from(["first", "second", "tie", "bad", "undo"]), max_size=40))
def test_whatever_was_done_a_later_sitting_knows_it(
    make_voices: MakeVoices, tmp_path_factory: pytest.TempPathFactory, done: list[Any]
) -> None:
    report, folder = make_voices([0.5] * 6, [0.5] * 6), tmp_path_factory.mktemp("blind")
    sitting = Sitting(folder, report)
    for one in done:
        if one == "undo":
            sitting.undo()
        elif sitting.current:
            sitting.answer(one)
    assert Sitting(folder, report).answers == sitting.answers


def test_a_line_that_a_crash_cut_off_was_never_answered(make_voices: MakeVoices, tmp_path: Path) -> None:
    report = make_voices([0.5] * 9, [0.5] * 9)
    sitting = Sitting(tmp_path, report)
    keep(sitting, "first", "tie")
    sitting.path.write_bytes(sitting.path.read_bytes()[:-20])
    again = Sitting(tmp_path, report)
    assert again.answers == ("first",)
    keep(again, "bad")
    assert Sitting(tmp_path, report).answers == ("first", "bad")


def test_a_file_that_was_changed_outside_is_not_believed(make_voices: MakeVoices, tmp_path: Path) -> None:
    report = make_voices([0.5] * 9, [0.5] * 9)
    sitting = Sitting(tmp_path, report)
    keep(sitting, "first", "tie")
    lines = sitting.path.read_text().splitlines(keepends=True)
    said = [f'{{"kind": "answer", "pair": 2, "said": {words}}}\n' for words in ('"third"', "[]", "{}", "null")]
    for broken in ([lines[0], lines[2]], ["[1]\n"], *([*lines, line] for line in said)):
        sitting.path.write_text("".join(broken))
        with pytest.raises(UserError, match="does not follow those before it"):
            Sitting(tmp_path, report)


def test_an_answer_that_the_disk_refuses_leaves_no_trace(
    make_voices: MakeVoices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    report = make_voices([0.5] * 9, [0.5] * 9)
    sitting = Sitting(tmp_path, report)
    for said in (None, "first"):
        if said:
            keep(sitting, "first")
        before = sitting.answers
        for name, broken in (("fsync", full), ("fdopen", lambda descriptor, mode, buffering: Short(descriptor, mode))):
            with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
                patch.setattr(os, name, broken)
                sitting.answer("bad")
            assert sitting.answers == before == Sitting(tmp_path, report).answers
    keep(sitting, "tie")
    assert Sitting(tmp_path, report).answers == ("first", "tie")


def test_two_who_judge_at_once_do_not_damage_each_others_answers(make_voices: MakeVoices, tmp_path: Path) -> None:
    report = make_voices([0.5] * 9, [0.5] * 9)
    one, two = Sitting(tmp_path, report), Sitting(tmp_path, report)
    keep(one, "first")
    for act in (lambda: two.answer("bad"), lambda: (Sitting(tmp_path, report).undo(), one.undo())):
        with pytest.raises(UserError, match="changed elsewhere meanwhile"):
            act()
    assert two.answers == Sitting(tmp_path, report).answers == ()


def test_an_answer_that_comes_while_another_is_written_waits_for_it(
    make_voices: MakeVoices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, read = make_voices([0.5] * 9, [0.5] * 9), blind._read
    one, two = Sitting(tmp_path, report), Sitting(tmp_path, report)
    refused: list[UserError] = []

    def late() -> None:
        try:
            two.answer("bad")
        except UserError as error:
            refused.append(error)

    other = threading.Thread(target=late)

    def compare(path: Path, most: int) -> list[Choice]:
        found = read(path, most)
        if threading.current_thread() is not other and not other.ident:
            other.start()
            other.join(0.5)  # the other one would have written by now, were it not kept waiting
        return found

    monkeypatch.setattr(blind, "_read", compare)
    keep(one, "first")
    other.join()
    assert [str(error.problems[0].what) for error in refused] == [
        "the judgements were changed elsewhere meanwhile: what is there now counts"
    ]
    assert Sitting(tmp_path, report).answers == ("first",)


def test_other_replies_begin_another_file_and_the_same_ones_do_not(make_voices: MakeVoices, tmp_path: Path) -> None:
    sitting = Sitting(tmp_path, make_voices([0.5] * 9, [0.5] * 9))
    keep(sitting, "first")
    assert Sitting(tmp_path, make_voices([0.9] * 9, [0.1] * 9)).answers == ("first",)  # scores are not shown
    other = Sitting(tmp_path, make_voices([0.5] * 9, [0.5] * 9, same=1))
    assert other.answers == () and other.earlier == [sitting.path]
    parrot = Sitting(tmp_path, make_voices([0.5] * 9, [0.5] * 9), "parrot")
    assert parrot.answers == () and parrot.earlier == []
    (sitting.path.parent / "base-2-examples-01234567.jsonl").touch()  # those of a rival whose name begins alike
    assert other.earlier == [sitting.path]


def test_more_pairs_than_before_go_on_and_fewer_forget_nothing(make_voices: MakeVoices, tmp_path: Path) -> None:
    report = make_voices([0.5] * 30, [0.5] * 30)
    keep(Sitting(tmp_path, report, count=3), "first", "tie", "bad")
    assert Sitting(tmp_path, report, count=5).answers == ("first", "tie", "bad")
    assert len(Sitting(tmp_path, report, count=1).pairs) == 3
    with pytest.raises(ValueError, match="all pairs are judged"):
        Sitting(tmp_path, report, count=1).answer("tie")


def test_a_rival_that_is_not_there_or_says_the_same_is_refused(make_voices: MakeVoices, tmp_path: Path) -> None:
    report = make_voices([0.5] * 6, [0.5] * 6, same=6)
    with pytest.raises(UserError, match="no reply of the adapted model differs from that of “base”"):
        Sitting(tmp_path, report)
    with pytest.raises(UserError, match="did you mean `parrot`"):
        Sitting(tmp_path, report, "parot")
    with pytest.raises(UserError, match="'adapted' is no rival"):
        Sitting(tmp_path, report, "adapted")


def test_the_result_counts_wins_and_how_often_a_score_agrees(make_voices: MakeVoices, tmp_path: Path) -> None:
    report = make_voices([0.9] * 30, [0.1] * 30)  # the score prefers the adapted model everywhere
    sitting = Sitting(tmp_path, report, count=20)
    prefer(sitting, *["adapted"] * 12, *["base"] * 4)  # Wilson's interval alone would say: preferred
    keep(sitting, "tie", "bad", "bad")
    found = result(sitting, report)
    assert (found.wins, found.losses, found.ties, found.bad) == (12, 4, 1, 2)
    assert (found.asked, found.judged, found.decided) == (20, 19, 16)
    assert found.share and (found.share.value, found.share.method) == (0.75, "wilson")
    assert (round(found.share.low, 3), round(found.share.high, 3)) == (0.505, 0.898)
    assert found.p == pytest.approx(0.0768, abs=1e-4)  # the sign test of 12 to 4
    assert (found.agreements["beyond_question"].agreed, found.agreements["beyond_question"].pairs) == (12, 16)
    text = "\n".join(result_texts(found, "With --pairs"))
    assert "adapted better in 12, base better in 4, equally good 1, both bad 2" in text
    assert "75% [51, 90]" in text and "sign test p 0.077" in text
    assert text.endswith("cannot be told from 16 decided pairs (p is not under 0.05).")
    told = list(revealed_texts(sitting))
    assert len(told) == 19 and "you: both bad" in told[-1] and "you: adapted" in told[0]
    assert [one["preferred"] for one in as_json(found, sitting)["answers"]][12:17] == ["rival"] * 4 + [None]


def test_swapped_judgements_give_the_mirrored_result(make_voices: MakeVoices, tmp_path: Path) -> None:
    report = make_voices([0.9] * 30, [0.1] * 30)
    whose = ["adapted"] * 9 + ["base"] * 3
    one, two = (Sitting(tmp_path / name, report, count=12) for name in "ab")
    prefer(one, *whose)
    prefer(two, *("base" if name == "adapted" else "adapted" for name in whose))
    a, b = result(one, report), result(two, report)
    assert a.share and b.share and a.p == b.p
    assert (a.share.value, a.share.low) == pytest.approx((1 - b.share.value, 1 - b.share.high))


@pytest.mark.parametrize(
    ("whose", "words"),
    [
        ([], "Nothing follows yet"),
        (["adapted", "base"], "cannot be told from 2 decided pairs (p is not under 0.05)."),
        (["base"], "cannot be told from 1 decided pair (p is not under 0.05)."),
        (["adapted"] * 4, "cannot be told from 4 decided pairs (p is not under 0.05)."),
        (["adapted"] * 6, "You prefer the adapted model to base."),
        (["base"] * 9, "You prefer base to the adapted model."),
    ],
)
def test_what_follows_is_said_no_stronger_than_it_is(
    make_voices: MakeVoices, tmp_path: Path, whose: list[str], words: str
) -> None:
    report = make_voices([0.5] * 30, [0.5] * 30)  # the score prefers nothing
    sitting = Sitting(tmp_path, report, count=max(1, len(whose)))
    prefer(sitting, *whose)
    found = result(sitting, report)
    assert words in list(result_texts(found, "With --pairs"))[-1]
    assert all(one.share is None for one in found.agreements.values())
    assert "agree" not in "".join(result_texts(found, "With --pairs"))


@pytest.mark.parametrize(("count", "more"), [(10, True), (30, False)])
def test_the_result_warns_of_judging_on_after_a_look_whatever_it_says(
    make_voices: MakeVoices, tmp_path: Path, count: int, more: bool
) -> None:
    report = make_voices([0.5] * 30, [0.5] * 30)
    for name, whose in (("decided", ["adapted"] * count), ("open", ["adapted", "base"] * (count // 2))):
        sitting = Sitting(tmp_path / name, report, count=count)
        prefer(sitting, *whose)
        text = "\n".join(result_texts(result(sitting, report), "With --pairs"))
        assert "whoever looks and then judges more makes the interval too narrow." in text
        assert ("With --pairs up to 30 can be judged. " in text) == more


def test_the_result_tells_what_was_left_out_and_that_most_replies_were_bad(
    make_voices: MakeVoices, tmp_path: Path
) -> None:
    report = make_voices([0.5] * 30, [0.5] * 30, same=3)
    sitting = Sitting(tmp_path, report)
    prefer(sitting, *["adapted"] * 8)
    keep(sitting, *["bad"] * 8)  # type: ignore[arg-type]
    even = result(sitting, report)
    keep(sitting, "bad")
    found = result(sitting, report)
    text = "\n".join(result_texts(found, "With --pairs"))
    assert "3 replies are the same of both and are not asked about." in text
    assert text.endswith("You prefer the adapted model to base. In most pairs both replies were bad.")
    assert not even.mostly_bad and "most pairs" not in "\n".join(result_texts(even, "With --pairs"))
    assert as_json(found, sitting)["same"] == 3
