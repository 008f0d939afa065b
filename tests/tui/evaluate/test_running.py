"""An evaluation at work: what is done, what is under way, what is missing, and the words for how it broke off."""

import itertools
import time

from chatforge.project.stages import Stage
from chatforge.runs.course import Course
from chatforge.runs.events import (
    Error,
    Heartbeat,
    Note,
    Phase,
    Phases,
    Progress,
    Scored,
    Stamped,
    Started,
)
from chatforge.runs.events import Warning as WarningEvent
from chatforge.tui.evaluate_words import Standing, words
from chatforge.tui.signs import ASCII, UNICODE
from tests.tui.evaluate.making import at_phase, at_work

ALL = (
    "looking up train conversations", "endpoint big: replies", "loading base", "base: likelihood of the true replies",
    "base: replies", "base, no system message: replies", "base + 2 examples: replies", "base + 4 examples: replies",
    "base: probes", "loading adapted", "adapted: likelihood of the true replies", "adapted + 2 examples: replies",
    "adapted: replies", "adapted: probes",
)  # fmt: skip
"""The phases of an evaluation with everything that can be asked for."""

WHY = "endpoint big is missing: nobody answers at 127.0.0.1:8080"


def course_until(*last):
    """An evaluation that has come to `last`, ten seconds a phase; its endpoint is missing."""
    told = [Started("evaluate", 1), Phase("checking"), Phases(ALL)]
    for name in ALL[: ALL.index(last[0].name) if last[0].name in ALL else None]:
        told.append(Phase(name))
        if name == ALL[0]:
            told += [Scored(rival, 0.3, 0.2, 0.4, 0.1) for rival in ("nearest neighbour", "parrot", "constant")]
            told += [Scored(rival, 0.3, 0.2, 0.4, 0.1) for rival in ("shuffled", "references")]
        elif name.startswith("endpoint"):
            told.append(WarningEvent(WHY))
        elif name.endswith(": replies"):
            told.append(Scored(name.removesuffix(": replies"), 0.3, 0.2, 0.4, 0.1))
    course = Course()
    for i, event in enumerate([*told, *last]):
        course.add(Stamped(i, 1000.0 + 10 * i, event))
    return course


def lines_of(course, *, height=0, signs=UNICODE):
    now = (course.heard or 0.0) + 1
    return words(Standing("running", course, (), now, 76, height), signs).plain.split("\n")


def test_at_work_it_says_what_is_done_and_what_is_left(ui, project, runs_dir, trained):
    clock = itertools.count(time.time() + 3600, 5.0)  # heard of lately, however long the test takes
    at_work(
        trained, Phase("checking"), Phase("looking up train conversations"),
        Scored("parrot", 0.71, 0.6, 0.81, 0.1), Scored("shuffled", 0.1, 0.04, 0.19, 0.1), Phase("loading base"),
        Phase("base: likelihood of the true replies"), Phase("base: replies"), Note("2 histories \x1b[31mcut"),
        Progress(1, 72, "replies"), Heartbeat("base: replies", 1_200_000_000), Progress(31, 72, "replies"),
        clock=lambda: next(clock),
    )  # fmt: skip

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            words = ("✓ base foresees", "▶ base answers", "31/72", "ETA", "○ adapted answers", "1.2 GB",
                     "parrot", "71% [60, 81]", "├", "chance 10%", "shuffled (check)", "2 histories cut")  # fmt: skip
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                assert "\x1b" not in ui.text(pilot.app)

    ui.run(test)


def test_every_rival_that_can_be_asked_for_has_its_line():
    lines = "\n".join(lines_of(course_until(Phase("adapted: probes"), Progress(3, 60, "replies"))))
    for part in (
        "✓ base + 2 examples answers", "✓ base + 4 examples answers", "✓ base, no system message answers",
        "✓ base answers the probes", "✓ adapted + 2 examples answers", "▶ adapted answers the probes", "3/60",
        "○ self-check, verdict", "base + 2 examples        ", "adapted + 2 examples     ",
    ):  # fmt: skip
        assert part in lines, part


