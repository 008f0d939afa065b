import tomllib
from pathlib import Path

import pytest
from textual import events
from textual.dom import DOMNode
from textual.widgets import ContentSwitcher, Input, RichLog

from chatforge.project import new_run
from chatforge.project.stages import ORDER, Stage, Status
from chatforge.recipe.files import load_recipe
from chatforge.tui import app as app_module
from chatforge.tui import forge, keys
from chatforge.tui.app import ChatForge
from chatforge.tui.modals.jump import Jump
from chatforge.tui.modals.question import Question
from chatforge.tui.signs import ASCII, UNICODE, choose
from chatforge.tui.stage import StagePane
from chatforge.tui.start import StartScreen
from chatforge.tui.widgets.frame import Head
from chatforge.tui.widgets.rail import Rail, Strip


def test_every_stage_is_in_sight_with_its_mark(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir) as pilot:
            async for size in ui.at_sizes(pilot, ui.shows(pilot, "$ chatforge"), (80, 24), (120, 40), (60, 20)):
                shown = ui.text(pilot.app)
                wide = size[0] >= 100
                assert pilot.app.screen.query_one(Rail).display == wide
                assert pilot.app.screen.query_one(Strip).display != wide
                for number, stage in enumerate(ORDER, 1):
                    assert (f"{number} {stage.title()}" if wide else f"{number}") in shown
                assert max(len(line) for line in shown.splitlines()) <= size[0]

    ui.run(test)


def test_digits_go_to_stages_and_locked_ones_say_why(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.DATA) as pilot:
            screen = pilot.app.screen
            screen.pane.focus()
            await pilot.press("3")
            assert screen.stage == Stage.ADAPT
            screen.pane.focus()
            await pilot.press("5")
            assert screen.stage == Stage.ADAPT
            assert "nothing is trained yet" in " ".join(n.message for n in pilot.app._notifications)

    ui.run(test)


def test_a_stage_is_made_once_and_kept(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.DATA) as pilot:
            screen = pilot.app.screen
            first = screen.pane
            await screen.action_go("adapt")
            await screen.action_go("data")
            assert screen.pane is first
            assert len(screen.query_one(ContentSwitcher).children) == 2

    ui.run(test)


def test_an_edit_is_written_with_comments_kept_and_shown(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.ADAPT) as pilot:
            screen = pilot.app.screen
            screen.pane.post_message(StagePane.Edit({"adaptation.lora_r": 8}))
            await ui.wait_until(pilot, lambda: screen.snapshot.recipe.adaptation.lora_r == 8)
            assert "lora_r: 8 # small" in " ".join(project.read_text().split())
            assert project.read_text().startswith("# A small shop.")

    ui.run(test)


def test_a_change_outside_is_noticed(ui, project, runs_dir, monkeypatch):
    monkeypatch.setattr(forge, "WATCH_SECONDS", 0.05)

    async def test():
        async with ui.forge(project, runs_dir) as pilot:
            screen = pilot.app.screen
            await ui.wait_until(pilot, lambda: screen.snapshot)
            project.write_text(project.read_text().replace("lora_r: 4", "lora_r: nine"))
            await ui.wait_until(pilot, lambda: screen.snapshot.problems)
            assert screen.snapshot.problems[0].field == "adaptation.lora_r"

    ui.run(test)


def test_a_recipe_that_is_gone_is_told(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.DATA) as pilot:
            screen = pilot.app.screen
            project.unlink()
            screen._look()
            await ui.wait_until(pilot, lambda: screen.snapshot.problems)

    ui.run(test)


def test_jump_mode_reaches_stages_and_widgets(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.ADAPT) as pilot:
            screen = pilot.app.screen
            await ui.wait_until(pilot, ui.shows(pilot, "Preset", "Method"))
            await pilot.press("ctrl+o")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Jump))
            await ui.wait_until(pilot, ui.shows(pilot, "Jump to", " a ", "Preset", "Method"))  # the page stays in sight
            await pilot.press("2")
            await ui.wait_until(pilot, lambda: pilot.app.screen is screen and screen.stage == Stage.DATA)
            await pilot.press("ctrl+o")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Jump))
            await pilot.press("a")
            await ui.wait_until(pilot, lambda: pilot.app.screen is screen and screen.focused is not None)
            await pilot.press("ctrl+o")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Jump))
            await pilot.press("escape")
            await ui.wait_until(pilot, lambda: pilot.app.screen is screen)
            assert screen.stage == Stage.DATA

    ui.run(test)


def test_the_command_is_copied(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.ADAPT) as pilot:
            await pilot.press("ctrl+g")
            assert pilot.app.clipboard == pilot.app.screen.pane.command()

    ui.run(test)


def test_help_opens_and_closes(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.ADAPT) as pilot:
            await pilot.press("f1")
            assert pilot.app.screen.query("HelpPanel")
            words = ("✓ done", "■ stopped", "! out of date", "Measure")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                pass
            await pilot.press("f1")
            assert not pilot.app.screen.query("HelpPanel")

    ui.run(test)


