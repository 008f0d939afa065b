"""What a person learns at the end, and not before: whose the replies were, and what follows."""

import shutil
from dataclasses import replace

import pytest

from chatforge.evaluation import blind as core
from chatforge.evaluation.blind import Sitting
from chatforge.evaluation.blind_result import result
from chatforge.tui.blind import BlindScreen
from chatforge.tui.blind_pages import next_steps
from chatforge.tui.signs import UNICODE
from tests.tui.blind.making import press, saying


def test_at_the_end_the_result_says_what_follows_and_whose_they_were(ui, run, report, judging):
    async def test():
        async with judging(report) as pilot:
            await press(ui, pilot, "111111", "All are judged", "enter shows the result")
            assert "adapted better" not in ui.text(pilot.app)
            await press(ui, pilot, "u1", "All are judged")
            await press(ui, pilot, ["enter"], "6 of 6 pairs judged", "95% interval; chance 50%", "beyond question")
            words = ("Which was which", "1. 1 was", "r: against another rival", "kept in")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words), (120, 40), (100, 40)):
                pass
            assert "Undo" not in ui.text(pilot.app)  # what is known cannot be judged blindly once more
            await pilot.press("u", "1")
            assert len(Sitting(run.evaluation, report).answers) == 6
        async with judging(report) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "6 of 6 pairs judged", "Which was which"))

    ui.run(test)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_screen_is_the_same_whosever_the_replies_are(ui, run, report, judging, monkeypatch, size):
    """Texts in their order, and otherwise swapped owners: neither a word nor a colour may differ before the end."""

    async def seen():
        async with judging(report, size) as pilot:
            screens = [drawn(pilot.app)]
            for key in ("1", "2", "tab", "t", "b", "1", "1"):
                await press(ui, pilot, [key])
                screens.append(drawn(pilot.app))
            await press(ui, pilot, ["enter"], "Which was which")
            shutil.rmtree(run.evaluation / "blind")
            return screens, drawn(pilot.app)

    async def test():
        real, first = core._pairs, await seen()
        monkeypatch.setattr(core, "_pairs", lambda *asked: swapped(real(*asked)))
        second = await seen()
        assert first[0] == second[0]
        assert first[1] != second[1]

    ui.run(test)


def swapped(found):
    pairs, same = found
    return tuple(replace(pair, adapted_first=not pair.adapted_first) for pair in pairs), same


def drawn(app):
    """Every sign on the screen with its colours."""
    return [[(part.text, str(part.style)) for part in strip] for strip in app.screen._compositor.render_strips()]


def test_before_the_end_nothing_is_named_but_the_two_who_stand_against_each_other(ui, run, report, judging):
    async def test():
        async with judging(saying(report, "one {}", "two {}")) as pilot:
            await press(ui, pilot, "1", "2 of 8")
            lines = [line for line in ui.text(pilot.app).splitlines() if "Blind comparison" not in line]
            assert not [line for line in lines if "adapted" in line or "base" in line]

    ui.run(test)


def test_looking_at_the_result_early_asks_first_and_m_goes_on(ui, run, report, judging):
    async def test():
        async with judging(report) as pilot:
            await press(ui, pilot, "1", "2 of 6")
            await ui.answer(pilot, "enter", "j")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, BlindScreen))
            await ui.answer(pilot, "enter", "s")
            await ui.wait_until(pilot, ui.shows(pilot, "1 of 6 pairs judged", "m: judge the others"))
            await press(ui, pilot, "m", "2 of 6", "Which reply is the better one?")

    ui.run(test)


def test_m_asks_about_more_pairs_where_there_are_more(ui, run, make_voices, judging):
    report = make_voices([0.9] * 27, [0.1] * 27)
    sitting = Sitting(run.evaluation, report)
    for i in range(24):
        sitting.answer("first" if (i % 2 == 0) == sitting.current.adapted_first else "second")

    async def test():
        async with judging(report) as pilot:
            words = ("24 of 24 pairs", "With m up to 27 can be judged", "m: judge more pairs", "interval too narrow")
            await ui.wait_until(pilot, ui.shows(pilot, *words))
            await press(ui, pilot, "m", "25 of 27")
            await press(ui, pilot, "111", "All are judged")
            await press(ui, pilot, ["enter"], "27 of 27 pairs judged")
            assert "m: judge" not in ui.text(pilot.app)

    ui.run(test)


@pytest.mark.parametrize(
    ("won", "lost", "bad", "steps"),
    [
        (4, 0, 20, ("read the conversations", "look at the data")),
        (8, 0, 16, ("read the conversations", "look at the data")),
        (4, 0, 0, ("read the conversations",)),
        (0, 8, 0, ("read the conversations it lost", "look at the data")),
        (8, 0, 8, ("talk to it", "hand it on")),
    ],
)
def test_the_next_steps_fit_what_was_judged(run, make_voices, won, lost, bad, steps):
    report = make_voices([0.9] * 30, [0.1] * 30)
    sitting = Sitting(run.evaluation, report, count=won + lost + bad)
    for _ in range(won + lost + bad):
        better = len(sitting.answers) < won
        mine = "first" if better == sitting.current.adapted_first else "second"
        sitting.answer(mine if len(sitting.answers) < won + lost else "bad")
    told = next_steps(result(sitting, report), UNICODE).split(" · ")
    assert told[:2] == ["m: judge more pairs", "r: against another rival"]  # the same whether or not it is decided
    assert tuple(step.split(": ")[1] for step in told[2:]) == steps
