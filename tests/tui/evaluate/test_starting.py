"""Before an evaluation: what it will do, whom it asks, and why it cannot start."""

import shutil

from chatforge.evaluation import elsewhere
from chatforge.project import new_run
from chatforge.project.stages import Stage
from chatforge.recipe.files import load_recipe
from chatforge.runs import folder, state
from chatforge.runs.events import (
    Finished,
)
from chatforge.runs.folder import RunFolder
from chatforge.tui import evaluate_work
from chatforge.tui.evaluate_words import Standing, words
from chatforge.tui.signs import UNICODE
from tests.tui.evaluate.making import close, judge


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


def test_the_rivals_that_are_announced_are_those_of_the_run(ui, project, runs_dir, trained):
    lock = folder.read_json(trained.lock)
    lock["resolved"]["evaluation"]["rivals"] = ["2-examples"]
    folder.write_json(trained.lock, lock)
    elsewhere.write(trained, elsewhere.Elsewhere(endpoints={"big": "http://127.0.0.1:8080/v1"}))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "base + 2 examples", "endpoint big"))
            told = ui.text(pilot.app)
            assert "base + 4 examples" not in told and "no system message" not in told
            assert "if every conversation" in told and "preset" not in told

    ui.run(test)


def test_what_the_preset_decides_is_announced_as_such():
    told = " ".join(words(Standing("new"), UNICODE).plain.split())
    assert told.count("(if the preset asks for it)") == 4
    assert "no model has seen" not in told


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
            await pilot.app.screen.action_go("model")
            await ui.wait_until(pilot, lambda: "Not evaluated yet" not in ui.text(pilot.app))
            await pilot.app.screen.action_go("evaluate")
            await ui.wait_until(pilot, ui.shows(pilot, "Not evaluated yet"))
            assert "not on this machine" not in ui.text(pilot.app), "it may have been fetched meanwhile"

    ui.run(test)


def test_why_a_run_could_not_be_evaluated_is_not_said_of_the_next(ui, project, runs_dir, home, trained, monkeypatch):
    monkeypatch.setattr(evaluate_work, "begin", lambda *_, **__: "no room")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "^n Evaluate"))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "no room", "^n Evaluate"))
            close(new := new_run.create(load_recipe(project), runs_dir, home), "train", Finished(1.0, {"steps": 6}))
            pilot.app.screen._look()
            await ui.wait_until(pilot, ui.shows(pilot, f"chatforge evaluate {new.id}"))
            assert "no room" not in ui.text(pilot.app)

    ui.run(test)


def test_what_goes_wrong_unforeseen_leaves_nothing_under_way(ui, project, runs_dir, trained, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(evaluate_work, "begin", broken)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "^n Evaluate"))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "the evaluation could not be started", "^n Evaluate"))

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
            await ui.answer(pilot, "ctrl+n", "e")
            await ui.wait_until(pilot, ui.shows(pilot, "smollm2-360m-instruct is not on this machine"))
            assert state.entry(trained, "evaluate") is None

    ui.run(test)


def test_whom_a_command_named_is_told_before_anything_is_sent_and_can_be_left_out(
    ui, project, runs_dir, trained, fake_worker, make_report
):
    fake_worker("waiting")
    there = {"big": "https://models.example.org/v1", "small": "http://127.0.0.1:8080/v1"}
    elsewhere.write(trained, elsewhere.Elsewhere(endpoints=there, remote=True))
    asking = ("endpoint big, endpoint small", "conversations are sent to", "models.example.org", "can be left out")

    def asked(pilot):
        said = " ".join(ui.text(pilot.app).replace("│", " ").split())
        return all(part in said for part in asking)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "^n Evaluate"))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: asked(pilot))
            await pilot.press("k")
            await ui.wait_until(pilot, ui.shows(pilot, "Not evaluated yet"))
            assert state.entry(trained, "evaluate") is None
            judge(trained, make_report())
            pilot.app.screen._look()
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("e")
            await ui.wait_until(pilot, lambda: asked(pilot) and "Evaluate again?" in ui.text(pilot.app))
            await pilot.press("w")
            await ui.wait_until(pilot, ui.shows(pilot, "Waiting for its turn"))
            assert elsewhere.read(trained) == elsewhere.Elsewhere()
            await ui.answer(pilot, "s", "s")
            await ui.wait_until(pilot, ui.shows(pilot, "The evaluation was stopped"))

    ui.run(test)
