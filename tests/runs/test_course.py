"""What a run has come to must not depend on how its events were read: at once, in pieces, or live."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.runs import events
from chatforge.runs.course import NOTES, Course, over_text, plan_texts
from chatforge.runs.events import (
    Checkpoint,
    Error,
    Eval,
    Event,
    Finished,
    Heartbeat,
    Note,
    Phase,
    Plan,
    Progress,
    Sample,
    Stamped,
    Started,
    Step,
    Stopped,
    Unknown,
    from_line,
    to_line,
)

PLAN = Plan(
    48, 3.0, 120, 9000, 0.31, 2, 1, 754.0, 1_900_000_000, "cpu", "bfloat16", "1.9 x as fast", 2, 4_884_480, 134_515_008
)


def step(i: int, loss: float = 2.0, total: int = 48) -> Step:
    return Step(i, total, i / 16, loss, 1e-3, 0.8, 412.0, 2_000_000_000 + i, (total - i) * 10.0)


def course_of(happened: Sequence[Event], t: float = 1000.0) -> Course:
    course = Course()
    for i, event in enumerate(happened):
        course.add(Stamped(i, t + i, event))
    return course


numbers = st.integers(0, 60)
losses = st.floats(0, 20)
words = st.text("ab", min_size=1, max_size=3)
any_event: st.SearchStrategy[Event] = st.one_of(
    st.builds(Started, st.sampled_from(["train", "evaluate"]), numbers),
    st.builds(Phase, st.sampled_from(["loading", "training", "saving"])),
    st.builds(Progress, numbers, numbers, words),
    st.just(PLAN),
    st.builds(step, numbers, losses),
    st.builds(Eval, numbers, losses, st.booleans()),
    st.builds(Sample, numbers, words, words),
    st.builds(Checkpoint, numbers, words),
    st.builds(Heartbeat, words, st.integers(0, 10**10)),
    st.builds(Note, words),
    st.builds(events.Warning, words),
    st.builds(Error, words, st.none() | words),
    st.builds(Stopped, numbers),
    st.builds(Finished, losses),
    st.builds(Unknown, st.just("later"), st.just({})),
)


@given(st.lists(any_event, max_size=40), st.lists(numbers, max_size=5))
@settings(deadline=None)
def test_replay_in_pieces_equals_replay_at_once(happened: list[Event], cuts: list[int]) -> None:
    lines = [to_line(Stamped(i, 1000.0 + i, event)) for i, event in enumerate(happened)]
    at_once, in_pieces = course_of(happened), Course()
    edges = sorted({0, len(lines), *(min(cut, len(lines)) for cut in cuts)})
    for begin, end in pairwise(edges):
        for line in lines[begin:end]:
            stamped = from_line(line)
            assert stamped is not None
            in_pieces.add(stamped)
        in_pieces.eta(2000.0)
        _ = in_pieces.best
    assert in_pieces == at_once


@given(st.lists(losses, min_size=8, max_size=8), st.lists(losses, min_size=8, max_size=8), st.integers(1, 8))
def test_steps_done_again_after_a_resume_replace_what_they_were(
    first: list[float], again: list[float], saved: int
) -> None:
    course = course_of(
        [
            Started("train", 1),
            *(step(i, loss) for i, loss in enumerate(first, 1)),
            Eval(8, 3.0, True),
            Started("train", 2),
            *(step(i, loss) for i, loss in enumerate(again, 1) if i > saved),
            Eval(8, 2.0, True),
        ]
    )
    assert list(course.losses.values()) == [*first[:saved], *again[saved:]]
    assert {at: found.loss for at, found in course.evals.items()} == {8: 2.0}
    assert course.best == Eval(8, 2.0, True)


def test_a_new_attempt_has_not_ended_and_keeps_what_was_learned() -> None:
    course = course_of([Started("train", 1), Phase("training"), step(3), Error("no", "yes"), Started("train", 2)])
    assert (course.end, course.phase, course.phases) == ("", "starting", [])
    assert course.losses == {3: 2.0}
    assert course.begun == 1004.0
    assert [remark.hint for remark in course.remarks] == ["yes"]


def test_the_next_stage_begins_with_nothing_to_count() -> None:
    course = course_of([Started("train", 1), step(3), Checkpoint(3, "x"), Finished(1.0), Started("evaluate", 1)])
    assert (course.step, course.checkpoint, course.end) == (None, None, "")
    assert course.eta(2000.0) is None


def test_memory_and_step_time() -> None:
    course = course_of([Heartbeat("loading", 5_000_000_000), step(4), step(48)])
    assert (course.memory, course.peak) == (2_000_000_048, 5_000_000_000)
    assert course.step_seconds == 10.0


def test_the_story_is_what_one_wants_to_find_again_and_keeps_the_newest() -> None:
    course = course_of([Started("train", 1), Heartbeat("x", 1), step(1), Eval(1, 2.0, True), Sample(1, "p", "r")])
    assert [type(stamped.event) for stamped in course.story] == [Started, Eval]
    long = course_of([Note(str(i)) for i in range(NOTES + 5)])
    assert len(long.story) == len(long.remarks) == NOTES
    assert long.remarks[-1].text == str(NOTES + 4)


def test_the_time_left_counts_down_between_steps() -> None:
    course = course_of([Started("train", 1), step(38)])
    assert course.eta(1001.0) == 100.0
    assert course.eta(1031.0) == 70.0
    assert course.eta(9999.0) == 0.0


def test_the_time_left_of_a_phase_that_counts() -> None:
    course = course_of([Started("evaluate", 1), Phase("replies"), Progress(0, 10, "replies")])
    assert course.eta(1002.0) is None
    course.add(Stamped(9, 1022.0, Progress(5, 10, "replies")))
    assert course.eta(1022.0) == 20.0


def test_the_plan_fits_lines_of_a_small_screen() -> None:
    assert max(len(line) for line in plan_texts(PLAN)) <= 80


@pytest.mark.parametrize(
    ("canaries", "words"),
    [(0, "120 conversations"), (1, "conversations + 1 canary"), (9, "conversations + 9 canaries")],
)
def test_canaries_are_told_apart_from_conversations(canaries: int, words: str) -> None:
    plan = replace(PLAN, canaries=canaries)
    assert over_text(plan).endswith(words)
    assert max(len(line) for line in plan_texts(plan)) <= 80