def test_resizing_keeps_what_is_there(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.ADAPT) as pilot:
            await ui.wait_until(pilot, lambda: "(•) lora" in ui.text(pilot.app))
            focused = pilot.app.screen.pane.query_one("Field Input")
            focused.focus()
            for sizes, words in (
                (((80, 24), (200, 60), (120, 40)), ("(•) lora", "Next: Train", "chatforge recipe explain")),
                (((40, 12),), ("Next: Train",)),
                (((80, 24), (120, 40)), ("(•) lora", "Next: Train", "chatforge recipe explain")),
            ):
                async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words), *sizes):
                    assert pilot.app.screen.focused is focused

    ui.run(test)


def test_quitting_asks_only_if_something_would_be_lost(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.ADAPT) as pilot:
            pilot.app.screen.pane.unsaved = lambda: "a correction is not saved"
            await pilot.press("ctrl+q")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Question))
            assert "a correction is not saved" in ui.text(pilot.app)
            assert "> s  Stay" in ui.text(pilot.app)
            assert "esc: Stay" in ui.text(pilot.app)
            await pilot.press("down")
            await ui.wait_until(pilot, ui.shows(pilot, "> q  Quit all the same", "  s  Stay"))
            await pilot.press("up", "enter")  # the safe answer has the focus
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, forge.ForgeScreen))
            pilot.app.screen.pane.unsaved = lambda: None
            await pilot.press("ctrl+q")
            await ui.wait_until(pilot, lambda: not pilot.app.is_running)

    ui.run(test)


def at_once(pilot, *keys):
    """Press keys before the first of them has been answered."""
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))


def test_keys_right_behind_an_answer_close_nothing_more(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.ADAPT) as pilot:
            pilot.app.screen.pane.unsaved = lambda: "a correction is not saved"
            pilot.app.screen.pane.focus()
            await pilot.press("0")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Question))
            at_once(pilot, "g", "g", "escape", "g")
            await ui.wait_until(pilot, lambda: not isinstance(pilot.app.screen, Question | forge.ForgeScreen))
            await pilot.pause()
            assert isinstance(pilot.app.screen, StartScreen)

    ui.run(test)


def test_leaving_a_project_twice_leaves_it_once(ui, project, runs_dir):
    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.ADAPT) as pilot:
            screen = pilot.app.screen
            screen.pane.focus()
            at_once(pilot, "0", "0", "0")
            await ui.wait_until(pilot, lambda: not isinstance(pilot.app.screen, forge.ForgeScreen))
            screen.action_start()  # a key that was on its way to it all the time
            await pilot.pause()
            await pilot.pause()
            assert isinstance(pilot.app.screen, StartScreen)

    ui.run(test)


def test_in_ascii_the_frame_is_drawn_with_ascii_only(ui, project, runs_dir):
    """What the stages draw is looked at in their own tests."""

    async def test():
        async with ui.forge(project, runs_dir, signs=ASCII) as pilot:
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "$ chatforge")):
                assert not {sign for sign in ui.text(pilot.app) if ord(sign) > 126}

    ui.run(test)


def test_no_mark_of_ascii_looks_like_another_thing():
    assert ASCII.marks[Status.DONE] == ASCII.yes == "+"
    assert ASCII.marks[Status.FAILED] == "x"
    for signs in (UNICODE, ASCII):
        assert len(set(signs.marks.values())) == len(Status)


def test_runs_are_told_apart_where_there_is_little_room(ui, project, runs_dir, home):
    long = project.with_name("a-name-that-takes-much-room.yaml")
    long.write_text(project.read_text())
    run = new_run.create(load_recipe(long), runs_dir, home)

    async def test():
        async with ui.forge(long, runs_dir, stage=Stage.ADAPT, size=(80, 24)) as pilot:
            head = pilot.app.screen.query_one(Head)
            for width in (80, 64):
                await pilot.resize_terminal(width, 24)
                await ui.wait_until(pilot, lambda: run.id[-6:] in ui.text(pilot.app).splitlines()[head.region.y])
            await pilot.resize_terminal(160, 40)
            await ui.wait_until(pilot, ui.shows(pilot, f"{long.stem}   run {run.id}"))

    ui.run(test)


def test_what_is_said_in_passing_is_short_and_one_at_a_time_on_a_small_screen(ui, runs_dir):
    async def test():
        app = ChatForge(runs_dir=runs_dir)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            for word in ("one", "two", "three " * 60):
                app.notify(word, markup=False)
            await ui.wait_until(pilot, lambda: len(app.screen.query("Toast")) == 3)
            await ui.wait_until(pilot, ui.shows(pilot, "three"))
            assert "one" not in ui.text(app)
            assert "two" not in ui.text(app)
            lines = ui.text(app).splitlines()
            assert not any("three" in line for line in lines[-7:]), "there one types"
            assert [round(one.timeout, 1) for one in app._notifications] == [2.1, 2.1, 6.0]

    ui.run(test)


