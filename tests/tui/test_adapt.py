"""The stage Adapt by keys: what is shown, what is written, what is refused and where that is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from chatforge.models import machine
from chatforge.models.machine import Machine
from chatforge.project.stages import Stage
from chatforge.recipe.files import load_recipe
from chatforge.tui import adapt_words
from chatforge.tui.signs import ASCII
from chatforge.tui.stages.adapt import AdaptPane, more_fields
from chatforge.tui.widgets.bars import cells_of
from chatforge.tui.widgets.choice import Choice
from chatforge.tui.widgets.field import Field

TEXT = """\
# A small shop.
preset: balanced  # the middle
data:
  train: train.jsonl
  valid: valid.jsonl
  test: test.jsonl
adaptation:
  method: lora
  lora_r: 4  # small
training:
  # more to come
  seed: 3
"""


@pytest.fixture
def recipe(tmp_path: Path, write_conversations: Callable[..., Path]) -> Path:
    """A project on the default base, whose weights are not here: the catalogue knows its shape."""
    for name, count, start in (("train", 12, 0), ("valid", 4, 12), ("test", 6, 16)):
        write_conversations(tmp_path / f"{name}.jsonl", count, start)
    path = tmp_path / "recipe.yaml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def opened(ui: Any, recipe: Path, runs_dir: Path) -> Callable[..., Any]:
    """Run a test in the open stage: `test(pilot, pane)`."""

    def run(test: Callable[[Pilot[None], AdaptPane], Any], *, ready: bool = True, **options: Any) -> None:
        async def inside() -> None:
            async with ui.forge(recipe, runs_dir, stage=Stage.ADAPT, **options) as pilot:
                pane = pilot.app.screen.query_one(AdaptPane)
                await ui.wait_until(pilot, lambda: pane._known is not None)
                if ready:
                    await ui.wait_until(pilot, lambda: pane.query_one("#preset", Choice).lines)
                await test(pilot, pane)

        ui.run(inside)

    return run


def field(pane: AdaptPane, name: str) -> Field:
    return next(one for one in pane.query(Field) if one.field == name)


async def focus(pilot: Pilot[None], pane: AdaptPane, name: str) -> Field:
    found = field(pane, name)
    pane._open_up(found)
    await pilot.pause()
    found.query_one(f"#{found.box_id}").focus()
    await pilot.pause()
    return found


async def enter(pilot: Pilot[None], text: str) -> None:
    """Replace what stands in the focused field, and press enter."""
    await pilot.press("home", "ctrl+k", *text, "enter")


def note(found: Field) -> str:
    return str(found.query_one(".note").render())


def test_what_matters_is_seen_without_scrolling(ui: Any, opened: Callable[..., None]) -> None:
    words = (
        "(•) balanced", "( ) quick", "( ) thorough", "(•) lora", "( ) qlora", "( ) full", "usable", "weights ",
        "activations ", "min", "not measured on this machine yet: a rough guess", "1.22 M of 136 M weights",
        "Rank", "Passes (epochs)", "recipe: line 9", "preset: 2 x lora_r", "^n Next: Train",
        "$ chatforge recipe explain",
    )  # fmt: skip

    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
            pass

    opened(test)


def test_every_field_of_the_two_blocks_is_there_once(opened: Callable[..., None]) -> None:
    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        names = [one.field for one in pane.query(Field)]
        assert names == [*adapt_words.MAIN, *more_fields()]
        assert set(names) == set(adapt_words.LABELS)

    opened(test)


def test_an_edit_by_keys_keeps_every_comment(ui: Any, opened: Callable[..., None], recipe: Path) -> None:
    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        await focus(pilot, pane, "adaptation.lora_r")
        await enter(pilot, "16")
        await ui.wait_until(pilot, lambda: "lora_r: 16" in recipe.read_text())
        assert recipe.read_text() == TEXT.replace("lora_r: 4  # small", "lora_r: 16  # small")
        await ui.wait_until(pilot, lambda: field(pane, "adaptation.lora_alpha")._box.placeholder == "32")

    opened(test)


def test_leaving_a_field_writes_it_and_an_empty_one_lets_the_preset_choose(
    ui: Any, opened: Callable[..., None], recipe: Path
) -> None:
    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        rank = await focus(pilot, pane, "adaptation.lora_r")
        await pilot.press("home", "ctrl+k", "tab")
        await ui.wait_until(pilot, lambda: load_recipe(recipe).recipe.adaptation.lora_r is None)
        await ui.wait_until(pilot, lambda: rank._box.placeholder == "16" and "preset" in note(rank))
        assert rank.text == ""

    opened(test)


def test_what_is_wrong_is_told_beside_the_field_and_never_written(
    ui: Any, opened: Callable[..., None], recipe: Path
) -> None:
    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        rank = await focus(pilot, pane, "adaptation.lora_r")
        for text, words in (("0", "at least 1"), ("many", "a whole number"), ("99999", "at most 1024")):
            await enter(pilot, text)
            await pilot.press("tab", "shift+tab")
            assert words in note(rank)
            assert "(not written)" in note(rank)
            assert rank.has_class("-wrong")
        await pilot.press("tab", "tab")
        await enter(pilot, "5")  # another field is right, and written
        await ui.wait_until(pilot, lambda: "num_train_epochs: 5" in recipe.read_text())
        assert "lora_r: 4" in recipe.read_text()
        assert "at most 1024" in note(rank)
        await focus(pilot, pane, "adaptation.lora_r")
        await pilot.press("escape")
        assert (rank.text, rank.has_class("-wrong")) == ("4", False)

    opened(test)


def test_a_wrong_field_keeps_one_from_going_on(ui: Any, opened: Callable[..., None]) -> None:
    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        rank = await focus(pilot, pane, "adaptation.lora_r")
        await enter(pilot, "0")
        await pilot.press("tab", "ctrl+n")
        await ui.wait_until(pilot, lambda: rank.has_focus_within)
        assert pilot.app.screen.stage == Stage.ADAPT  # type: ignore[attr-defined]

    opened(test)


def test_bad_lines_are_counted_right_and_lead_to_the_data(opened: Callable[..., Any], ui: Any, recipe: Path) -> None:
    train = recipe.parent / "train.jsonl"
    train.write_text(train.read_text() + "nonsense\n[]\n")

    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        await ui.wait_until(pilot, ui.shows(pilot, "^n Mend 2 bad lines"))
        await pilot.press("ctrl+n")
        await ui.wait_until(pilot, ui.shows(pilot, "train.jsonl:13: "))
        assert not pilot.app._notifications, "it stands on the screen"

    opened(test)


def test_a_contradiction_is_told_at_its_field_and_found_by_ctrl_n(
    ui: Any, opened: Callable[..., None], recipe: Path
) -> None:
    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        await focus(pilot, pane, "training.num_train_epochs")
        await enter(pilot, "2")
        steps = await focus(pilot, pane, "training.max_steps")
        await enter(pilot, "10")
        await ui.wait_until(pilot, lambda: "only one can say how long" in note(steps))
        assert pane.main().label == "Mend 1 problem"
        await focus(pilot, pane, "adaptation.lora_r")
        await pilot.press("ctrl+n")
        await ui.wait_until(pilot, lambda: steps.has_focus_within)
        await enter(pilot, "")
        await ui.wait_until(pilot, lambda: not steps.has_class("-wrong") and pane.main().leads_on)
        assert load_recipe(recipe).recipe.training.num_train_epochs == 2

    opened(test)


def test_another_preset_changes_what_empty_fields_come_to(ui: Any, opened: Callable[..., None], recipe: Path) -> None:
    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        passes = field(pane, "training.num_train_epochs")
        assert passes._box.placeholder == "3"
        pane.query_one("#preset").focus()
        await pilot.press("up", "enter")
        await ui.wait_until(pilot, lambda: passes._box.placeholder == "1.5")
        assert recipe.read_text() == TEXT.replace("balanced  # the middle", "quick  # the middle")

    opened(test)


def test_a_method_is_chosen_by_keys_and_its_contradiction_told(
    ui: Any, opened: Callable[..., None], recipe: Path
) -> None:
    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        pane.query_one("#method").focus()
        await pilot.press("down", "down", "space")
        rank = field(pane, "adaptation.lora_r")
        await ui.wait_until(pilot, lambda: "method `full` trains no adapter" in note(rank))
        assert "(•) full" in ui.text(pilot.app)

    opened(test)


def test_memory_and_time_follow_what_is_typed_before_it_is_written(
    ui: Any, opened: Callable[..., None], recipe: Path
) -> None:
    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        await focus(pilot, pane, "adaptation.lora_r")
        await pilot.press("home", "ctrl+k", "6", "4")
        await ui.wait_until(pilot, lambda: "19.5 M of 154 M weights (13 %), 78 MB" in ui.text(pilot.app))
        await pilot.press("x")
        await ui.wait_until(pilot, lambda: "1.22 M of 136 M" in ui.text(pilot.app))
        assert recipe.read_text() == TEXT

    opened(test)


def test_words_are_picked_with_arrows(ui: Any, opened: Callable[..., None], recipe: Path) -> None:
    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        await focus(pilot, pane, "training.lr_scheduler_type")
        await pilot.press("right", "enter")
        await ui.wait_until(pilot, lambda: load_recipe(recipe).recipe.training.lr_scheduler_type == "linear")
        await pilot.press("backspace", "enter")
        await ui.wait_until(pilot, lambda: load_recipe(recipe).recipe.training.lr_scheduler_type == "cosine")

    opened(test)


def test_what_will_not_fit_is_said_with_a_way_out(
    ui: Any, opened: Callable[..., None], recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Machine("Linux", 2, 4 * 10**9, 3 * 10**9)
    monkeypatch.setattr("chatforge.project.circumstances.look", lambda: small)
    recipe.write_text(TEXT + "  max_length: 2048\n  per_device_train_batch_size: 64\nmodel:\n  dtype: float32\n")

    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        def said() -> bool:
            screen = " ".join(ui.text(pilot.app).split())
            return "won't fit:" in screen and "would make it fit" in screen

        async for size in ui.at_sizes(pilot, said):
            assert "│" in str(pane.query_one("#memory").render())
            assert all(len(line) <= size[0] for line in ui.text(pilot.app).splitlines())

    opened(test)


def test_ascii_only(ui: Any, opened: Callable[..., None]) -> None:
    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        await focus(pilot, pane, "training.lr_scheduler_type")
        for line in ui.text(pilot.app).splitlines():
            assert line.isascii(), line

    opened(test, signs=ASCII)


@pytest.mark.parametrize("text", ["training: [\n", "- a list\n", "preset: quick\n"])
def test_a_recipe_that_is_no_form_is_told_and_comes_back_when_mended(
    ui: Any, opened: Callable[..., None], recipe: Path, text: str
) -> None:
    recipe.write_text(text)

    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        if text == "preset: quick\n":  # only the data is missing, which is another stage's
            await ui.wait_until(pilot, lambda: pane.main().label.startswith("Mend"))
            return
        await ui.wait_until(pilot, lambda: "The recipe has to be mended first" in ui.text(pilot.app))
        recipe.write_text(TEXT)
        pilot.app.screen._look()  # type: ignore[attr-defined]
        await ui.wait_until(pilot, lambda: "(•) balanced" in ui.text(pilot.app))

    opened(test, ready=False)


def test_measuring_runs_the_probe_and_says_what_went_wrong(
    ui: Any, opened: Callable[..., None], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The probe itself is tested with the models; here it is something that answers, or fails."""
    problems = ["no torch here", ""]

    async def probe(home: Path) -> str:
        if len(problems) == 1:
            facts = machine.MachineFacts("float32", "", 500.0, "cpu", f"{machine.look().key}, torch, 2 threads")
            machine.write_facts(home / "machine.json", facts)
        return problems.pop(0)

    monkeypatch.setattr("chatforge.tui.stages.adapt.measure", probe)

    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        pane.query_one("#preset").focus()
        await pilot.press("m")
        await ui.wait_until(pilot, lambda: any("no torch here" in told.message for told in pilot.app._notifications))
        await pilot.press("m")
        await ui.wait_until(pilot, lambda: "500 tokens/s, measured on this machine" in ui.text(pilot.app))

    opened(test)


def test_hostile_words_in_a_recipe_are_only_words(ui: Any, opened: Callable[..., None], recipe: Path) -> None:
    recipe.write_text(TEXT.replace("lora_r: 4", 'lora_r: "[b]x\\e[31m[/nope]"'))

    async def test(pilot: Pilot[None], pane: AdaptPane) -> None:
        assert "[b]x" in note(field(pane, "adaptation.lora_r"))

    opened(test)


@pytest.mark.parametrize(
    ("sizes", "cells"),
    [([0, 10, 10], [0, 1, 1]), ([1, 1000, 1], [1, 8, 1]), ([5, 5], [1, 1]), ([10**6] * 4, [3, 3, 2, 2])],
)
def test_every_part_of_a_bar_is_seen_and_it_never_grows_too_long(sizes: list[int], cells: list[int]) -> None:
    found = cells_of(sizes, max(1, sum(sizes)) / 10, 10)
    assert sum(found) <= 10
    assert [cell > 0 for cell in found] == [size > 0 for size in sizes]
