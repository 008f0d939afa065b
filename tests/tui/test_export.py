"""The stage Export: the card as it will read, where to, and what must not be lost."""

import json

from textual.widgets import Input

from chatforge.export import adapter
from chatforge.project.stages import Stage
from chatforge.runs import folder, state
from chatforge.runs.events import EventWriter, Started
from chatforge.tui.signs import ASCII


def judge(run, report):
    run.evaluation.mkdir(exist_ok=True)
    folder.write_json(run.evaluation / "report.json", report.to_json())


async def write_to(ui, pilot, place):
    await ui.wait_until(pilot, ui.shows(pilot, "10 files", "^n Export"))
    await pilot.press("ctrl+n")
    field = pilot.app.screen.query_one("#export-place", Input)
    await ui.wait_until(pilot, lambda: field.has_focus)
    if place is not None:
        field.value = str(place)
    await pilot.press("enter")


def test_the_card_is_shown_before_anything_is_written(ui, tiny_recipe, runs_dir, learned_run, make_report):
    judge(learned_run, make_report(gain=-0.12))

    async def test():
        async with ui.forge(tiny_recipe, runs_dir, stage=Stage.EXPORT) as pilot:
            words = ("The adapter", "10 files", "base_model: tiny-model0", f"chatforge export {learned_run.id}")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                card = pilot.app.screen.query_one("#export-text").visual.plain
                assert "✘ worse" in card and "no medical device" in card
            assert not learned_run.exports.exists()

    ui.run(test)


def test_nothing_is_called_done_before_it_is_written(ui, tiny_recipe, runs_dir, learned_run):
    async def test():
        async with ui.forge(tiny_recipe, runs_dir, stage=Stage.EXPORT) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "10 files", "○ 7 Export"))

    ui.run(test)


def test_an_evaluation_that_is_at_work_is_not_called_missing(ui, tiny_recipe, runs_dir, learned_run):
    state.enter(learned_run, "evaluate")
    with EventWriter(learned_run.events("evaluate")) as writer:
        writer.write(Started("evaluate", 1))

    async def test():
        async with ui.forge(tiny_recipe, runs_dir, stage=Stage.EXPORT) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "10 files", "It is being evaluated"))
            assert "not evaluated" not in pilot.app.screen.query_one("#export-text").visual.plain

    ui.run(test)


def test_it_is_written_where_one_says(ui, tiny_recipe, runs_dir, learned_run, tmp_path):
    async def test():
        async with ui.forge(tiny_recipe, runs_dir, stage=Stage.EXPORT) as pilot:
            await write_to(ui, pilot, tmp_path / "out")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "✓ Exported: 10 files")):
                pass
            await ui.wait_until(pilot, ui.shows(pilot, "✓ 7 Export"))
            assert json.loads((tmp_path / "out" / "chatforge.json").read_text())["run"] == learned_run.id

    ui.run(test)


def test_the_default_place_is_in_the_run(ui, tiny_recipe, runs_dir, learned_run):
    async def test():
        async with ui.forge(tiny_recipe, runs_dir, stage=Stage.EXPORT) as pilot:
            await write_to(ui, pilot, None)
            await ui.wait_until(pilot, lambda: (learned_run.exports / "adapter" / "README.md").is_file())

    ui.run(test)


def test_an_earlier_export_is_replaced_only_when_one_says_so(ui, tiny_recipe, runs_dir, learned_run, tmp_path):
    adapter.write(adapter.pack(learned_run), tmp_path / "out")
    (tmp_path / "out" / "README.md").write_text("old")

    async def test():
        async with ui.forge(tiny_recipe, runs_dir, stage=Stage.EXPORT) as pilot:
            await write_to(ui, pilot, tmp_path / "out")
            await ui.wait_until(pilot, ui.shows(pilot, "An earlier export is there"))
            await pilot.press("escape")
            await ui.wait_until(pilot, lambda: "An earlier export" not in ui.text(pilot.app))
            assert (tmp_path / "out" / "README.md").read_text() == "old"
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, ui.shows(pilot, "An earlier export is there"))
            await pilot.press("r")
            await ui.wait_until(pilot, ui.shows(pilot, "Exported"))
            assert (tmp_path / "out" / "README.md").read_text() != "old"

    ui.run(test)


def test_a_folder_with_other_files_is_left_alone_and_one_can_choose_again(
    ui, tiny_recipe, runs_dir, learned_run, tmp_path
):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear diary")

    async def test():
        async with ui.forge(tiny_recipe, runs_dir, stage=Stage.EXPORT, size=(80, 24)) as pilot:
            await write_to(ui, pilot, tmp_path / "mine")
            await ui.wait_until(pilot, ui.shows(pilot, "other files"))
            field = pilot.app.screen.query_one("#export-place", Input)
            field.value = str(tmp_path / "mine" / "bot")
            await pilot.press("enter")
            await ui.wait_until(pilot, ui.shows(pilot, "Exported"))
            assert (tmp_path / "mine" / "diary.txt").read_text() == "dear diary"

    ui.run(test)


def test_no_room_is_said_in_words(ui, tiny_recipe, runs_dir, learned_run, tmp_path, monkeypatch):
    monkeypatch.setattr(adapter, "free_bytes", lambda folder: 100)

    async def test():
        async with ui.forge(tiny_recipe, runs_dir, stage=Stage.EXPORT) as pilot:
            await write_to(ui, pilot, tmp_path / "out")
            await ui.wait_until(pilot, ui.shows(pilot, "there is no room", "make room"))

    ui.run(test)


def test_escape_leaves_the_question_where_to(ui, tiny_recipe, runs_dir, learned_run):
    async def test():
        async with ui.forge(tiny_recipe, runs_dir, stage=Stage.EXPORT) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "10 files"))
            await pilot.press("e")
            await ui.wait_until(pilot, ui.shows(pilot, "Where to?", "^n Write"))
            await pilot.press("escape")
            await ui.wait_until(pilot, lambda: "Where to?" not in ui.text(pilot.app))

    ui.run(test)


def test_in_ascii_nothing_is_drawn_with_other_signs(ui, tiny_recipe, runs_dir, learned_run):
    async def test():
        async with ui.forge(tiny_recipe, runs_dir, stage=Stage.EXPORT, size=(120, 150), signs=ASCII) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "10 files", "Licence"))
            lines = ui.text(pilot.app).splitlines()
            assert not [line for line in lines if not line.isascii()]

    ui.run(test)
