"""The stage Evaluate as a person meets it: nothing yet, at work, broken off, done."""

import itertools
import os
import threading
import time
from types import SimpleNamespace

import pytest
from textual.widgets._footer import FooterKey

from chatforge.project import new_run
from chatforge.project.stages import Stage
from chatforge.recipe.files import load_recipe
from chatforge.runs import folder, launch, state
from chatforge.runs.events import (
    Error,
    EventWriter,
    Finished,
    Heartbeat,
    Note,
    Phase,
    Progress,
    Scored,
    Started,
    Stopped,
)
from chatforge.tui.signs import ASCII

WORDS = {
    "better": "✔", "probably better": "↗", "no meaningful difference": "=", "cannot tell": "?",
    "probably worse": "↘", "worse": "✘", "no verdict": "!",
}  # fmt: skip


@pytest.fixture
def trained(project, runs_dir, home):
    """A run that is trained, as far as its files say."""
    run = new_run.create(load_recipe(project), runs_dir, home)
    close(run, "train", Finished(1.0, {"steps": 6}))
    return run


def close(run, work, event):
    """Write a worker's whole course: begun, and ended by `event`."""
    with EventWriter(run.events(work)) as writer:
        writer.write(Started(work, 1))
        writer.write(event)


def judge(run, report):
    run.evaluation.mkdir(exist_ok=True)
    folder.write_json(run.evaluation / "report.json", report.to_json())
    close(run, "evaluate", Finished(1.0))


def with_word(report, word):
    verdict = report.verdict
    fields = {field: getattr(verdict, field) for field in verdict.__dataclass_fields__}
    return report.model_copy(update={"verdict": type(verdict)(**fields | {"word": word})})


def test_what_will_be_compared_stands_there_before_anything_is_judged(ui, project, runs_dir, trained):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "Not evaluated yet", "nearest neighbour", "^n Evaluate"))
            assert f"chatforge evaluate {trained.id}" in ui.text(pilot.app)

    ui.run(test)


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


def test_missing_weights_are_told_before_a_worker_starts(ui, project, runs_dir, trained, tmp_path):
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


def test_at_work_it_says_what_is_done_and_what_is_left(ui, project, runs_dir, trained):
    state.enter(trained, "evaluate", os.getpid())
    clock = itertools.count(time.time() + 3600, 5.0)  # heard of lately, however long the test takes
    with EventWriter(trained.events("evaluate"), lambda: next(clock)) as writer:
        for event in (
            Started("evaluate", os.getpid()), Phase("checking"), Phase("looking up train conversations"),
            Scored("parrot", 0.71, 0.6, 0.81, 0.1), Scored("shuffled", 0.1, 0.04, 0.19, 0.1), Phase("loading base"),
            Phase("base: likelihood of the true replies"), Phase("base: replies"), Note("2 histories \x1b[31mcut"),
            Progress(1, 72, "replies"), Heartbeat("base: replies", 1_200_000_000), Progress(31, 72, "replies"),
        ):  # fmt: skip
            writer.write(event)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            words = ("✓ base foresees", "▶ base answers", "31/72", "ETA", "○ adapted answers", "1.2 GB",
                     "parrot", "71% [60, 81]", "├", "chance 10%", "shuffled (check)", "2 histories cut")  # fmt: skip
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                assert "\x1b" not in ui.text(pilot.app)

    ui.run(test)


def test_what_failed_is_said_in_words_with_the_end_of_the_log(ui, project, runs_dir, trained):
    close(trained, "evaluate", Error("the encoder is \x1b]0;x\x07missing", "fetch it"))
    trained.log("evaluate").write_text("loading\nTraceback: [bold]no[/bold] memory\n")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            parts = (
                "The evaluation failed",
                "the encoder is missing",
                "fetch it",
                "[bold]no[/bold] memory",
                "^n Evaluate",
            )
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


def test_every_verdict_has_sign_and_word(ui, project, runs_dir, trained, make_report):
    judge(trained, make_report())

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            for word, sign in WORDS.items():
                folder.write_json(trained.evaluation / "report.json", with_word(make_report(), word).to_json())
                pilot.app.screen._look()
                await ui.wait_until(pilot, ui.shows(pilot, f"{sign} {word}", f"chatforge report {trained.id}"))

    ui.run(test)


