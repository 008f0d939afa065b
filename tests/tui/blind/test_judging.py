"""The blind comparison as a person meets it: a pair, a key, the next pair."""

import os
import threading
from typing import ClassVar

import pytest
from textual.screen import Screen

from chatforge.evaluation.blind import Sitting
from chatforge.tui import blind
from chatforge.tui.app import ChatForge
from chatforge.tui.blind import BlindScreen
from chatforge.tui.modals.rivals import Rivals
from chatforge.tui.signs import ASCII, UNICODE
from chatforge.tui.start import StartScreen
from tests.tui.blind.making import HOSTILE, LONG, flat, press, saying


def test_a_pair_stands_there_with_its_conversation_and_how_far_one_is(ui, run, report, judging):
    async def test():
        async with judging(report) as pilot:
            pair = Sitting(run.evaluation, report).current
            words = (
                "adapted or base?", "1 of 6", "Which reply is the better one?", pair.history[-1][1], pair.first,
                pair.second, "Reply 1", "Reply 2", f"chatforge blind {run.id}", "Both bad", "Leave",
            )  # fmt: skip
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words), (80, 24), (120, 40), (60, 20)):
                pass
            assert "2 replies are the same of both and are not asked about." in flat(ui, pilot.app)

    ui.run(test)


def test_every_answer_is_on_the_disk_at_once_and_can_be_taken_back(ui, run, report, judging):
    def kept():
        return Sitting(run.evaluation, report).answers

    async def test():
        async with judging(report) as pilot:
            await press(ui, pilot, "1", "2 of 6", "1: reply 1 is better; kept")
            assert kept() == ("first",)
            await press(ui, pilot, "2tb", "5 of 6", "4: both bad; kept")
            assert kept() == ("first", "second", "tie", "bad")
            await press(ui, pilot, "uu", "3 of 6", "3: taken back")
            assert kept() == ("first", "second")

    ui.run(test)


def test_leaving_keeps_everything_and_the_screen_goes_on_where_it_was_left(ui, run, report, judging):
    async def test():
        async with judging(report) as pilot:
            await press(ui, pilot, "1t", "3 of 6")
            await pilot.press("escape")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, StartScreen))
            said = " ".join(one.message for one in pilot.app._notifications)
            assert "2 of 6 are judged and kept; the same key goes on" in said
            pilot.app.push_screen(BlindScreen(run, report, UNICODE))
            await ui.wait_until(pilot, ui.shows(pilot, "3 of 6", "2 of 6 are judged already."))
        async with judging(report) as pilot:
            assert "3 of 6" in ui.text(pilot.app)

    ui.run(test)


def test_another_rival_is_chosen_from_a_list_and_has_judgements_of_its_own(ui, run, report, judging):
    async def test():
        async with judging(report) as pilot:
            await press(ui, pilot, "1", "2 of 6")
            await pilot.press("r")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Rivals))
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "nearest neighbour", "parrot", "Repeats the user")):
                pass
            await pilot.press("down", "down", "enter")
            await ui.wait_until(pilot, ui.shows(pilot, "adapted or parrot?", "1 of 6"))
            assert pilot.app.screen._command.endswith(" --against parrot")
            await press(ui, pilot, "2", "2 of 6")
            assert Sitting(run.evaluation, report, "parrot").answers == ("second",)
            assert Sitting(run.evaluation, report).answers == ("first",)

    ui.run(test)


def test_a_slow_disk_holds_up_nothing_and_no_key_judges_a_pair_that_was_not_shown(
    ui, run, report, judging, monkeypatch
):
    arrived, go = threading.Event(), threading.Event()

    def slow(descriptor):
        arrived.set()
        assert go.wait(20)

    async def test():
        async with judging(report) as pilot:
            monkeypatch.setattr(os, "fsync", slow)
            await pilot.press("1")
            await ui.wait_until(pilot, arrived.is_set)
            await pilot.press("2", "tab")  # the screen still answers
            await ui.wait_until(pilot, lambda: pilot.app.screen.focused.id == "blind-second")
            go.set()
            await press(ui, pilot, "", "2 of 6")
            assert Sitting(run.evaluation, report).answers == ("first",)

    ui.run(test)


def test_a_key_that_is_held_down_answers_once(ui, run, report, judging, monkeypatch):
    async def test():
        async with judging(report) as pilot:
            monkeypatch.setattr(blind, "SEEN_SECONDS", 60.0)
            await pilot.press("1")
            await ui.wait_until(pilot, ui.shows(pilot, "2 of 6"))
            await pilot.press("1", "1", "1", "u", "tab")
            await ui.wait_until(pilot, lambda: pilot.app.screen.focused.id == "blind-second")
            assert Sitting(run.evaluation, report).answers == ("first",)

    ui.run(test)


def test_the_key_that_opens_it_judges_nothing_when_it_is_hit_twice(ui, run, report, monkeypatch):
    monkeypatch.setattr(blind, "SEEN_SECONDS", 60.0)

    class Opening(Screen):
        BINDINGS: ClassVar = [("b", "open")]

        def action_open(self):
            self.app.push_screen(BlindScreen(run, report, UNICODE))

    async def tabbed(pilot, name):
        await pilot.press("tab")
        await ui.wait_until(pilot, lambda: pilot.app.screen.focused.id == name)

    async def test():
        app = ChatForge(runs_dir=run.path.parent)
        async with app.run_test(size=(120, 40)) as pilot:
            app.push_screen(Opening())
            await ui.wait_until(pilot, lambda: isinstance(app.screen, Opening))
            await pilot.press("b")
            await ui.wait_until(pilot, ui.shows(pilot, "1 of 6", "Both bad"))
            await pilot.press("b")
            await tabbed(pilot, "blind-second")
            assert Sitting(run.evaluation, report).answers == ()
            elsewhere = Sitting(run.evaluation, report)
            elsewhere.answer("tie")
            app.screen._busy = False
            await pilot.press("b")
            await ui.wait_until(pilot, ui.shows(pilot, "2 of 6", "changed elsewhere"))
            await pilot.press("b")
            await tabbed(pilot, "blind-second")
            assert Sitting(run.evaluation, report).answers == ("tie",)

    ui.run(test)


