"""The start screen: what runs and what was stopped, projects, samples, a new one; by keys, at both sizes."""

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from rich.style import Style
from textual import events
from textual.color import Color
from textual.pilot import Pilot
from textual.widgets import Input

from chatforge.project import new_run, recent
from chatforge.project.stages import Stage
from chatforge.recipe.files import load_recipe
from chatforge.runs import launch, state
from chatforge.runs.events import EventWriter, Finished, Started, Step, Stopped
from chatforge.tui import train_work
from chatforge.tui.app import ChatForge
from chatforge.tui.forge import ForgeScreen
from chatforge.tui.modals.new_project import NewProject, first_look, proposed_name
from chatforge.tui.modals.pick import PickFile
from chatforge.tui.signs import ASCII, UNICODE, Signs
from chatforge.tui.stages.evaluate import EvaluatePane
from chatforge.tui.start import StartScreen
from chatforge.tui.widgets.place_list import PlaceList, _day_text, short


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@contextlib.asynccontextmanager
async def started(
    ui: Any, runs_dir: Path, size: tuple[int, int] = (80, 24), signs: Signs = UNICODE
) -> AsyncIterator[Pilot[None]]:
    """Open the app without a project; yields once the disk was looked at."""
    app = ChatForge(runs_dir=runs_dir, signs=signs)
    async with app.run_test(size=size) as pilot:
        await ui.wait_until(pilot, lambda: isinstance(app.screen, StartScreen) and app.screen._places.known)
        yield pilot


def project_shown(pilot: Pilot[None]) -> Callable[[], bool]:
    return lambda: isinstance(pilot.app.screen, ForgeScreen) and pilot.app.screen.pane is not None


def told(pilot: Pilot[None]) -> str:
    """What was said in passing."""
    return " ".join(notification.message for notification in pilot.app._notifications)


def break_off(recipe: Path, runs_dir: Path, home: Path, ending: object = None) -> str:
    """Make a run of a recipe that came to step 12 of 40."""
    run = new_run.create(load_recipe(recipe), runs_dir, home)
    state.enter(run, "train")
    with EventWriter(run.events("train")) as events:
        events.write(Started("train", 1))
        events.write(Step(12, 40, 1.0, 2.0, 1e-3, 1.0, 100.0, 10**9, 120.0))
        events.write(Stopped(12))
    return run.id


def test_the_empty_state_says_what_to_do(ui, at, runs_dir):
    words = ("No project yet. Press n", "New project", "Sample: customer service", "Open a recipe", "cores")

    async def test():
        async with started(ui, runs_dir) as pilot:
            async for size in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                text = ui.text(pilot.app)
                assert "Recent" not in text
                assert all(len(line.rstrip()) <= size[0] for line in text.splitlines())
                assert "Resume" not in text, "there is nothing to resume"

    ui.run(test)


def test_ascii_terminals_get_ascii(ui, at, runs_dir, tiny_recipe, home):
    break_off(tiny_recipe, runs_dir, home)

    async def test():
        async with started(ui, runs_dir, signs=ASCII) as pilot:
            shown = ui.text(pilot.app)
            assert shown.isascii()
            assert "12 of 40" in shown

    ui.run(test)


def test_a_sample_becomes_a_project_in_this_folder(ui, at, runs_dir, home):
    async def test():
        async with started(ui, runs_dir) as pilot:
            await pilot.press("j", "enter")
            await ui.wait_until(pilot, project_shown(pilot))
            assert pilot.app.screen.recipe == at / "customer_service" / "recipe.yaml"
            assert pilot.app.screen.snapshot.recipe is not None
            assert [one.recipe for one in recent.read(home)] == [at / "customer_service" / "recipe.yaml"]
            await pilot.press("0")
            await ui.wait_until(pilot, lambda: "Recent projects" in ui.text(pilot.app))
            text = ui.text(pilot.app)
            assert "customer_service/recipe.yaml" in text
            assert "today" in text
            assert "No project yet" not in text

    ui.run(test)


def test_a_sample_in_a_folder_that_cannot_be_written(ui, at, runs_dir):
    (at / "healthcare").write_text("a file")

    async def test():
        async with started(ui, runs_dir) as pilot:
            await pilot.press("j", "j", "enter")
            await ui.wait_until(pilot, lambda: "cannot be made" in told(pilot))
            assert isinstance(pilot.app.screen, StartScreen)

    ui.run(test)


def test_a_stopped_training_is_first_and_opens_at_its_stage(ui, at, runs_dir, home, tiny_recipe):
    run_id = break_off(tiny_recipe, runs_dir, home)

    async def test():
        async with started(ui, runs_dir) as pilot:
            words = ("Broken off", run_id, "training stopped at 12 of 40", "Resume")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                pass
            await pilot.press("enter")
            await ui.wait_until(pilot, project_shown(pilot))
            assert pilot.app.screen.stage == Stage.TRAIN
            assert pilot.app.screen.recipe == tiny_recipe

    ui.run(test)


