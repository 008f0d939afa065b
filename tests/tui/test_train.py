"""The stage Train as a person meets it: before, while it works, stopped, dead, done; and gone on with."""

import asyncio
import math
import time

import pytest
from textual.widgets import ContentSwitcher

from chatforge.project import new_run
from chatforge.project.stages import Stage
from chatforge.recipe.files import load_recipe
from chatforge.runs import events, folder, state
from chatforge.runs.events import (
    Checkpoint,
    Error,
    Eval,
    EventWriter,
    Finished,
    Note,
    Phase,
    Plan,
    Sample,
    Started,
    Step,
    Stopped,
)
from chatforge.tui.modals.log import Lines
from chatforge.tui.modals.question import Question
from chatforge.tui.signs import ASCII, UNICODE
from chatforge.tui.stages.train import TrainPane
from chatforge.tui.widgets.chart import LineChart
from chatforge.tui.widgets.told import Told

HOSTILE = "\x1b[31m[bold]evil[/bold]\x1b]0;title\x07"
PLAN = Plan(
    8, 2.0, 16, 900, 0.31, 1, 0, 75.0, 900_000_000, "cpu", "bfloat16", "1.9 x as fast here", 2, 4_884_480, 134_515_008
)


def step(i, loss=None):
    return Step(i, 8, i / 4, 3.0 - i / 8 if loss is None else loss, 1.3e-3, 0.83, 412.0, 900_000_000, (8 - i) * 1.5)


COURSE = [
    Started("train", 4711),
    Phase("checking"),
    Phase("loading"),
    Note("train: 1 conversation cut"),
    Eval(0, 3.2, True),
    Sample(0, "Can I return boots?", "I am a boot."),
    PLAN,
    Phase("training"),
    *(step(i) for i in range(1, 5)),
    Eval(4, 2.6, True),
    Sample(4, "Can I return boots?", f"Yes, within 4 days. {HOSTILE}"),
    Checkpoint(4, "checkpoints/checkpoint-4"),
    Phase("training"),
]
DONE = [*COURSE, *(step(i) for i in range(5, 9)), Eval(8, 2.2, True), Phase("saving"), Finished(75.0)]


def write(run, happened, t=None):
    with EventWriter(run.events("train"), *([] if t is None else [lambda: t])) as writer:
        for event in happened:
            writer.write(event)


@pytest.fixture
def made(project, runs_dir, home):
    """A run of the project; nobody works on it."""
    return new_run.create(load_recipe(project), runs_dir, home)


@pytest.fixture
def at_work(made):
    """A run that somebody (this process) works on."""
    state.enter(made, "train", then="evaluate")
    return made


def keys(pilot):
    """What the footer offers of this stage."""
    offered = {b.binding.id: b.enabled for b in pilot.app.screen.active_bindings.values()}
    return {name.removeprefix("train.") for name, on in offered.items() if (name or "").startswith("train.") and on}


def told(pilot, part):
    """Whether something was said in passing."""
    return lambda: any(part in note.message for note in pilot.app._notifications)


def stands(pilot, word):
    def holds():
        pane = pilot.app.screen.query_one(TrainPane) if pilot.app.screen.query(TrainPane) else None
        return pane is not None and pane.standing == word

    return holds


# Before


def test_before_it_begins_one_sees_what_will_happen(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            parts = ("Nothing is trained yet", "lora, rank 4", "6 steps", "evaluation", "^n Start training")
            async for size in ui.at_sizes(pilot, ui.shows(pilot, *parts)):
                assert f"chatforge run {project}"[: size[0] - 40] in ui.text(pilot.app)
                assert keys(pilot) == set()
            assert not folder.list_runs(runs_dir)

    ui.run(test)


def test_started_followed_done_and_on_to_the_evaluation(ui, project, runs_dir, fake_worker):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, stands(pilot, "done"))
            parts = ("trained", "step 8/8", "It is evaluated, too", "Can I return boots?", "@4", "^n Next: Evaluate")
            await ui.wait_until(pilot, ui.shows(pilot, *parts))
            assert keys(pilot) == {"new", "zoom", "smoothing", "log"}
            (run,) = folder.list_runs(runs_dir)
            assert state.entry(run, "train")["then"] == "evaluate"
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage is Stage.EVALUATE)

    ui.run(test)


