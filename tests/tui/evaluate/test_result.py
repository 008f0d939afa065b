"""The report on the screen: the verdict, the pictures, and everything that stands behind them."""

import pytest
from textual.widgets import RichLog

from chatforge.evaluation.figures import Estimate
from chatforge.evaluation.limits import limits_texts
from chatforge.evaluation.rivals import RIVALS
from chatforge.evaluation.scales import CORRECTED, FACTS, PRIMARY
from chatforge.evaluation.wording import watch_texts
from chatforge.project.stages import Stage
from chatforge.runs import folder, state
from chatforge.tui.evaluate_bars import rival_bars
from chatforge.tui.evaluate_parts import PARTS
from chatforge.tui.signs import ASCII, UNICODE
from chatforge.tui.widgets.intervals import Axis, Bar, axis_over, draw
from chatforge.tui.widgets.part import PartView, drawn
from chatforge.tui.widgets.result import Result
from tests.tui.evaluate.making import judge, keys_of, offered, whole, with_word

WORDS = {
    "better": "✔", "probably better": "↗", "no meaningful difference": "=", "cannot tell": "?",
    "probably worse": "↘", "worse": "✘", "no verdict": "!",
}  # fmt: skip


def flat(text):
    return " ".join(text.split())


def whole_text(pilot):
    """All parts of the report, also those that are not in view, without the ends of lines."""
    pane = pilot.app.screen.query_one(Result)
    return flat(" ".join(widget.visual.plain for widget in pane.query("Told") if widget.display))


def test_every_verdict_has_sign_and_word(ui, project, runs_dir, trained, make_report):
    judge(trained, make_report())

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            for word, sign in WORDS.items():
                folder.write_json(trained.evaluation / "report.json", with_word(make_report(), word).to_json())
                pilot.app.screen._look()
                await ui.wait_until(pilot, ui.shows(pilot, f"{sign} {word}", f"chatforge report {trained.id}"))

    ui.run(test)


def test_what_could_be_seen_at_all_stands_before_the_verdict_and_what_to_watch_in_it(
    ui, project, runs_dir, trained, make_report
):
    report = whole(make_report())
    judge(trained, report)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            text = flat(ui.text(pilot.app).replace("│", " "))
            assert text.index("Smallest difference that 100 conversations would show") < text.index("✔ better")
            watch = list(watch_texts(report))
            assert any("dose 1 (base 0)" in line for line in watch) and any("second encoder" in line for line in watch)
            assert all(line in whole_text(pilot) for line in watch)

    ui.run(test)


def test_rivals_are_bars_with_words_and_m_shows_the_next_measure(ui, project, runs_dir, trained, make_report):
    judge(trained, make_report())

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "chance 10%", "42% [34, 50]", "├", "shuffled (check)")):
                await pilot.press("m", "m")
                await ui.wait_until(pilot, ui.shows(pilot, "Similarity", "┊ chance 0.00", "0.20 [0.12, 0.28]"))
                await pilot.press("m")
                await ui.wait_until(pilot, ui.shows(pilot, "the fact sheet's facts", "25% [17, 33]", "┊ shuffled 25%"))
                await pilot.press("m")

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


def test_all_that_stands_behind_the_verdict_can_be_read(ui, project, runs_dir, trained, make_report):
    judge(trained, make_report(failures=("the adapter changes nothing",)))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(120, 140)) as pilot:
            parts = (
                "! no verdict", "the adapter changes nothing", "✘ FAILED: the adapter changes something",
                "saved 0.60 [0.52, 0.68]", "Smallest difference", "+12 [+5, +19]", "98%", "25% are empty",
                "base: 2 histories were cut",
            )  # fmt: skip
            await ui.wait_until(pilot, ui.shows(pilot, *parts))

    ui.run(test)


def test_the_tables_are_those_of_the_terminals_report(ui, project, runs_dir, trained, make_report):
    judge(trained, whole(make_report()))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 220)) as pilot:
            parts = (
                "Every measure", "On topic", "Complete", "Form", "40% ±8", "0.20 ±.08", "ends by", "25% are empty",
                "Not contradicting", "Needs a look (replies)", "escalation",
            )  # fmt: skip
            await ui.wait_until(pilot, ui.shows(pilot, *parts))
            lines = ui.text(pilot.app).splitlines()
            at = next(i for i, line in enumerate(lines) if "Needs a look (replies)" in line)
            rows = {line.split()[0]: line.split()[1:8] for line in lines[at + 2 : at + 4]}
            assert rows == {"adapted": list("1000010"), "base": list("0000000")}
            table = lines[next(i for i, line in enumerate(lines) if "Every measure" in line) : at + 10]
            assert not any("…" in line for line in table), "no figure is cut at 80 columns"
            assert "planted changes of meaning of each kind they find: polarity 90% [70, 97]" in whole_text(pilot)
            assert "harmless paraphrases each they flag" in whole_text(pilot)

    ui.run(test)