def test_a_running_training_is_attached_with_enter(ui, at, runs_dir, home, tiny_recipe, fake_worker, wait_until):
    run = new_run.create(load_recipe(tiny_recipe), runs_dir, home)
    fake_worker("endless")
    launch.start(run, "train")
    wait_until(lambda: state.summary(run).latest.total)

    async def test():
        async with started(ui, runs_dir) as pilot:
            text = ui.text(pilot.app)
            assert "Running" in text
            assert run.id in text
            assert "left" in text
            assert "Resume" not in text, "it runs: there is nothing to resume"
            await pilot.press("enter")
            await ui.wait_until(pilot, project_shown(pilot))
            assert pilot.app.screen.stage == Stage.TRAIN
            await pilot.press("0")
            launch.stop(run)
            await ui.wait_until(pilot, lambda: "training stopped" in ui.text(pilot.app))

    ui.run(test)


def test_runs_of_recent_projects_are_found_wherever_they_are(ui, at, runs_dir, home, tiny_recipe, tmp_path):
    run_id = break_off(tiny_recipe, runs_dir, home)
    recent.remember(home, tiny_recipe, runs_dir)

    async def test():
        async with started(ui, at / "runs") as pilot:
            assert run_id in ui.text(pilot.app)
            await pilot.press("enter")
            await ui.wait_until(pilot, project_shown(pilot))
            assert pilot.app.screen.runs_dir == runs_dir

    ui.run(test)


def test_a_project_whose_runs_folder_is_gone_has_its_runs_where_all_others_are(
    ui, at, runs_dir, home, tiny_recipe, tmp_path
):
    run_id = break_off(tiny_recipe, runs_dir, home)
    recent.remember(home, tiny_recipe, tmp_path / "gone")

    async def test():
        async with started(ui, runs_dir) as pilot:
            assert "runs in" not in ui.text(pilot.app)
            await pilot.press("down", "enter")
            await ui.wait_until(pilot, project_shown(pilot))
            assert pilot.app.screen.snapshot.run.id == run_id

    ui.run(test)


def test_a_project_with_runs_elsewhere_says_where(ui, at, runs_dir, home, tiny_recipe):
    elsewhere = at / "experiments" / "runs-of-last-year"
    elsewhere.mkdir(parents=True)
    recent.remember(home, tiny_recipe, elsewhere)

    async def test():
        async with started(ui, runs_dir) as pilot:
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "runs in", "last-year", "recipe.yaml")):
                pass

    ui.run(test)


def test_r_goes_on_with_the_run_whose_row_says_so(ui, at, runs_dir, home, tiny_recipe, monkeypatch):
    other = tiny_recipe.with_name("other.yaml")
    other.write_text(tiny_recipe.read_text())
    older, newer = break_off(tiny_recipe, runs_dir, home), break_off(other, runs_dir, home)
    resumed = []
    monkeypatch.setattr(train_work, "go_on", lambda run, home: resumed.append(run.id) or train_work.Outcome())

    async def test():
        async with started(ui, runs_dir) as pilot:

            def marked() -> str:
                return "".join(line for line in ui.text(pilot.app).splitlines()[:-1] if "r Resume" in line)

            await ui.wait_until(pilot, lambda: newer in marked() and older not in marked())
            await pilot.press("down", "down", "down")
            await ui.wait_until(pilot, lambda: newer in marked())
            await pilot.press("up", "up")
            await ui.wait_until(pilot, lambda: older in marked() and newer not in marked())
            await pilot.press("r")
            await ui.wait_until(pilot, project_shown(pilot))
            assert pilot.app.screen.stage == Stage.TRAIN
            await ui.wait_until(pilot, lambda: resumed == [older])

    ui.run(test)


def test_r_goes_on_with_an_evaluation_too(ui, at, runs_dir, home, tiny_recipe, monkeypatch):
    run = new_run.create(load_recipe(tiny_recipe), runs_dir, home)
    for stage, ending in (("train", Finished(1.0)), ("evaluate", Stopped(0))):
        state.enter(run, stage)
        with EventWriter(run.events(stage)) as happened:
            happened.write(Started(stage, 1))
            happened.write(ending)
    resumed = []
    monkeypatch.setattr(EvaluatePane, "_ask", lambda self, run, again: resumed.append(run.id))

    async def test():
        async with started(ui, runs_dir) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "evaluation stopped", "r Resume"))
            await pilot.press("r")
            await ui.wait_until(pilot, lambda: resumed == [run.id])
            assert pilot.app.screen.stage == Stage.EVALUATE

    ui.run(test)


