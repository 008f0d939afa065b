"""What a pass learns in the stage Data: told in a run's own words, and changed row by row with nothing lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from chatforge.project.stages import Stage
from chatforge.recipe.files import load_recipe
from chatforge.tui.modals.lesson import Lesson
from chatforge.tui.modals.pick import PickFile
from chatforge.tui.modals.question import Question
from chatforge.tui.widgets.key_list import Choices


async def choose(ui: Any, pilot: Pilot[Any], row: str, asked: type) -> None:
    """Open the list and take a row, which leads to a question or to a file."""
    await pilot.press("m")
    await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Lesson))
    choices = pilot.app.screen.query_one(Choices)
    await ui.wait_until(pilot, lambda: any(row in str(option.prompt) for option in choices.options))
    choices.highlighted = next(i for i, option in enumerate(choices.options) if row in str(option.prompt))
    await pilot.press("enter")
    await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, asked))


async def name(pilot: Pilot[Any], path: str) -> None:
    pilot.app.screen.query_one(Input).value = path
    await pilot.press("enter")


def test_what_a_pass_learns_is_told_and_changed(
    ui: Any, project: Path, tmp_path: Path, write_conversations: Callable[..., Path]
) -> None:
    write_conversations(project.parent / "talks [red].jsonl", 10, start=500)
    (project.parent / "guide.md").write_text("The shop is open from nine to six, and on Sundays it is closed. " * 20)

    def data() -> Any:
        return load_recipe(project).recipe.data

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "12 conversations", "m Mix"))
            await ui.wait_until(pilot, lambda: pilot.app.screen.snapshot.lesson)
            assert "mix  " not in ui.text(pilot.app)
            await pilot.press("m")
            words = ("a pass learns 12 conversations: 12 of train", "none; some of it", "add a dataset", "add a text")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                pass
            await pilot.press("escape")

            await choose(ui, pilot, "general chat", Question)
            await pilot.press("3")
            await ui.wait_until(pilot, ui.shows(pilot, "12 of train + 3 of general chat (replay 0.2)"))
            await choose(ui, pilot, "add a dataset", PickFile)
            await name(pilot, "talks [red].jsonl")
            await ui.wait_until(pilot, ui.shows(pilot, "10 of talks [red].jsonl"))
            await choose(ui, pilot, "talks [red].jsonl", Question)
            await pilot.press("1")
            await ui.wait_until(pilot, ui.shows(pilot, "5 of talks [red].jsonl (weight 0.5)"))
            await choose(ui, pilot, "add a text", PickFile)
            await name(pilot, "guide.md")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "guide.md: about", "before the dialogues")):
                pass
            assert (data().replay, data().mix[0].weight, [one.name for one in data().texts]) == (0.2, 0.5, ["guide.md"])
            assert "# A small shop." in project.read_text()

            await choose(ui, pilot, "add a dataset", PickFile)
            await name(pilot, "train.jsonl")
            told = "train.jsonl is in train already"
            await ui.wait_until(pilot, lambda: told in [note.message for note in pilot.app._notifications])
            for row, key in (("talks [red].jsonl", "t"), ("guide.md", "t"), ("general chat", "n")):
                await choose(ui, pilot, row, Question)
                await pilot.press(key)
                await ui.wait_until(pilot, lambda row=row: row not in "".join(ui.text(pilot.app).split("mix  ")[1:2]))
            await ui.wait_until(pilot, lambda: not data().mix and not data().texts and not data().replay)

    ui.run(test)
