"""What goes wrong while judging is told in words, and nothing is lost."""

import errno
import json
import os

import pytest

from chatforge.evaluation import blind as core
from chatforge.evaluation.blind import Sitting
from chatforge.tui import blind
from chatforge.tui.modals.rivals import Rivals
from chatforge.tui.signs import ASCII
from chatforge.tui.start import StartScreen
from tests.tui.blind.making import flat, press


def test_what_cannot_be_written_does_not_count_and_is_told(ui, run, report, judging, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def test():
        async with judging(report, (80, 24)) as pilot:
            with monkeypatch.context() as patch:
                patch.setattr(os, "fsync", full)
                await press(ui, pilot, "1", "! not kept: No space left on device. The same key tries again.", "1 of 6")
            assert Sitting(run.evaluation, report).answers == ()
            await press(ui, pilot, "1", "2 of 6", "1: reply 1 is better; kept")
            with monkeypatch.context() as patch:
                patch.setattr(os, "fsync", full)
                await press(ui, pilot, "u", "! not kept", "2 of 6")
            assert Sitting(run.evaluation, report).answers == ("first",)

    ui.run(test)


def test_judgements_made_elsewhere_meanwhile_are_gone_on_after(ui, run, report, judging):
    async def test():
        async with judging(report) as pilot:
            elsewhere = Sitting(run.evaluation, report)
            elsewhere.answer("tie")
            elsewhere.answer("tie")
            await press(ui, pilot, "1", "! not kept: the judgements were changed elsewhere meanwhile", "3 of 6")
            assert Sitting(run.evaluation, report).answers == ("tie", "tie")

    ui.run(test)


def test_in_ascii_what_is_wrong_is_told_with_no_other_signs_either(ui, run, report, make_voices, judging):
    alike = make_voices([0.9] * 4, [0.1] * 4, same=4)

    async def test():
        async with judging(alike, signs=ASCII) as pilot:
            await press(ui, pilot, "", 'differs from that of "base"', "-> other rivals are")
            assert ui.text(pilot.app).isascii()
        Sitting(run.evaluation, report).answer("tie")
        async with judging(report, signs=ASCII) as pilot:
            Sitting(run.evaluation, report).path.write_text("[1]\n")
            await press(ui, pilot, "1", "-> the file was changed outside")
            assert ui.text(pilot.app).isascii()

    ui.run(test)


def test_where_nothing_can_be_judged_it_says_why_and_another_rival_can_be_chosen(ui, run, make_voices, judging):
    report = make_voices([0.9] * 4, [0.1] * 4, same=4)
    other = [
        one.model_copy(update={"replies": tuple(r.model_copy(update={"reply": "else"}) for r in one.replies)})
        if one.name == "parrot"
        else one
        for one in report.rivals
    ]

    async def test():
        async with judging(report.model_copy(update={"rivals": tuple(other)}), (80, 24)) as pilot:
            words = ("nothing to judge here", "no reply of the adapted model differs")
            await ui.wait_until(pilot, ui.shows(pilot, *words))
            await pilot.press("1", "u", "enter", "m", "r")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Rivals))
            await pilot.press("down", "down", "enter")
            await ui.wait_until(pilot, ui.shows(pilot, "adapted or parrot?", "1 of 4"))

    ui.run(test)


@pytest.mark.parametrize(("pair", "said"), [(7, "first"), (1, [])])
def test_a_damaged_file_of_answers_is_told_in_words(ui, run, report, judging, pair, said):
    sitting = Sitting(run.evaluation, report)
    sitting.answer("first")
    lines = sitting.path.read_text()
    sitting.path.write_text(lines + json.dumps({"kind": "answer", "pair": pair, "said": said}) + "\n")

    async def test():
        async with judging(report, (80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "nothing to judge here"))
            for words in ("this answer does not follow those before it", "move it away to begin afresh"):
                assert words in flat(ui, pilot.app)
            await pilot.press("escape")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, StartScreen))

    ui.run(test)


def test_an_error_that_nobody_thought_of_is_told_and_leaves_the_keys_alive(ui, run, report, judging, monkeypatch):
    def broken(*asked, **more):
        raise RuntimeError("what nobody thought of")

    async def test():
        with monkeypatch.context() as patch:
            patch.setattr(blind, "Sitting", broken)
            async with judging(report) as pilot:
                await press(ui, pilot, "", "nothing to judge here", "unexpected RuntimeError: what nobody thought of")
        async with judging(report) as pilot:
            with monkeypatch.context() as patch:
                patch.setattr(core.Sitting, "_append", broken)
                await press(ui, pilot, "1", "! not kept: unexpected RuntimeError: what nobody thought of", "1 of 6")
            await press(ui, pilot, "111111", "All are judged")
            with monkeypatch.context() as patch:
                patch.setattr(blind.blind_result, "result", broken)
                await press(ui, pilot, ["enter"], "! unexpected RuntimeError: what nobody thought of", "All are judged")
            await press(ui, pilot, ["enter"], "6 of 6 pairs judged")

    ui.run(test)


def test_answers_that_cannot_be_read_are_told_in_words(ui, run, report, judging):
    Sitting(run.evaluation, report).path.mkdir(parents=True)

    async def test():
        async with judging(report, (80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "nothing to judge here", "Is a directory"))

    ui.run(test)


def test_a_report_without_the_base_begins_with_another_rival(ui, run, report, judging):
    rivals = tuple(one for one in report.rivals if one.name in ("adapted", "parrot"))

    async def test():
        async with judging(report.model_copy(update={"rivals": rivals})) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "adapted or parrot?", "1 of 6"))
        async with judging(report.model_copy(update={"rivals": rivals[:1]})) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "'base' is no rival"))

    ui.run(test)
