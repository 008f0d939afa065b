"""Conversation by conversation: orders, rivals, what differs from the true reply, what needs a look."""

import pytest

from chatforge.project.stages import Stage
from chatforge.tui import case_words
from chatforge.tui.signs import ASCII, UNICODE
from tests.tui.evaluate.making import changed_reply, flagged, judge, offered, said, saying

LONG = "A word about boots, said once more. " * 40
TRUE = "Your refund takes 15 days, I am afraid."
NEAR = "Your refund takes five working days, I am afraid."
FAR = "Boots are on the second floor!"


def named(report):
    """The same with a name for each conversation."""
    items = [i.model_copy(update={"conversation": f"talk {n}"}) for n, i in enumerate(report.items)]
    return report.model_copy(update={"items": tuple(items)})


def test_conversations_are_read_worst_first_with_nothing_hostile(ui, project, runs_dir, trained, make_report):
    judge(trained, named(changed_reply(make_report(), "adapted", 2, place=3.0, reply="the worst [b]reply[/b]")))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("w")
            words = ("furthest from the true reply first", "talk 2", "3/3", "[bold]red[/bold]")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                assert not {"\x1b", "\u202e"} & set(ui.text(pilot.app))
            assert "the worst [b]reply[/b]" in said(pilot)
            assert "went round in circles and was stopped" in said(pilot), "in the words of every other screen"
            await pilot.press("o")
            await ui.wait_until(pilot, ui.shows(pilot, "most behind base first"))
            await pilot.press("escape")
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))

    ui.run(test)


def test_both_replies_are_in_view_and_each_half_scrolls(ui, project, runs_dir, trained, make_report):
    long = {name: f"{name} says: {LONG}" for name in ("adapted", "base")}
    judge(trained, saying(make_report(), LONG, **long))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("w", "d", "d")
            words = ("adapted says:", "base says:", "ahead of base:", "1/3 is right, 3/3 last", "tab: scroll the texts")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                pass
            for half in ("case-talk", "case-replies"):
                await pilot.press("tab", "end")
                widget = pilot.app.screen.query_one(f"#{half}")
                await ui.wait_until(pilot, lambda widget=widget: widget.has_focus and widget.scroll_y > 0)

    ui.run(test)


def test_what_differs_from_the_true_reply_is_marked_with_signs_where_texts_are_alike(
    ui, project, runs_dir, trained, make_report
):
    judge(trained, saying(make_report(), TRUE, adapted=NEAR, base=FAR))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("w")
            await ui.wait_until(pilot, lambda: "Your refund takes [-15-] {+five working+} days, I am" in said(pilot))
            assert "Word by word: 82% of the words are the same" in said(pilot)
            assert FAR in said(pilot, "other"), "nearly every word differs: it stands as it is"
            assert "0% of the words are the same" in said(pilot, "other")
            await pilot.press("d")
            await ui.wait_until(pilot, lambda: "{+Boots" in said(pilot, "other"))
            await pilot.press("d")
            await ui.wait_until(pilot, lambda: NEAR in said(pilot) and "Word by word" not in said(pilot))
            await pilot.press("d")
            await ui.wait_until(pilot, lambda: "{+five working+}" in said(pilot))

    ui.run(test)


def test_marks_have_a_style_as_well_and_the_same_words_need_none(make_report):
    report = saying(make_report(), TRUE, adapted=NEAR, base=TRUE)
    drawn = case_words.reply(report, "adapted", 0, "alike", UNICODE)
    styles = {str(span.style): drawn.plain[span.start : span.end] for span in drawn.spans}
    assert styles["$text-error strike"] == "[-15-]"
    assert styles["$text-success underline"] == "{+five working+}"
    same = case_words.reply(report, "base", 0, "always", UNICODE).plain
    assert "Word for word the true reply." in same and "{+" not in same and "[-" not in same


@pytest.mark.parametrize("text", ["", "   ", "\x1b[2J\x1b]0;t\x07", "🙂 日本", "word " * 10_000, "[bold]{+x+}[/bold]"])
def test_no_reply_breaks_the_reader(make_report, text):
    report = saying(make_report(), TRUE, adapted=text, base=TRUE)
    for marks in case_words.MARKS:
        drawn = case_words.reply(report, "adapted", 0, marks, ASCII).plain
        assert "\x1b" not in drawn and len(drawn) < 10_000


def test_whole_texts_are_compared_and_an_empty_one_is_not(make_report):
    begin = "so many words " * 400
    report = saying(make_report(), f"{begin}and five days", adapted=f"{begin}and six weeks", base="")
    drawn = case_words.reply(report, "adapted", 0, "always", UNICODE).plain
    assert "99% of the words" in drawn and drawn.count("so many words") < 200
    for marks in case_words.MARKS:
        empty = case_words.reply(report, "base", 0, marks, UNICODE).plain
        assert empty.endswith("(nothing)") and "of the words" not in empty and "[-" not in empty
    signs = case_words.reply(saying(make_report(), "🙂", adapted="💥"), "adapted", 0, "alike", UNICODE).plain
    assert "neither has words" in signs


