"""An evaluation that broke off or was stopped, and a report that cannot be shown, or not yet."""

import threading

from chatforge.project.stages import Stage
from chatforge.runs import folder, launch, state
from chatforge.runs.events import (
    Error,
    EventWriter,
    Finished,
    Phase,
    Scored,
    Started,
    Stopped,
)
from chatforge.tui import evaluate_work
from tests.tui.evaluate.making import at_phase, close, judge, keys_of, with_word


def test_a_log_that_cannot_be_read_hides_no_report(trained, make_report):
    judge(trained, make_report())
    trained.log("evaluate").mkdir(parents=True)
    assert evaluate_work.read(trained).report


def test_an_older_reading_never_replaces_a_newer_one(ui, project, runs_dir, trained, make_report, monkeypatch):
    judge(trained, with_word(make_report(), "worse"))
    read, first, go_on, over = evaluate_work.read, [], threading.Event(), threading.Event()

    def slow(run):
        found = read(run)
        if not first:
            first.append(found)
            go_on.wait()
            over.set()
        return found

    monkeypatch.setattr(evaluate_work, "read", slow)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, lambda: first and "Reading the report" in ui.text(pilot.app))
            judge(trained, make_report())
            pilot.app.screen._look()
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            go_on.set()
            await ui.wait_until(pilot, over.is_set)
            assert "✔ better" in ui.text(pilot.app)
            first.clear()
            go_on.clear()
            judge(trained, with_word(make_report(), "probably worse"))
            pilot.app.screen._look()
            await ui.wait_until(pilot, lambda: first and "Reading the report" in ui.text(pilot.app))
            assert "✔ better" not in ui.text(pilot.app)
            go_on.set()
            await ui.wait_until(pilot, ui.shows(pilot, "↘ probably worse"))

    ui.run(test)


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


def test_a_damaged_report_is_told_and_can_be_made_anew(ui, project, runs_dir, trained, fake_worker, make_report):
    fake_worker("")
    trained.evaluation.mkdir()
    (trained.evaluation / "report.json").write_text('{"version": 9}')
    close(trained, "evaluate", Finished(1.0))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            parts = ("The report cannot be shown", "cannot be read", "^n Evaluate", f"chatforge evaluate {trained.id}")
            await ui.wait_until(pilot, ui.shows(pilot, *parts))
            folder.write_json(trained.evaluation / "report.json", make_report().to_json())
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: state.entry(trained, "evaluate"))
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better", "Next: Chat"))

    ui.run(test)


def test_a_wish_to_stop_that_comes_before_the_start_is_kept(ui, project, runs_dir, trained, fake_worker, monkeypatch):
    fake_worker("waiting")
    begin, go_on = evaluate_work.begin, threading.Event()

    def slow(*args, **kwargs):
        go_on.wait()
        return begin(*args, **kwargs)

    monkeypatch.setattr(evaluate_work, "begin", slow)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "^n Evaluate"))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: "Stop " in keys_of(pilot))
            await ui.answer(pilot, "s", "s")
            await ui.wait_until(pilot, lambda: "Stopping ..." in ui.text(pilot.app) and "Stop " not in keys_of(pilot))
            go_on.set()
            await ui.wait_until(pilot, ui.shows(pilot, "The evaluation was stopped"))
            assert not state.alive(trained, "evaluate") and "is not running" not in ui.text(pilot.app)

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