def test_pressed_twice_it_is_started_once(ui, project, runs_dir, fake_worker):
    fake_worker("endless")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await pilot.press("ctrl+n", "ctrl+n", "ctrl+n")
            await ui.wait_until(pilot, stands(pilot, "running"))
            await ui.wait_until(pilot, lambda: "stop" in keys(pilot))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, told(pilot, "s stops it"))
            assert len(folder.list_runs(runs_dir)) == 1

    ui.run(test)


def test_weights_that_are_missing_lead_to_the_model(ui, project, runs_dir):
    text = project.read_text()
    project.write_text("model:\n  base: smollm2-135m-instruct\n" + text[text.index("data:") :])

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "not on this machine", "^n First: Model"))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage is Stage.MODEL)
            assert not folder.list_runs(runs_dir)

    ui.run(test)


def test_an_encoder_that_is_missing_leads_to_the_model_too(ui, project, runs_dir):
    text = project.read_text()
    project.write_text(text[: text.index("evaluation:")])

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage is Stage.MODEL)
            await ui.wait_until(pilot, told(pilot, "not on this machine yet: all-minilm"))
            assert not folder.list_runs(runs_dir)

    ui.run(test)


def test_a_recipe_that_is_wrong_leads_to_where_it_can_be_mended(ui, project, runs_dir):
    project.write_text(project.read_text().replace("lora_r: 4", "lora_r: 0"))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "^n First: Adapt"))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage is Stage.ADAPT)

    ui.run(test)


def test_bad_lines_are_told_with_file_and_line_and_not_said_twice(ui, project, runs_dir):
    train = project.parent / "train.jsonl"
    lines = train.read_text().splitlines()
    train.write_text("\n".join([*lines[:6], '{"messages": "none"}', *lines[6:], "[]"]))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN, size=(80, 24)) as pilot:
            words = ("2 lines of train.jsonl cannot be used (first: line 7: ", "^n First: Data")
            await ui.wait_until(pilot, ui.shows(pilot, *words))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "train.jsonl:7: "))
            await pilot.press("b", "escape", "4")
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage is Stage.TRAIN)
            assert not pilot.app._notifications, "it stands on the screen"
            train.write_text("\n".join(lines))
            await ui.wait_until(pilot, ui.shows(pilot, "^n Start training"))

    ui.run(test)


def test_too_few_conversations_are_told_before_time_is_spent(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            words = (
                "! little will be learned from 12 conversations; give 50 or more",
                '! 6 held out (test): the verdict will be "cannot tell"; give 24 more',
            )
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                pass

    ui.run(test)


def test_what_is_split_off_counts_as_held_out_and_enough_is_not_warned_of(ui, project, runs_dir, write_conversations):
    text = project.read_text().replace("  test: test.jsonl\n", "  test_share: 0.4\n")
    project.write_text(text)
    write_conversations(project.parent / "train.jsonl", 100, 100)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "60 conversations", "^n Start training"))
            assert "held out (test)" not in ui.text(pilot.app) and "little will be" not in ui.text(pilot.app)
            pilot.app.screen.pane.post_message(TrainPane.Edit({"evaluation.conversations": 10}))
            await ui.wait_until(pilot, ui.shows(pilot, "10 held out (test)", "give 20 more"))

    ui.run(test)


def test_a_run_that_cannot_be_made_is_told_and_can_be_tried_again(ui, project, runs_dir):
    runs_dir.write_text("a file where the folder should be")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "File exists", "^n Start training"))

    ui.run(test)


# While it works


def test_the_keys_work_though_nobody_had_the_focus_when_it_began(ui, project, runs_dir, fake_worker):
    fake_worker("endless")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, lambda: pilot.app.screen.focused)
            pilot.app.screen.set_focus(None)  # as for a moment after a stage was opened
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, stands(pilot, "running"))
            await ui.wait_until(pilot, lambda: {"stop", "detach"} <= keys(pilot))

    ui.run(test)


def test_a_phase_that_counts_nothing_says_what_it_is_for(ui, project, runs_dir, at_work):
    write(at_work, [Started("train", 4711), Phase("validating"), Phase("planning")])

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "training: trying one batch", "planning ▶")):
                pass

    ui.run(test)


def test_the_last_step_is_not_followed_by_no_time_left(ui, project, runs_dir, at_work):
    write(at_work, [*COURSE, *(step(i) for i in range(5, 9))])

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "step 8/8", "finishing"))
            assert "ETA" not in ui.text(pilot.app)

    ui.run(test)