def test_rivals_are_bars_with_words_and_m_shows_the_next_measure(ui, project, runs_dir, trained, make_report):
    judge(trained, make_report())

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "chance 10%", "42% [34, 50]", "├", "shuffled (check)")):
                await pilot.press("m", "m")
                await ui.wait_until(pilot, ui.shows(pilot, "Similarity", "chance 0", "0.20 [0.12, 0.28]"))
                await pilot.press("m")
                await ui.wait_until(pilot, ui.shows(pilot, "How many of the fact sheet's facts", "25% [17, 33]"))
                await pilot.press("m")

    ui.run(test)


def test_all_that_stands_behind_the_verdict_can_be_read(ui, project, runs_dir, trained, make_report):
    judge(trained, make_report(failures=("the adapter changes nothing",)))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(120, 80)) as pilot:
            parts = (
                "! no verdict", "the adapter changes nothing", "✘ FAILED: the adapter changes something",
                "saved 0.60 [0.52, 0.68]", "Smallest difference", "+12 [+5, +19]", "98%", "25% are empty",
                "base: 2 histories were cut",
            )  # fmt: skip
            await ui.wait_until(pilot, ui.shows(pilot, *parts))

    ui.run(test)


def test_conversations_are_read_worst_first_with_nothing_hostile(ui, project, runs_dir, trained, make_report):
    report = make_report()
    replies = list(report.rival("adapted").replies)
    replies[2] = replies[2].model_copy(update={"place": 3.0, "reply": "the worst [b]reply[/b]"})
    rivals = [r.model_copy(update={"replies": tuple(replies)}) if r.name == "adapted" else r for r in report.rivals]
    items = [i.model_copy(update={"conversation": f"talk {n}"}) for n, i in enumerate(report.items)]
    judge(trained, report.model_copy(update={"rivals": tuple(rivals), "items": tuple(items)}))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("w")
            words = ("furthest from the true reply first", "talk 2", "3/3", "[bold]red[/bold]")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                assert not {"\x1b", "\u202e"} & set(ui.text(pilot.app))
            said = pilot.app.screen.query_one("#case-adapted").visual.plain
            assert "the worst [b]reply[/b]" in said and "round in circles" in said
            await pilot.press("o")
            await ui.wait_until(pilot, ui.shows(pilot, "most behind base first"))
            await pilot.press("escape")
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))

    ui.run(test)


def test_in_ascii_nothing_is_drawn_with_other_signs(ui, project, runs_dir, trained, make_report):
    report = make_report()
    judge(trained, report.model_copy(update={"items": tuple(quiet(item) for item in report.items)}))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(120, 70), signs=ASCII) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "+ better", "---o---", ": chance 10%"))
            lines = ui.text(pilot.app).splitlines()
            assert not [line for line in lines if not line.isascii()]

    ui.run(test)


def quiet(item):
    return item.model_copy(update={"conversation": "c", "reference": "r", "history": (("user", "u"),)})


def test_a_damaged_report_is_told_and_can_be_made_anew(ui, project, runs_dir, trained):
    trained.evaluation.mkdir()
    (trained.evaluation / "report.json").write_text('{"version": 9}')
    close(trained, "evaluate", Finished(1.0))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "The report cannot be shown", "cannot be read"))

    ui.run(test)


def test_evaluating_again_asks_first(ui, project, runs_dir, trained, make_report, fake_worker):
    fake_worker("")
    judge(trained, make_report())

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("e")
            await ui.wait_until(pilot, ui.shows(pilot, "Evaluate again?"))
            await pilot.press("escape")
            await ui.wait_until(pilot, lambda: "Evaluate again?" not in ui.text(pilot.app))
            assert state.entry(trained, "evaluate") is None

    ui.run(test)


def test_stopping_asks_and_then_asks_the_worker(ui, project, runs_dir, trained, fake_worker, wait_until):
    fake_worker("waiting")

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "^n Evaluate"))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "Waiting for its turn"))
            await pilot.press("s")
            await ui.wait_until(pilot, ui.shows(pilot, "Stop the evaluation?"))
            await pilot.press("s")
            await ui.wait_until(pilot, ui.shows(pilot, "The evaluation was stopped", "starts afresh"))

    ui.run(test)