@pytest.mark.parametrize("kept", [True, False])
def test_a_screenshot_is_saved_also_without_a_folder_of_downloads(ui, runs_dir, tmp_path, monkeypatch, kept):
    downloads, here = tmp_path / "Downloads", tmp_path / "here"
    here.mkdir()
    if kept:
        downloads.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(app_module, "user_downloads_path", lambda: downloads)

    async def test():
        app = ChatForge(runs_dir=runs_dir)
        async with app.run_test() as pilot:
            app.action_screenshot("shot.svg")
            path = (downloads if kept else here) / "shot.svg"
            await ui.wait_until(pilot, path.exists)
            await ui.wait_until(pilot, lambda: any(str(path) in one.message for one in app._notifications))

    ui.run(test)


@pytest.mark.parametrize(
    ("environment", "encoding", "signs"),
    [
        ({}, "utf-8", UNICODE),
        ({}, "ANSI_X3.4-1968", ASCII),
        ({"CHATFORGE_ASCII": "1"}, "utf-8", ASCII),
        ({"CHATFORGE_ASCII": "0"}, "UTF-8", UNICODE),
    ],
)
def test_signs_follow_the_terminal(environment, encoding, signs):
    assert choose(environment, encoding) is signs


def test_theme_and_keys_come_from_the_settings_and_a_chosen_theme_is_kept(ui, home: Path, runs_dir):
    home.mkdir()
    (home / "config.toml").write_text('theme = "chatforge-light"\n\n[keys]\n"quit" = "f10"\n')

    async def test():
        app = ChatForge(runs_dir=runs_dir)
        async with app.run_test() as pilot:
            assert app.theme == "chatforge-light"
            app.theme = "nord"
            await ui.wait_until(pilot, lambda: 'theme = "nord"' in (home / "config.toml").read_text())
            assert '"quit" = "f10"' in (home / "config.toml").read_text()
            await pilot.press("f10")
            await ui.wait_until(pilot, lambda: not app.is_running)

    ui.run(test)


@pytest.mark.parametrize(
    "content", ["theme = 3", "keys = 7", "not toml [", 'color = "red"', 'theme = "no-such-theme"', "\x00\xff"]
)
def test_settings_that_cannot_be_used_are_told_and_stop_nothing(ui, home: Path, runs_dir, content):
    home.mkdir()
    (home / "config.toml").write_bytes(content.encode("latin-1"))

    async def test():
        app = ChatForge(runs_dir=runs_dir)
        async with app.run_test() as pilot:
            await pilot.pause()
            assert len(app._notifications) == 1
            assert app.theme == "chatforge-dark"

    ui.run(test)


def test_a_key_that_is_none_is_told_and_the_menu_shows_all(ui, home: Path, runs_dir):
    home.mkdir()
    (home / "config.toml").write_text('[keys]\n"jum" = "f9"\n"menu" = "f8"\n')

    async def test():
        app = ChatForge(runs_dir=runs_dir)
        async with app.run_test(size=(80, 24)) as pilot:
            await ui.wait_until(pilot, lambda: bool(app._notifications))
            assert "no key 'jum': did you mean `jump`?" in next(iter(app._notifications)).message
            app.action_keys()
            await ui.wait_until(pilot, ui.shows(pilot, "To change a key", "[keys]", '"adapt.measure" = "m"'))
            text = "\n".join(keys.file(home / "config.toml", {"menu": "f8"}))
            assert tomllib.loads(text)["keys"]["menu"] == "f8", "it can be copied as it stands"
            assert str(home / "config.toml") in text
            assert "# Read\n" not in text
            log = app.screen.query_one(RichLog)
            await ui.wait_until(pilot, lambda: log.max_scroll_y > 0)
            await pilot.press("G")
            await ui.wait_until(pilot, ui.shows(pilot, '"train.zoom" = "z"', "# Fill the screen with the chart"))

    ui.run(test)


def test_no_two_keys_of_one_id_do_different_things():
    """What config.toml changes by one name is one thing."""
    found: dict[str, set[str]] = {}
    keys.known()
    for binding in keys._bindings(DOMNode):
        if binding.id:
            found.setdefault(binding.id, set()).add(binding.action)
    assert {name: actions for name, actions in found.items() if len(actions) > 1} == {}


def test_keys_are_noticed_also_where_a_field_keeps_them(ui, project, runs_dir):
    """Garbage is taken away only while nobody types."""

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.ADAPT) as pilot:
            await ui.wait_until(pilot, lambda: pilot.app.screen.focused is not None)
            await pilot.app.screen.mount(field := Input())
            field.focus()
            await ui.wait_until(pilot, lambda: pilot.app.screen.focused is field)
            before = pilot.app._typed
            await pilot.press("a")
            await ui.wait_until(pilot, lambda: field.value == "a")
            assert pilot.app._typed > before

    ui.run(test)