def test_the_keys_of_the_stage_before_go_before_the_next_one_is_there(ui, project, runs_dir, made, monkeypatch):
    write(made, DONE)
    wanted, go_on, add = asyncio.Event(), asyncio.Event(), ContentSwitcher.add_content

    async def slow(switcher, *rest, **more):
        wanted.set()
        await go_on.wait()
        await add(switcher, *rest, **more)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, lambda: "log" in keys(pilot))
            monkeypatch.setattr(ContentSwitcher, "add_content", slow)
            pressed = asyncio.create_task(pilot.press("ctrl+n"))  # it returns when all is drawn
            await asyncio.wait_for(wanted.wait(), 30)
            left = keys(pilot)
            go_on.set()
            await pressed
            assert left == set()
            await ui.wait_until(pilot, ui.shows(pilot, "Not evaluated yet"))

    ui.run(test)


@pytest.mark.parametrize("signs", [UNICODE, ASCII])
def test_while_it_works_everything_stands_on_one_screen(ui, project, runs_dir, at_work, signs):
    write(at_work, COURSE)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN, signs=signs) as pilot:
            always = ui.shows(pilot, "step 4/8", "50%", "training", "train loss    2.500")
            async for size in ui.at_sizes(pilot, always, (80, 24), (60, 16), (120, 40)):
                parts = []
                if size[1] >= 24:
                    parts += ["2.600 @ 4", "1.30e-03", "412 tokens/s", "1.5 s", "saved at step 4", "last event", "@4"]
                if size[1] >= 40:
                    parts += ["8 steps over 16 conversations", "900 MB", "evil", "process 4711"]
                await ui.wait_until(pilot, ui.shows(pilot, *parts))
                text = ui.text(pilot.app)
                assert "\x1b" not in text
                assert signs is UNICODE or text.isascii(), {sign for sign in text if ord(sign) > 127}
                assert keys(pilot) == {"stop", "detach", "zoom", "smoothing", "log"}

    ui.run(test)


def test_it_can_be_made_smaller_and_larger_while_it_works(ui, project, runs_dir, fake_worker):
    fake_worker("endless")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "step "))
            for size in ((80, 24), (40, 12), (20, 5), (200, 60), (120, 40)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
            seen = pilot.app.screen.query_one(TrainPane).course.step.step
            await ui.wait_until(pilot, lambda: pilot.app.screen.query_one(TrainPane).course.step.step > seen)
            await ui.wait_until(pilot, ui.shows(pilot, "training", "train loss"))

    ui.run(test)


def test_time_passes_without_events(ui, project, runs_dir, at_work):
    now = time.time()
    write(at_work, COURSE, now)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            pane = pilot.app.screen.query_one(TrainPane)
            for later, words in ((0.8, "last event 0.8 s ago"), (30, "last event 0:30 ago"), (2, "ETA 0:04")):
                pane.clock = lambda later=later: now + later
                await ui.wait_until(pilot, ui.shows(pilot, words))

    ui.run(test)


def test_what_has_not_changed_is_not_written_again(ui, project, runs_dir, at_work, monkeypatch):
    write(at_work, COURSE)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "step 4/8", "machine"))
            pane = pilot.app.screen.query_one(TrainPane)
            pane.clock = lambda: 2000.0
            pane._draw()
            written = []
            monkeypatch.setattr(Told, "update", lambda told, *rest, **more: written.append(told.id))
            pane.happened("train", pane.course, [])
            assert written == []
            pane.clock = lambda: time.time() + 100.0
            pane._tick()
            assert written == ["train-progress"]

    ui.run(test)


def test_the_chart_zooms_smooths_and_reads(ui, project, runs_dir, at_work):
    write(at_work, COURSE)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "train, smoothed   o valid   O best"))
            await pilot.press("x")
            await ui.wait_until(pilot, ui.shows(pilot, "── train   o valid"))
            await pilot.press("z", "left")
            await ui.wait_until(pilot, ui.shows(pilot, "step 4   train 2.500   valid 2.600, the best"))
            assert pilot.app.screen.maximized is pilot.app.screen.query_one(LineChart)
            await pilot.press("escape")
            assert pilot.app.screen.maximized is None
            await pilot.press("escape")
            await ui.wait_until(pilot, ui.shows(pilot, "── train   o valid", "train loss"))
            await pilot.press("escape", "s")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Question))

    ui.run(test)


def test_waiting_for_another_training_is_said(ui, project, runs_dir, fake_worker):
    fake_worker("waiting")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, stands(pilot, "waiting"))
            await ui.wait_until(pilot, ui.shows(pilot, "▶ waiting for run 1121-other-a"))
            assert keys(pilot) == {"stop", "detach", "log"}
            await ui.answer(pilot, "s", "s")
            await ui.wait_until(pilot, stands(pilot, "stopped"))

    ui.run(test)