def test_a_rival_that_is_missing_is_told_with_the_reason_as_soon_as_it_is_known():
    lines = lines_of(course_until(Phase("base: replies")))
    assert f"  ! {WHY}" in lines
    assert not any("✓ endpoint big" in line for line in lines)


def test_with_everything_asked_for_all_that_matters_fits_21_lines():
    """What 80x24 leaves: the steps that are over and to come are summed up, the scores stay."""
    course = course_until(Phase("adapted: replies"), Progress(10, 100, "replies"), Progress(40, 100, "replies"))
    assert len(lines_of(course)) > 21
    lines = lines_of(course, height=21)
    shown = "\n".join(lines[:21])
    for part in (
        "▶ Evaluating", "elapsed", "left", "10 parts done", WHY, "▶ adapted answers", "40/100", "ETA",
        "then adapted answers the probes, and 1 more", "adapted + 2 examples", "references (check)", "100%",
    ):  # fmt: skip
        assert part in shown, part
    assert all(line.isascii() for line in lines_of(course, height=21, signs=ASCII))


def test_the_time_that_is_left_of_the_whole_is_told_beside_that_of_the_phase():
    course = course_until(Phase("base: probes"), Progress(0, 60, "replies"))
    assert "left" in lines_of(course)[0]
    assert "left" not in lines_of(course_until(Phase("looking up train conversations")))[0]


def test_what_is_said_twice_is_shown_once():
    lines = "\n".join(lines_of(course_until(Phase("judging"), Note(WHY), Note("2 histories were cut"))))
    assert lines.split("Said so far")[1].count(WHY) == 1
    assert "2 histories were cut" in lines


def test_the_first_batch_has_a_bar_and_the_whole_is_told_beside_the_phase(ui, project, runs_dir, trained):
    at_phase(trained, "base: replies", Progress(0, 72, "replies"))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "╌ 0/72", "part 4 of 7, about 23%")):
                pass

    ui.run(test)


def test_a_phase_that_is_through_says_so_instead_of_no_time_left(ui, project, runs_dir, trained):
    at_phase(trained, "base: replies", Progress(1, 72, "replies"), Progress(72, 72, "replies"))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "72/72  finishing"))
            assert "ETA" not in ui.text(pilot.app)

    ui.run(test)


def test_words_of_a_plan_are_no_commands_to_the_terminal():
    course = Course()
    for i, event in enumerate((Started("evaluate", 1), Phases(("base: replies", "x\x1b[2J: replies")))):
        course.add(Stamped(i, 1000.0 + i, event))
    course.add(Stamped(9, 1010.0, Phase("base: replies")))
    assert "\x1b" not in "\n".join(lines_of(course, height=1))


def test_why_a_rival_was_missing_in_an_earlier_attempt_is_not_said_of_this_one():
    course = course_until(Phase("base: replies"))
    for i, event in enumerate((Started("evaluate", 2), Phases(ALL), Phase("endpoint big: replies"), Phase(ALL[2]))):
        course.add(Stamped(100 + i, 2000.0 + i, event))
    lines = "\n".join(lines_of(course))
    assert "endpoint big is missing" in lines and WHY not in lines


def test_an_error_of_an_earlier_attempt_does_not_explain_a_later_death():
    course = Course()
    for i, event in enumerate((Started("evaluate", 1), Error("the encoder is missing"))):
        course.add(Stamped(i, 1000.0 + i, event))
    assert "the encoder is missing" in words(Standing("failed", course), UNICODE).plain
    assert "the encoder is missing" not in words(Standing("died", course), UNICODE).plain, "it died before a word"
    course.add(Stamped(2, 2000.0, Started("evaluate", 2)))
    course.add(Stamped(3, 2001.0, Phase("base: replies")))
    told = words(Standing("died", course), UNICODE).plain
    assert "the encoder is missing" not in told and "It was at: base: replies" in told


def test_where_there_is_ascii_alone_nothing_else_is_said():
    course = course_until(Phase("base: replies"), WarningEvent("“big” … → gone"), Error("not “here”", "→ fetch it"))
    for standing in (Standing("done", why="“x” → y"), Standing("failed", course), Standing("running", course)):
        assert words(standing, ASCII, "“x” is missing → fetch it").plain.isascii()
