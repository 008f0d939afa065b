"""The blind comparison as a person meets it: a pair, a key, the next pair; and at the end whose they were."""

import errno
import json
import os
import shutil
import threading
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import ClassVar

import pytest
from textual.screen import Screen

from chatforge.evaluation import blind as core
from chatforge.evaluation.blind import Sitting
from chatforge.evaluation.blind_result import result
from chatforge.tui import blind
from chatforge.tui.app import ChatForge
from chatforge.tui.blind import BlindScreen
from chatforge.tui.blind_pages import next_steps
from chatforge.tui.blind_rivals import Rivals
from chatforge.tui.signs import ASCII, UNICODE
from chatforge.tui.start import StartScreen
from chatforge.tui.widgets.blind_pair import Sheet

HOSTILE = "\x1b[2J[bold]no[/bold] \x1b]0;title\x07\u202egnol"
LONG = "A word about boots, said once more. " * 60


@pytest.fixture
def report(make_voices):
    """Eight conversations; both say the same in two of them."""
    return make_voices([0.9] * 8, [0.1] * 8, same=2)


@pytest.fixture
def judging(ui, run, monkeypatch):
    """Open the screen on a report; tests read more quickly than people."""
    monkeypatch.setattr(blind, "SEEN_SECONDS", 0.01)

    @asynccontextmanager
    async def judging(report, size=(120, 40), signs=UNICODE):
        app = ChatForge(runs_dir=run.path.parent, signs=signs)
        app.animation_level = "none"
        async with app.run_test(size=size) as pilot:
            app.push_screen(BlindScreen(run, report, signs))
            await ui.wait_until(
                pilot, lambda: isinstance(app.screen, BlindScreen) and app.screen._view != "opening" and settled(app)
            )
            yield pilot

    return judging


def settled(app):
    """Nothing is read or written, and what has the focus shows it."""
    focused = app.screen.focused
    return (
        not app.screen._busy
        and focused
        and (app.signs.here in f"{focused.border_title}" or not isinstance(focused, Sheet))
    )


def flat(ui, app):
    """The screen without the places where lines were broken."""
    return " ".join(ui.text(app).split())


async def press(ui, pilot, keys, *words):
    """Press keys, each once the one before has come to something; then these words stand on the screen."""
    for key in keys:
        await ui.wait_until(pilot, lambda: settled(pilot.app))
        await pilot.press(key)
    await ui.wait_until(pilot, lambda: settled(pilot.app) and ui.shows(pilot, *words)())


def saying(report, adapted, base, history=(("user", "hello"),)):
    """The same report with other texts."""
    said = {"adapted": adapted, "base": base}
    rivals = [
        one.model_copy(
            update={
                "replies": tuple(
                    reply.model_copy(update={"reply": said.get(one.name, "else").format(i)})
                    for i, reply in enumerate(one.replies)
                )
            }
        )
        for one in report.rivals
    ]
    items = [item.model_copy(update={"history": history}) for item in report.items]
    return report.model_copy(update={"rivals": tuple(rivals), "items": tuple(items)})


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


def test_judgements_made_elsewhere_meanwhile_are_gone_on_after(ui, run, report, judging):
    async def test():
        async with judging(report) as pilot:
            elsewhere = Sitting(run.evaluation, report)
            elsewhere.answer("tie")
            elsewhere.answer("tie")
            await press(ui, pilot, "1", "! not kept: the judgements were changed elsewhere meanwhile", "3 of 6")
            assert Sitting(run.evaluation, report).answers == ("tie", "tie")

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


def test_ctrl_g_copies_the_command_that_does_the_same(ui, run, report, judging):
    async def test():
        async with judging(report) as pilot:
            await pilot.press("ctrl+g")
            await ui.wait_until(pilot, lambda: pilot.app.clipboard.startswith(f"chatforge blind {run.id}"))

    ui.run(test)