def test_the_highlighted_row_can_be_read(ui, at, runs_dir, home, tiny_recipe):
    break_off(tiny_recipe, runs_dir, home)

    async def test():
        async with started(ui, runs_dir) as pilot:
            for theme in ("chatforge-dark", "chatforge-light"):
                pilot.app.theme = theme
                await pilot.pause()
                listed = pilot.app.screen.query_one(PlaceList)
                for at_row in (1, 4):
                    listed.highlighted = at_row
                    await pilot.pause()
                    row = listed.render_line(at_row)
                    words = [part for part in row if part.text.strip() and part.style.meta.get("option") == at_row]
                    assert len(words) > 2
                    for part in words:
                        assert contrast(part.style) > 4, (theme, part)

    ui.run(test)


def contrast(style: Style) -> float:
    """How well a text stands out, as WCAG counts it: 1 is not at all, 4.5 is what it asks for."""
    light, dark = sorted((_light(Color.from_rich_color(c)) for c in (style.color, style.bgcolor)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _light(color: Color) -> float:
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_enter_twice_opens_a_project_once(ui, at, runs_dir, home, tiny_recipe):
    recent.remember(home, tiny_recipe, runs_dir)

    async def test():
        async with started(ui, runs_dir) as pilot:
            for _ in range(3):
                pilot.app.post_message(events.Key("enter", "\r"))
            await ui.wait_until(pilot, project_shown(pilot))
            assert [type(screen) for screen in pilot.app.screen_stack].count(ForgeScreen) == 1

    ui.run(test)


def test_a_run_whose_recipe_is_gone_says_so(ui, at, runs_dir, home, tiny_recipe):
    break_off(tiny_recipe, runs_dir, home)
    tiny_recipe.unlink()

    async def test():
        async with started(ui, runs_dir) as pilot:
            assert "its recipe is gone, training stopped" in ui.text(pilot.app)
            await ui.wait_until(pilot, ui.shows(pilot, "r Resume"))
            await pilot.press("r")
            await ui.wait_until(pilot, lambda: "works in a shell" in told(pilot))

    ui.run(test)


def test_a_recipe_that_vanished_meanwhile(ui, at, runs_dir, home, tiny_recipe):
    recent.remember(home, tiny_recipe, runs_dir)

    async def test():
        async with started(ui, runs_dir) as pilot:
            tiny_recipe.unlink()
            await pilot.press("enter")
            await ui.wait_until(pilot, lambda: "No project yet" in ui.text(pilot.app))
            assert "is gone" in told(pilot)

    ui.run(test)


def test_recipes_lying_in_this_folder_are_offered(ui, at, runs_dir, tiny_recipe):
    (at / "recipes").mkdir()
    (at / "recipes" / "shop.yaml").write_text(f"data:\n  train: {tiny_recipe.parent}/train.jsonl\n")
    (at / "other.yaml").write_text("services: {}\n")

    async def test():
        async with started(ui, runs_dir) as pilot:
            text = ui.text(pilot.app)
            assert "Recipes in this folder" in text
            assert "recipes/shop.yaml" in text
            assert "other" not in text
            await pilot.press("enter")
            await ui.wait_until(pilot, project_shown(pilot))

    ui.run(test)


def test_a_new_project_from_a_file_of_dialogues(ui, at, runs_dir, write_conversations):
    write_conversations(at / "shop.jsonl", 12)

    async def test():
        async with started(ui, runs_dir) as pilot:
            await pilot.press("n")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, NewProject))
            pilot.app.screen.query_one("#train", Input).value = "shop.jsonl"
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "12 conversations", "makes shop/recipe.yaml")):
                pass
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, project_shown(pilot))
            assert pilot.app.screen.recipe == at / "shop" / "recipe.yaml"
            assert pilot.app.screen.snapshot.recipe.data.train == [at / "shop" / "../shop.jsonl"]

    ui.run(test)


def test_files_that_hold_no_dialogues(ui, at, runs_dir):
    bad = {
        "": "the file is empty",
        "not json\n": "no conversation in it",
        '{"messages": []}\n': "no conversation in it",
        '{"messages": "\\u001b[31m[bold]x"}\n': "no conversation in it",
    }
    for number, content in enumerate(bad):
        (at / f"bad{number}.jsonl").write_text(content)

    async def test():
        async with started(ui, runs_dir) as pilot:
            for name, said in {"none": "file", **{f"bad{i}": said for i, said in enumerate(bad.values())}}.items():
                await pilot.press("n")
                await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, NewProject))
                pilot.app.screen.query_one("#train", Input).value = f"{name}.jsonl"
                shown = pilot.app.screen.query_one("#found")
                await ui.wait_until(pilot, lambda said=said, shown=shown: said in str(shown.render()))
                await pilot.press("ctrl+n")
                assert isinstance(pilot.app.screen, NewProject)
                await pilot.press("escape")
                await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, StartScreen))
            assert not list(at.glob("*/recipe.yaml"))

    ui.run(test)


