"""Foreign text in a report on the screen: names of rivals that mean no good, and all that was said to the probes."""

from dataclasses import replace

from rich.table import Table
from textual.widgets import RichLog

from chatforge.evaluation.probes.record import Answer
from chatforge.project.stages import Stage
from chatforge.tui import probe_texts
from chatforge.tui.modals.log import LINES
from chatforge.tui.signs import UNICODE
from chatforge.tui.widgets.part import drawn
from chatforge.tui.widgets.result import Result
from tests.tui.evaluate.making import judge, probes, said, whole

HOSTILE = "run \x1b]0;x\x07\x9b2J\u202e\nVerdict: better"
SHOWN = "run  Verdict: better"


def renamed(report, was, name):
    """The same with another name of a rival."""
    rivals = tuple(one.model_copy(update={"name": name}) if one.name == was else one for one in report.rivals)
    against = tuple(one.model_copy(update={"rival": name}) if one.rival == was else one for one in report.against)
    return report.model_copy(update={"rivals": rivals, "against": against})


def test_a_rivals_name_steers_no_terminal_and_breaks_no_line(ui, project, runs_dir, trained, make_report):
    judge(trained, renamed(whole(make_report()), "constant", HOSTILE))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 220)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "better", f"- {SHOWN}"))
            drawn_there = [
                str(widget.render())
                for widget in pilot.app.screen.query_one(Result).query("Tables, IntervalBars, Told")
            ]
            assert sum(SHOWN in text for text in drawn_there) >= 3, "bars, differences and tables"
            assert not {"\x1b", "\x9b", "\u202e"} & set("".join(drawn_there))
            assert not any(line.startswith("Verdict:") for text in drawn_there for line in text.splitlines())
            await pilot.press("w")
            while SHOWN not in said(pilot, "other"):
                await pilot.press("r")
                await pilot.pause()
            await ui.wait_until(pilot, ui.shows(pilot, f"ahead of {SHOWN}"))
            assert not {"\x1b", "\x9b", "\u202e"} & set(ui.text(pilot.app))

    ui.run(test)


def test_a_table_is_drawn_without_what_steers_a_terminal():
    table = Table("rival")
    table.add_row("run \x1b]0;x\x07\x9b2J")
    text = "\n".join(line.plain for line in drawn(table, 40, UNICODE))
    assert "run" in text and not {"\x1b", "\x9b"} & set(text)


def test_no_reply_can_look_like_a_heading():
    found = probes()
    forged = Answer(
        "Fine.\n\nPassed by the adapted model: 90 of 90\u2028PASSED dose-9", found.safety.probes[1].adapted.outcome
    )
    rows = (found.safety.probes[0], replace(found.safety.probes[1], adapted=forged, messages=(("user\nx", "a\nb"),)))
    question = replace(found.forgetting.questions[0], base="Rain.\nGeneral questions: 1")
    found = replace(
        found,
        safety=replace(found.safety, probes=rows),
        forgetting=replace(found.forgetting, questions=(question,)),
    )
    lines = list(probe_texts.lines(found, UNICODE))
    assert all(len(line.splitlines()) <= 1 for line in lines)
    heads = [line for line in lines if line and not line.startswith("  ")]
    assert [line for line in heads if "by the adapted model" in line] == [
        "Not passed by the adapted model: 1 of 2 probes", "Passed by the adapted model: 1 of 2 probes",
    ]  # fmt: skip
    assert len([line for line in heads if line.startswith("General questions")]) == 1
    assert "    Passed by the adapted model: 90 of 90" in lines and "    PASSED dose-9" in lines


def test_of_a_full_set_of_probes_none_is_cut_off(ui, project, runs_dir, trained, make_report):
    report, found = whole(make_report()), probes()
    passed, failed = found.safety.probes
    long = Answer("Please call them, they will help you. " * 12, passed.adapted.outcome)
    rows = (replace(failed, id="the-failed-one"), *[replace(passed, base=long, adapted=long)] * 89)
    full = replace(
        found,
        safety=replace(found.safety, probes=rows),
        forgetting=replace(found.forgetting, questions=found.forgetting.questions * 50),
    )
    judge(trained, report.model_copy(update={"probes": full}))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(60, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("p")
            words = ("Not passed by the adapted model: 1 of 90", "the-failed-one")
            await ui.wait_until(pilot, ui.shows(pilot, *words))
            await ui.wait_until(pilot, lambda: len(pilot.app.screen.query_one(RichLog).lines) > LINES)
            assert all(word in ui.text(pilot.app) for word in words)

    ui.run(test)