def test_long_texts_scroll_each_by_itself_and_say_so(ui, run, report, judging):
    talk = (("user", "first words " + LONG), ("assistant", LONG), ("user", LONG + " last words"))
    long = saying(report, f"{{}} {LONG} the end", f"{{}} other {LONG} the end", talk)

    async def test():
        async with judging(long) as pilot:
            words = ("Reply 1, more below", "Reply 2, more below", "Conversation, more above", "last words")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words), (80, 24), (120, 40)):
                pass
            for name in ("blind-first", "blind-second"):
                sheet = pilot.app.screen.query_one(f"#{name}")
                await ui.wait_until(pilot, lambda sheet=sheet: sheet.has_focus)
                await pilot.press("end")
                await ui.wait_until(pilot, lambda sheet=sheet: sheet.is_vertical_scroll_end and sheet.scroll_y > 0)
                await pilot.press("tab")
            await ui.wait_until(pilot, ui.shows(pilot, "Reply 1, more above", "Reply 2, more above", "the end"))
            await pilot.press("home")
            await ui.wait_until(pilot, ui.shows(pilot, "Conversation, more below", "first words"))
            await press(ui, pilot, "1", "2 of 8", "Reply 1, more below", "Reply 2, more below", "last words")

    ui.run(test)


def test_side_by_side_where_it_is_wide_and_under_each_other_where_it_is_narrow(ui, run, report, judging):
    async def test():
        async with judging(report) as pilot:
            first, second = (pilot.app.screen.query_one(f"#blind-{name}") for name in ("first", "second"))
            async for width, _ in ui.at_sizes(pilot, ui.shows(pilot, "1 of 6")):
                assert (first.region.y == second.region.y) == (width >= 100)
                assert abs(first.region.width - second.region.width) <= 1
                assert abs(first.region.height - second.region.height) <= 1

    ui.run(test)


def test_texts_are_data(ui, run, report, judging):
    talk = ((HOSTILE, f"what {HOSTILE}"),)
    hostile = saying(report, f"{{}} mine {HOSTILE}", f"{{}} yours {HOSTILE}", talk)
    items = [item.model_copy(update={"conversation": f"{HOSTILE}{i}"}) for i, item in enumerate(hostile.items)]

    async def test():
        async with judging(hostile.model_copy(update={"items": tuple(items)})) as pilot:
            words = ("mine [bold]no[/bold]", "yours [bold]no[/bold]", "what [bold]no[/bold]")
            await ui.wait_until(pilot, ui.shows(pilot, *words))
            assert not {"\x1b", "\u202e"} & set(ui.text(pilot.app))
            await press(ui, pilot, "12121212", "All are judged")
            await press(ui, pilot, ["enter"], "([bold]no[/bold] gnol")
            assert not {"\x1b", "\u202e"} & set(ui.text(pilot.app))

    ui.run(test)


def test_replies_that_say_nothing_or_never_end_can_be_judged(ui, run, report, judging):
    async def test():
        async with judging(saying(report, "", "{0} word" * 20_000), (80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "(nothing)", "more below"))
            await press(ui, pilot, "1", "2 of 8")

    ui.run(test)


def test_in_ascii_nothing_is_drawn_with_other_signs(ui, run, report, judging):
    async def test():
        async with judging(report, signs=ASCII) as pilot:
            for keys, words in (("", "1 of 6"), ("111111", "All are judged"), (["enter"], "Which was which")):
                await press(ui, pilot, keys, words)
                async for _ in ui.at_sizes(pilot, ui.shows(pilot, words)):
                    assert not [line for line in ui.text(pilot.app).splitlines() if not line.isascii()]

    ui.run(test)


def test_the_help_names_every_key():
    for binding in BlindScreen.BINDINGS:
        key = {"escape": "esc"}.get(binding.key, binding.key)
        assert f"`{key}`" in BlindScreen.HELP, f"{key}: {binding.description}"


@pytest.mark.parametrize("signs", [UNICODE, ASCII])
def test_at_80_columns_the_footer_has_every_key(ui, run, report, judging, signs):
    words = ("1 Wins", "2 Wins", "t Tie", "b Both bad", "u Undo", "r Rival", "esc Leave", "? Help", "^p Menu")

    async def test():
        async with judging(report, (80, 24), signs) as pilot:
            await press(ui, pilot, "1", "2 of 6", "Undo")
            bar = ui.text(pilot.app).splitlines()[-1]
            assert all(word in bar for word in words), bar

    ui.run(test)


def test_ctrl_g_copies_the_command_that_does_the_same(ui, run, report, judging):
    async def test():
        async with judging(report) as pilot:
            await pilot.press("ctrl+g")
            await ui.wait_until(pilot, lambda: pilot.app.clipboard.startswith(f"chatforge blind {run.id}"))

    ui.run(test)