def test_a_new_project_never_takes_the_place_of_one(ui, at, runs_dir, write_conversations):
    write_conversations(at / "shop.jsonl", 3)
    (at / "shop").mkdir()
    (at / "shop" / "recipe.yaml").write_text("mine")

    async def test():
        async with started(ui, runs_dir) as pilot:
            await pilot.press("n")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, NewProject))
            pilot.app.screen.query_one("#train", Input).value = "shop.jsonl"
            await ui.wait_until(pilot, lambda: "is there already" in ui.text(pilot.app))
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: "there is a project already" in ui.text(pilot.app))
            pilot.app.screen.query_one("#name", Input).value = "a/b"
            await ui.wait_until(pilot, lambda: "cannot be a folder's name" in ui.text(pilot.app))
            assert (at / "shop" / "recipe.yaml").read_text() == "mine"

    ui.run(test)


def test_any_recipe_can_be_opened(ui, at, runs_dir, tiny_recipe):
    async def test():
        async with started(ui, runs_dir) as pilot:
            await pilot.press("o")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, PickFile))
            pilot.app.screen.query_one(Input).value = str(tiny_recipe)
            await pilot.press("enter")
            await ui.wait_until(pilot, project_shown(pilot))
            assert pilot.app.screen.recipe == tiny_recipe

    ui.run(test)


def test_a_click_points_and_a_second_one_opens(ui, at, runs_dir):
    async def test():
        async with started(ui, runs_dir) as pilot:
            listed = pilot.app.screen.query_one(PlaceList)
            await pilot.click(PlaceList, offset=(6, 3))
            assert listed.chosen == "sample-healthcare"
            assert isinstance(pilot.app.screen, StartScreen)
            await pilot.click(PlaceList, offset=(6, 3), times=2)
            await ui.wait_until(pilot, project_shown(pilot))

    ui.run(test)


def test_hostile_names_do_no_harm(ui, at, runs_dir, home):
    folder = at / "[bold]\x1b[31mx[i]"
    folder.mkdir()
    (folder / "recipe.yaml").write_text("data:\n")
    recent.remember(home, folder / "recipe.yaml", runs_dir)

    async def test():
        async with started(ui, runs_dir) as pilot:
            text = ui.text(pilot.app)
            assert "[bold]x[i]" in text
            assert "\x1b" not in text

    ui.run(test)


def test_a_home_that_cannot_be_written_stops_nobody(ui, at, runs_dir, home, tiny_recipe):
    home.write_text("a file")

    async def test():
        async with started(ui, runs_dir) as pilot:
            pilot.app.open_project(tiny_recipe)
            await ui.wait_until(pilot, lambda: "not remembered" in told(pilot))

    ui.run(test)


def test_the_app_opens_at_a_recipe(ui, at, runs_dir, tiny_recipe):
    async def test():
        app = ChatForge(runs_dir=runs_dir, recipe=tiny_recipe, signs=UNICODE)
        async with app.run_test(size=(80, 24)) as pilot:
            await ui.wait_until(pilot, project_shown(pilot))
            assert isinstance(app.screen_stack[-2], StartScreen)

    ui.run(test)


def test_proposed_names(tmp_path):
    assert proposed_name(tmp_path / "Bank 2024.jsonl") == "Bank-2024"
    (tmp_path / "shop").mkdir()
    assert proposed_name(tmp_path / "shop" / "train.jsonl") == "shop"
    assert proposed_name(tmp_path / "äöü.jsonl") == "my-bot"


def test_a_first_look_counts_what_cannot_be_used(tmp_path, write_conversations):
    path = write_conversations(tmp_path / "a.jsonl", 3)
    path.write_text(path.read_text() + "{}\n" + json.dumps({"messages": []}) + "\n")
    assert first_look(path) == ("3 conversations, 2 lines cannot be used", "")


def test_times_and_paths_as_people_say_them(tmp_path, monkeypatch):
    noon = 1_795_000_000.0
    assert _day_text(noon, noon).startswith("today")
    assert _day_text(noon - 24 * 3600, noon).startswith("yesterday")
    assert "today" not in _day_text(noon - 400 * 24 * 3600, noon)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert short(tmp_path / "a" / "b.yaml", tmp_path / "a") == "b.yaml"
    assert short(tmp_path / "c.yaml", tmp_path / "a") == "~/c.yaml"