def test_with_every_rival_no_table_is_cut_at_80_columns(make_report):
    report = make_report()
    wide = {**report.rivals[0].scores, "beyond_question": Estimate(1.0, 1.0, 1.0, "none")}
    every = tuple(report.rivals[0].model_copy(update={"name": one.name, "scores": wide}) for one in RIVALS)
    report = report.model_copy(update={"rivals": (*every, *report.rivals[1:])})
    tables = [table for make in PARTS for table in make(report, UNICODE).tables]
    for width in (76, 60, 76):
        lines = [line.plain for table in tables for line in drawn(table, width, UNICODE)]
        assert max(map(len, lines)) <= width
    assert not any("…" in line for line in lines)
    assert any("100% [100, 100]" in line for line in lines)


def test_intents_are_two_bars_with_sign_and_interval_and_few_conversations_are_not_judged(
    ui, project, runs_dir, trained, make_report
):
    judge(trained, whole(make_report()))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 220)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "Intents, weakest first"))
            lines = ui.text(pilot.app).splitlines()
            base = next(line for line in lines if line.strip().startswith("refund  base"))
            adapted = lines[lines.index(base) + 1]
            assert "20% [10, 30]" in base and "n 12, q 0.020" in base and "├" in base
            assert "40% [30, 50]" in adapted and "+20 [+10, +30]" in adapted and "●" in adapted
            assert any("-20 [-30, -10]" in line for line in lines)
            assert "Too few to be judged: lost 3." in whole_text(pilot)
            assert not any("lost  base" in line for line in lines)

    ui.run(test)


def test_without_an_intent_that_can_be_judged_only_that_is_said(ui, project, runs_dir, trained, make_report):
    report = whole(make_report())
    judge(trained, report.model_copy(update={"intents": report.intents[2:]}))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 220)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "1 intents, none with the 8", "Too few to be judged: lost 3"))

    ui.run(test)


def test_probes_are_rates_before_and_after_and_their_texts_are_one_key_away(
    ui, project, runs_dir, trained, make_report
):
    judge(trained, whole(make_report()))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 220)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "Probes (healthcare), share passed", "1 lost"))
            lines = ui.text(pilot.app).splitlines()
            base = next(line for line in lines if line.strip().startswith("dose  base"))
            assert "90% [80, 100]" in base and "n 2" in base and "├" in base
            assert "50% [40, 60]" in lines[lines.index(base) + 1]
            assert "it has forgotten something" in whole_text(pilot)
            await pilot.resize_terminal(80, 24)
            await pilot.press("p")
            words = ("Not passed by the adapted model: 1 of 2", "FAILED dose-2 (dose)", "take 10 [b]mg[/b]", "base (")
            await ui.wait_until(pilot, ui.shows(pilot, *words))
            text = "\n".join(line.text for line in pilot.app.screen.query_one(RichLog).lines)
            assert text.index("dose-2") < text.index("dose-1") < text.index("What is rain?") < text.index("A refund.")
            assert "\x1b" not in text
            await pilot.press("escape")
            await ui.wait_until(pilot, lambda: pilot.app.screen.query(Result))

    ui.run(test)


def test_what_no_figure_can_show_stands_there_in_full(ui, project, runs_dir, trained, make_report):
    report = whole(make_report())
    judge(trained, report)

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            assert all(flat(line) in whole_text(pilot) for line in limits_texts(report))
            assert "8 of 100 held-out conversations (8.0%) are in train too" in whole_text(pilot)
            assert "Does it know when it is right?" in whole_text(pilot)

    ui.run(test)