def test_detaching_leaves_the_training_at_work_and_says_how_to_come_back(ui, project, runs_dir, fake_worker):
    fake_worker("endless")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, stands(pilot, "running"))
            await pilot.press("d")
            (run,) = folder.list_runs(runs_dir)
            said = [str(message) for message in pilot.app._exit_renderables]
            assert said == [f"The training goes on. Come back to it: {run.command('attach')}"]
        assert state.status(run) == "running"

    ui.run(test)


def test_log_and_warnings_open_in_a_window_and_grow(ui, project, runs_dir, at_work):
    write(at_work, [*COURSE, events.Warning(f"the loss is high {HOSTILE}")])
    at_work.log("train").write_text(f"loading 10 %\rloading 100 %\n{HOSTILE} speaks\n")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "1 warning, w shows"))
            await pilot.press("l")
            await ui.wait_until(pilot, ui.shows(pilot, "loading 100 %", "[bold]evil[/bold] speaks", "worker-train.log"))
            with at_work.log("train").open("a") as log:
                log.write("and speaks again\n")
            await ui.wait_until(pilot, ui.shows(pilot, "and speaks again"))
            await pilot.press("g", "G", "escape", "w")
            await ui.wait_until(pilot, ui.shows(pilot, "Warnings", "the loss is high [bold]evil[/bold]"))
            assert isinstance(pilot.app.screen, Lines)
            await pilot.press("escape")
            await ui.wait_until(pilot, ui.shows(pilot, "step 4/8"))

    ui.run(test)


def test_a_loss_that_is_no_number_is_told_and_drawn(ui, project, runs_dir, at_work):
    warning = "the loss is not a number any more: lower training.learning_rate"
    write(at_work, [*COURSE, step(5, math.nan), step(6, math.inf), events.Warning(warning)])

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "train loss    no number", warning, "step 6/8", "1 warning"))
            assert "warnings" in keys(pilot)

    ui.run(test)


# When it does not go on


def test_stopping_asks_keeps_by_default_saves_and_can_be_resumed(ui, project, runs_dir, fake_worker):
    fake_worker("endless")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, stands(pilot, "running"))
            await ui.wait_until(pilot, ui.shows(pilot, "step "))
            await pilot.press("s")
            await ui.wait_until(pilot, ui.shows(pilot, "Stop the training?", "Keep training"))
            await pilot.press("enter")
            await ui.wait_until(pilot, stands(pilot, "running"))
            await pilot.press("s")
            await ui.wait_until(pilot, ui.shows(pilot, "Stop the training?"))
            await pilot.press("s")
            await ui.wait_until(pilot, stands(pilot, "stopped"))
            await ui.wait_until(pilot, ui.shows(pilot, "Stopped as you asked", "^n Resume"))
            assert keys(pilot) == {"resume", "new", "zoom", "smoothing", "log"}
            fake_worker("")
            await pilot.press("r")
            await ui.wait_until(pilot, stands(pilot, "done"))
            assert len(folder.list_runs(runs_dir)) == 1

    ui.run(test)


def test_a_trainer_that_does_not_listen_can_be_ended(ui, project, runs_dir, fake_worker):
    fake_worker("stubborn")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "training: loading"))
            for answer, standing in (("s", "stopping"), ("w", "stopped")):
                await pilot.press("s")
                await ui.wait_until(pilot, ui.shows(pilot, "there is no checkpoint yet"))
                await pilot.press(answer)
                await ui.wait_until(pilot, stands(pilot, standing))

    ui.run(test)


def test_a_crash_of_the_trainer_leaves_the_app_alive_and_is_told(ui, project, runs_dir, fake_worker):
    fake_worker("segfault")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, stands(pilot, "died"))
            parts = ("✗ died", "died without a word", "the worker speaks", "Segmentation fault", "^n Resume")
            await ui.wait_until(pilot, ui.shows(pilot, *parts))
            assert {"resume", "log"} <= keys(pilot)
            fake_worker("")
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, stands(pilot, "done"))
            await ui.wait_until(pilot, lambda: "died" not in ui.text(pilot.app))

    ui.run(test)


def test_a_trainer_killed_from_outside_is_noticed(ui, project, runs_dir, fake_worker):
    fake_worker("endless")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN, size=(80, 24)) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, stands(pilot, "running"))
            (run,) = folder.list_runs(runs_dir)
            state.process(run, "train").kill()
            await ui.wait_until(pilot, stands(pilot, "died"))
            await ui.wait_until(pilot, ui.shows(pilot, "died without a word", "^n Resume", "r Resume"))

    ui.run(test)


