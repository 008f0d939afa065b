"""Before an evaluation, while it works, and where it broke off."""

import itertools
import shutil
import threading
import time

from chatforge.evaluation import elsewhere
from chatforge.project.stages import Stage
from chatforge.runs import folder, launch, state
from chatforge.runs.course import Course
from chatforge.runs.events import (
    Error,
    EventWriter,
    Finished,
    Heartbeat,
    Note,
    Phase,
    Phases,
    Progress,
    Scored,
    Stamped,
    Started,
    Stopped,
)
from chatforge.runs.events import Warning as WarningEvent
from chatforge.runs.folder import RunFolder
from chatforge.tui.evaluate_words import Standing, words
from chatforge.tui.signs import ASCII, UNICODE
from tests.tui.evaluate.making import at_phase, at_work, close, keys_of

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


# Before


def test_what_will_be_compared_stands_there_before_anything_is_judged(ui, project, runs_dir, trained):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "Not evaluated yet", "nearest neighbour", "^n Evaluate"))
            assert f"chatforge evaluate {trained.id}" in ui.text(pilot.app)

    ui.run(test)


def test_only_the_rivals_that_were_asked_for_are_announced():
    told = words(Standing("new", asked=("2-examples",)), UNICODE).plain
    assert "base + 2 examples" in told
    assert "base + 4 examples" not in told and "no system message" not in told


def test_an_untrained_project_says_what_comes_first(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage == Stage.TRAIN)

    ui.run(test)


def test_ctrl_n_starts_it_and_its_end_shows_the_report(ui, project, runs_dir, trained, fake_worker, make_report):
    fake_worker("")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "^n Evaluate"))
            trained.evaluation.mkdir()
            folder.write_json(trained.evaluation / "report.json", make_report().to_json())
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better", "Beyond question"))
            assert state.stage_status(trained, "evaluate") == "done"

    ui.run(test)


def test_missing_weights_are_told_before_a_worker_starts(ui, project, runs_dir, trained):
    lock = folder.read_json(trained.lock)
    lock["resolved"]["evaluation"]["encoder"] = "all-minilm-l6-v2"
    folder.write_json(trained.lock, lock)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "^n Evaluate"))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "not on this machine", "chatforge models fetch"))
            assert state.entry(trained, "evaluate") is None

    ui.run(test)


def test_what_a_rival_starts_from_is_asked_for_too(ui, project, runs_dir, trained, tmp_path):
    rival = RunFolder(tmp_path / "another-a")
    shutil.copytree(trained.path, rival.path)
    lock = folder.read_json(rival.lock)
    lock["resolved"]["model"]["base"] = "smollm2-360m-instruct"
    folder.write_json(rival.lock, lock)
    elsewhere.write(trained, elsewhere.Elsewhere(runs=(rival.path,)))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "^n Evaluate"))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "smollm2-360m-instruct is not on this machine"))
            assert state.entry(trained, "evaluate") is None

    ui.run(test)


# At work


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


# Broken off


def test_what_failed_is_said_in_words_with_the_end_of_the_log(ui, project, runs_dir, trained):
    close(trained, "evaluate", Error("the encoder is \x1b]0;x\x07missing", "fetch it"))
    trained.log("evaluate").write_text("loading\nTraceback: [bold]no[/bold] memory\n")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            parts = (
                "The evaluation failed", "the encoder is missing", "fetch it", "[bold]no[/bold] memory", "^n Evaluate",
            )  # fmt: skip
            await ui.wait_until(pilot, ui.shows(pilot, *parts))

    ui.run(test)


def test_a_worker_that_died_is_told_as_dead(ui, project, runs_dir, trained):
    folder.write_json(trained.state, {"evaluate": {"pid": 2**22, "create_time": 1.0, "started": 1.0}})
    with EventWriter(trained.events("evaluate")) as writer:
        writer.write(Started("evaluate", 1))
        writer.write(Phase("adapted: replies"))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "died", "It was at: adapted: replies", "^n Evaluate"))

    ui.run(test)


def test_a_damaged_report_is_told_and_can_be_made_anew(ui, project, runs_dir, trained):
    trained.evaluation.mkdir()
    (trained.evaluation / "report.json").write_text('{"version": 9}')
    close(trained, "evaluate", Finished(1.0))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "The report cannot be shown", "cannot be read"))

    ui.run(test)


def test_stopping_asks_and_then_asks_the_worker(ui, project, runs_dir, trained, fake_worker):
    fake_worker("waiting")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "^n Evaluate"))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "Waiting for its turn"))
            await pilot.press("s")
            await ui.wait_until(pilot, ui.shows(pilot, "Stop the evaluation?"))
            await pilot.press("s")
            await ui.wait_until(pilot, ui.shows(pilot, "The evaluation was stopped", "goes on from there"))

    ui.run(test)


def test_stopping_is_said_at_once_and_offered_no_more(ui, project, runs_dir, trained, monkeypatch):
    at_phase(trained, "base: replies", Scored("parrot", 0.71, 0.6, 0.81, 0.1))
    asked, go_on = threading.Event(), threading.Event()

    def slow(run, *, save):
        asked.set()
        go_on.wait()
        with EventWriter(run.events("evaluate")) as writer:
            writer.write(Stopped(0))

    monkeypatch.setattr(launch, "stop", slow)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "parrot", " s Stop"))
            await ui.answer(pilot, "s", "s")
            await ui.wait_until(pilot, asked.is_set)
            await ui.wait_until(pilot, lambda: "Stopping ..." in ui.text(pilot.app) and "Stop " not in keys_of(pilot))
            go_on.set()
            await ui.wait_until(pilot, ui.shows(pilot, "The evaluation was stopped", "given so far are kept"))

    ui.run(test)


def test_a_worker_deaf_to_requests_is_ended_all_the_same(ui, project, runs_dir, trained, fake_worker):
    fake_worker("stubborn")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: trained.events("evaluate").exists() and "Stop " in keys_of(pilot))
            await ui.answer(pilot, "s", "s")
            await ui.wait_until(pilot, ui.shows(pilot, "The evaluation was stopped"))
            assert not state.alive(trained, "evaluate")

    ui.run(test)