def test_the_list_shows_the_figure_that_it_is_sorted_by(make_report):
    report = changed_reply(make_report(), "adapted", 2, scores={"beyond_question": 0.25, "corrected": 0.0})
    report = changed_reply(report, "base", 1, scores={"beyond_question": 0.75, "corrected": 0.11})
    order = case_words.ordered(report, "behind", "base")
    shown = [case_words.row(report, "behind", "base", i, flags=False) for i in order]
    assert [row.plain.split()[0] for row in shown] == ["-75", "0", "0", "+25"]
    colours = [{str(span.style) for span in row.spans} & {"$text-error", "$text-success"} for row in shown]
    assert colours == [{"$text-error"}, set(), set(), {"$text-success"}], "a tie has none"
    near = case_words.row(report, "furthest", "base", 2, flags=False)
    assert near.plain.split()[0] == "-0.11" and "$text-error" in str(near.spans)
    assert case_words.ahead_text("behind", "base") == "ahead of base: points of beyond question"


def test_replies_are_counted_as_such(make_report):
    report = make_report()
    assert case_words.count_text(report) == "4 conversations"
    assert case_words.count_text(report.model_copy(update={"conversations": 2})) == "4 replies of 2 conversations"


def long_talk(report, count):
    """The same after so many messages before the last."""
    said = [("user", f"message {n} [b]x[/b] \x1b]0;t\x07") for n in range(count)]
    items = tuple(item.model_copy(update={"history": (*said, ("user", "the last"))}) for item in report.items)
    return report.model_copy(update={"items": items})


def test_what_was_said_before_is_one_scroll_away_and_the_last_message_in_view(
    ui, project, runs_dir, trained, make_report
):
    judge(trained, long_talk(saying(make_report(), TRUE, adapted=LONG, base=LONG), 8))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("w")
            words = ("8 earlier messages above", "user  the last", "true reply  Your refund")
            await ui.wait_until(pilot, ui.shows(pilot, *words))
            assert "(2 earlier messages left out)" in said(pilot, "earlier") and "\x1b" not in said(pilot, "earlier")
            await pilot.press("tab", "home")
            await ui.wait_until(pilot, ui.shows(pilot, "(2 earlier messages left out)", "user  message 2 [b]x[/b]"))

    ui.run(test)


def test_d_keeps_the_place_and_nothing_is_compared_twice(ui, project, runs_dir, trained, make_report, monkeypatch):
    compared, compare = [], case_words.reply
    monkeypatch.setattr(case_words, "reply", lambda *told: compared.append(told[1:4]) or compare(*told))
    judge(trained, named(saying(make_report(), LONG, adapted=LONG, base=LONG)))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("w")
            await ui.wait_until(pilot, ui.shows(pilot, "talk 0"))
            await pilot.press("down", "o", "down", "r")
            await ui.wait_until(pilot, ui.shows(pilot, "ahead of nearest neighbour"))
            await pilot.pause()
            read = [(name, i) for name, i, _ in compared if name != "adapted"]
            assert read == [("base", 0), ("base", 1), ("base", 0), ("base", 1), ("nearest neighbour", 1)]
            await pilot.press("tab", "tab", "end")
            half = pilot.app.screen.query_one("#case-replies")
            await ui.wait_until(pilot, lambda: half.has_focus and half.scroll_y > 0)
            at = half.scroll_y
            await pilot.press("d")
            await ui.wait_until(pilot, lambda: compared[-1][2] == "always")
            await pilot.pause()
            assert half.scroll_y == at

    ui.run(test)


def test_a_flag_is_told_under_its_reply_and_leads_the_order(ui, project, runs_dir, trained, make_report):
    judge(trained, named(flagged(make_report(), 3)))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("w")
            await ui.wait_until(pilot, ui.shows(pilot, "look user", "!2"))
            await pilot.press("o", "o")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "needs a look first", "talk 3")):
                pass
            assert "! Needs a look (dose): another dose (“10 mg” here, “5 mg” in the true reply)" in said(pilot)
            await pilot.press("o")
            await ui.wait_until(pilot, ui.shows(pilot, "furthest from the true reply first"))

    ui.run(test)


def test_without_flags_nothing_is_said_of_them(ui, project, runs_dir, trained, make_report):
    judge(trained, make_report())

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("w", "o", "o")
            await ui.wait_until(pilot, ui.shows(pilot, "furthest from the true reply first"))
            assert pilot.app.screen.query_one("#cases-columns").visual.plain.split() == ["ahead", "place", "user"]

    ui.run(test)


def test_r_puts_the_next_rival_beside_the_adapted_model_and_the_conversation_stays(
    ui, project, runs_dir, trained, make_report
):
    report = saying(named(make_report()), TRUE, parrot="the parrot repeats")
    items = [i.model_copy(update={"conversation": f"talk {n}"}) for n, i in enumerate(report.items)]
    judge(trained, report.model_copy(update={"items": tuple(items)}))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("w", "down", "down")
            await ui.wait_until(pilot, ui.shows(pilot, "talk 2", "ahead of base"))
            seen = []
            while (name := said(pilot, "other").splitlines()[0]) not in seen:
                seen.append(name)
                async for _ in ui.at_sizes(pilot, ui.shows(pilot, f"ahead of {name}", "talk 2")):
                    pass
                await pilot.press("r")
                await ui.wait_until(pilot, lambda name=name: said(pilot, "other").splitlines()[0] != name)
            assert seen == ["base", "nearest neighbour", "parrot", "constant"], "what only checks is no rival"
            await pilot.press("o", "r")
            await ui.wait_until(pilot, ui.shows(pilot, "most behind nearest neighbour first"))
            assert "rival" in offered(pilot)

    ui.run(test)