def test_a_full_disk_is_told_with_what_to_do(ui, project, runs_dir, made):
    hint = "free some space and resume: the last complete checkpoint is untouched"
    write(made, [*COURSE, Error("the disk is full (checkpoint-8/optimizer.pt)", hint)])

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            words = ui.shows(pilot, "✗ failed", "the disk is full", hint, "^n Resume")
            async for _ in ui.at_sizes(pilot, words):
                assert {"resume", "log"} <= keys(pilot)

    ui.run(test)


def test_what_cannot_be_resumed_is_told(ui, project, runs_dir, made):
    write(made, [*COURSE, Stopped(4)])
    (project.parent / "train.jsonl").write_text((project.parent / "test.jsonl").read_text().replace("?", "!"))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, stands(pilot, "stopped"))
            await pilot.press("r")
            await ui.wait_until(pilot, ui.shows(pilot, "Why", "train.jsonl"))
            await ui.wait_until(pilot, stands(pilot, "stopped"))
            assert state.entry(made, "train") is None

    ui.run(test)


# Afterwards


def test_a_run_that_is_done_is_replayed_whole(ui, project, runs_dir, made):
    write(made, DONE)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            parts = ("✓ trained", "step 8/8", "2.200 @ 8", "@0", "@4", "saving ✓", "^n Next: Evaluate")
            await ui.wait_until(pilot, ui.shows(pilot, *parts))
            chart = pilot.app.screen.query_one(LineChart)
            assert chart.steps == [float(i) for i in range(9)]

    ui.run(test)


def test_a_changed_recipe_makes_a_new_run_and_the_old_one_stays(ui, project, runs_dir, made, fake_worker):
    write(made, DONE)
    fake_worker("endless")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "^n Next: Evaluate"))
            pilot.app.screen.pane.post_message(TrainPane.Edit({"adaptation.lora_r": 8}))
            await ui.wait_until(pilot, ui.shows(pilot, "^n Train the changed recipe"))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, stands(pilot, "running"))
            old, new = folder.list_runs(runs_dir)
            assert old == made
            assert new_run.recipe_of(new).adaptation.lora_r == 8
            assert state.status(old) == "trained"
            await ui.wait_until(pilot, ui.shows(pilot, f"run {new.id}"))

    ui.run(test)


@pytest.mark.parametrize(
    ("course", "words"),
    [([Started("evaluate", 1), Finished(1.0)], "shows how it did"), ([Started("evaluate", 1)], "has begun by itself")],
)
def test_no_key_is_promised_for_two_things_at_once(ui, project, runs_dir, made, course, words):
    write(made, DONE)
    if len(course) == 1:
        state.enter(made, "evaluate")
    with EventWriter(made.events("evaluate")) as writer:
        for event in course:
            writer.write(event)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, words, "ctrl+n shows", "^n Next: Evaluate"))
            pilot.app.screen.pane.post_message(TrainPane.Edit({"adaptation.lora_r": 8}))
            await ui.wait_until(pilot, ui.shows(pilot, words, "5 shows", "^n Train the changed recipe"))
            assert "ctrl+n shows" not in ui.text(pilot.app)
            pilot.app.screen.pane.focus()
            await pilot.press("5")
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage is Stage.EVALUATE)

    ui.run(test)


def test_training_the_same_again_is_asked_twice(ui, project, runs_dir, made, fake_worker):
    write(made, DONE)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await ui.wait_until(pilot, stands(pilot, "done"))
            await pilot.press("n")
            await ui.wait_until(pilot, ui.shows(pilot, "The recipe is the same"))
            await pilot.press("enter")
            await pilot.pause()
            assert folder.list_runs(runs_dir) == [made]
            await pilot.press("n")
            await ui.wait_until(pilot, ui.shows(pilot, "Train anew?"))
            await pilot.press("y")
            await ui.wait_until(pilot, lambda: len(folder.list_runs(runs_dir)) == 2)
            await ui.wait_until(pilot, stands(pilot, "done"))

    ui.run(test)


def test_a_defect_beside_the_screen_is_told(ui, project, runs_dir, monkeypatch):
    def broken(*rest):
        raise RuntimeError("out of order")

    monkeypatch.setattr("chatforge.tui.train_work.begin", broken)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.TRAIN) as pilot:
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "RuntimeError: out of order", "^n Start training"))

    ui.run(test)