def test_bars_are_drawn_to_the_column():
    from chatforge.tui.widgets.intervals import Axis, Bar, axis_over, draw

    axis = Axis(0.0, 1.0, 0.25, 0.1, lambda value: f"{value:.0%}")
    bars = [Bar("a", 0.5, 0.2, 0.8, "50%"), Bar("references", 1.0, 1.0, 1.0, "100%")]
    lines = [line.plain for line in draw(bars, axis, 59)]
    at = {sign: lines[0].index(sign) - len("references  ") for sign in "┊├●┤"}
    assert at == {"┊": 4, "├": 8, "●": 20, "┤": 32}  # of 41 columns: 40 steps from 0% to 100%
    assert lines[1].index("●") == len("references  ") + 40
    assert lines[3].split() == ["0%", "25%", "50%", "75%", "100%"]
    ascii_lines = [line.plain for line in draw(bars, axis, 59, ascii_only=True)]
    assert all(line.isascii() for line in ascii_lines)
    wide = axis_over([Bar("d", 0.05, -0.12, 0.31, "")], 0.0, str)
    assert (wide.low, round(wide.high, 6)) == (-0.2, 0.4)
    same = axis_over([Bar("d", 0.0, 0.0, 0.0, "")], 0.0, str)
    assert same.low < same.high
    assert SimpleNamespace(lines=draw([], same, 5)).lines


LONG = "A word about boots, said once more. " * 40


def talkative(report):
    """The same report with texts that fill more than a screen."""
    said = {"reference": LONG, "history": (("user", LONG),), "conversation": "talk"}
    replies = {
        rival.name: tuple(reply.model_copy(update={"reply": f"{rival.name} says: {LONG}"}) for reply in rival.replies)
        for rival in report.rivals
    }
    return report.model_copy(
        update={
            "items": tuple(item.model_copy(update=said) for item in report.items),
            "rivals": tuple(r.model_copy(update={"replies": replies[r.name]}) for r in report.rivals),
        }
    )


def test_both_replies_are_in_view_and_each_half_scrolls(ui, project, runs_dir, trained, make_report):
    judge(trained, talkative(make_report()))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("w")
            words = (
                "adapted says:",
                "base says:",
                "ahead of base:",
                "1/3 is right, 3/3 last",
                "tab: scroll the texts",
            )
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                pass
            for half in ("case-talk", "case-replies"):
                await pilot.press("tab", "end")
                widget = pilot.app.screen.query_one(f"#{half}")
                await ui.wait_until(pilot, lambda widget=widget: widget.has_focus and widget.scroll_y > 0)

    ui.run(test)


@pytest.mark.parametrize(
    ("word", "steps"),
    [
        ("worse", ("w: read the conversations it lost", "2: look at the data", "6: talk to it")),
        ("no meaningful difference", ("w: read the conversations it lost",)),
        ("cannot tell", ("2: add held-out conversations",)),
        ("better", ("6: talk to it", "7: hand it on")),
        ("no verdict", ("4: see how it was trained",)),
    ],
)
def test_the_verdict_says_what_to_do_next_and_with_which_key(ui, project, runs_dir, trained, make_report, word, steps):
    judge(trained, with_word(make_report(), word))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, *steps))

    ui.run(test)


def test_m_brings_the_bars_it_changes_into_view(ui, project, runs_dir, trained, make_report):
    judge(trained, make_report())

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("end")
            await ui.wait_until(pilot, lambda: "chance 10%" not in ui.text(pilot.app))
            await pilot.press("m")
            await ui.wait_until(pilot, ui.shows(pilot, "Identification", "40% [32, 48]"))

    ui.run(test)


def at_phase(run, phase, *more):
    """An evaluation that somebody (this process) works on."""
    state.enter(run, "evaluate", os.getpid())
    with EventWriter(run.events("evaluate")) as writer:
        for event in (Started("evaluate", os.getpid()), Phase("loading base"), Phase(phase), *more):
            writer.write(event)


def test_the_keys_work_though_nobody_had_the_focus_when_the_report_came(ui, project, runs_dir, trained, make_report):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, lambda: pilot.app.screen.focused)
            pilot.app.screen.set_focus(None)  # as for a moment after a stage was opened
            judge(trained, make_report())
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better", " m Measure"))

    ui.run(test)


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
            await ui.wait_until(pilot, ui.shows(pilot, "The evaluation was stopped", "scores you saw are not kept"))

    ui.run(test)


def keys_of(pilot):
    """What the footer offers."""
    return " ".join(f"{key.description} " for key in pilot.app.screen.query(FooterKey))


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