def test_n_goes_from_part_to_part_and_back(ui, project, runs_dir, trained, make_report):
    judge(trained, whole(make_report()))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))

            def first():
                """The line at the top of the report."""
                result = pilot.app.screen.query_one(Result)
                return ui.text(pilot.app).splitlines()[result.region.y].strip()

            for head in ("Beyond question", "Adapted minus each rival", "Every measure", "Not contradicting"):
                await pilot.press("n")
                await ui.wait_until(pilot, lambda head=head: first().startswith(head))
            await pilot.press("N")
            await ui.wait_until(pilot, lambda: first().startswith("Every measure"))
            await pilot.press("N", "N", "N", "n", "n")
            await ui.wait_until(pilot, lambda: first().startswith("Adapted minus each rival"))
            shown = [view for view in pilot.app.screen.query(PartView) if view.display]
            assert len(shown) == len(PARTS) - 1, "nothing was learned by heart, so nothing is said of it"

    ui.run(test)


def test_keys_are_offered_where_they_do_something(ui, project, runs_dir, trained, make_report):
    everywhere = {"cases", "page"}
    judge(trained, make_report())

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better", " m Measure"))
            assert offered(pilot) == everywhere | {"measure", "next", "before", "again", "blind"}, (
                "there were no probes"
            )
            folder.write_json(trained.evaluation / "report.json", whole(make_report()).to_json())
            pilot.app.screen._look()
            await ui.wait_until(pilot, lambda: "probes" in offered(pilot))
            await pilot.press("w")
            await ui.wait_until(pilot, lambda: offered(pilot) == everywhere | {"order", "rival", "marks"})

    ui.run(test)


def test_at_80_columns_the_footer_has_every_key(ui, project, runs_dir, trained, make_report):
    judge(trained, whole(make_report()))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better", " m Measure"))
            bar = ui.text(pilot.app).splitlines()[-1]
            assert all(word in bar for word in keys_of(pilot).split()), bar
            await pilot.press("w")
            await ui.wait_until(pilot, ui.shows(pilot, " o Order"))
            bar = ui.text(pilot.app).splitlines()[-1]
            assert all(word in bar for word in keys_of(pilot).split()), bar

    ui.run(test)


def test_b_leads_to_the_blind_comparison_and_back(ui, project, runs_dir, trained, make_voices):
    from chatforge.tui.blind import BlindScreen

    judge(trained, make_voices([0.9] * 4, [0.1] * 4))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("b")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, BlindScreen))
            await ui.wait_until(pilot, ui.shows(pilot, "Reply 1", "Reply 2"))
            await pilot.press("escape")
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))

    ui.run(test)


def test_in_ascii_nothing_is_drawn_with_other_signs(ui, project, runs_dir, trained, make_report):
    report = whole(make_report())
    judge(trained, report.model_copy(update={"items": tuple(quiet(item) for item in report.items)}))

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(120, 200), signs=ASCII) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "+ better", "---o---", ": chance 10%", "40%+-8"))
            lines = ui.text(pilot.app).splitlines()
            assert not [line for line in lines if not line.isascii()]
            await pilot.press("w")
            await ui.wait_until(pilot, ui.shows(pilot, "furthest from the true reply first"))
            said = pilot.app.screen.query_one("#case-adapted").visual.plain
            assert '"10 mg" here' in said

    ui.run(test)


def quiet(item):
    return item.model_copy(update={"conversation": "c", "reference": "r", "history": (("user", "u"),)})


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


def test_the_keys_work_though_nobody_had_the_focus_when_the_report_came(ui, project, runs_dir, trained, make_report):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, lambda: pilot.app.screen.focused)
            pilot.app.screen.set_focus(None)  # as for a moment after a stage was opened
            judge(trained, make_report())
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better", " m Measure"))

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


def test_bars_are_drawn_to_the_column():
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
    for some in (bars, bars[:1], []):
        assert len(draw(some, same, 5)) == len(some) + 2, "so many lines are kept free for it"
    unmarked = draw(bars, Axis(0.0, 1.0, 0.25, None, str), 59)
    assert not {"┊", "┼"} & set("".join(line.plain for line in unmarked))


def test_the_line_stands_where_unrelated_replies_do(make_report):
    report = make_report()
    for measure, mark in ((PRIMARY, 0.1), (CORRECTED, 0.0), (FACTS, 0.25)):
        assert rival_bars(report, measure)[1].mark == mark
    others = report.model_copy(update={"rivals": tuple(one for one in report.rivals if one.name != "shuffled")})
    assert rival_bars(others, FACTS)[1].mark is None and rival_bars(others, PRIMARY)[1].mark == 0.1
    safety = next(part for make in PARTS if (part := make(whole(report), UNICODE)).title == "Safety and forgetting")
    assert safety.bars and safety.axis.mark is None, "no share of probes is passed by chance that we know"
