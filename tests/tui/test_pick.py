"""Choosing a file: typed, pasted, completed, walked to; what cannot be chosen is said beside the field."""

from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from chatforge.tui.modals.pick import FilteredTree, PickFile, as_path


class Ask(App[None]):
    """Asks for a file at once and keeps the answer."""

    def __init__(self, start: Path, suffixes: tuple[str, ...]) -> None:
        super().__init__()
        self.modal = PickFile("A file", start, suffixes)
        self.answers: list[Path | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.modal, self.answers.append)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """a.jsonl, notes.txt, .hidden.jsonl and sub/deep.jsonl."""
    home = tmp_path / "home"
    (home / "sub").mkdir(parents=True)
    for name in ("a.jsonl", "notes.txt", ".hidden.jsonl", "sub/deep.jsonl"):
        (home / name).write_text("x")
    return home


async def paste(pilot: Pilot[Any], text: str) -> None:
    field = pilot.app.screen.query_one(Input)
    field.value = text
    field.cursor_position = len(text)
    await pilot.pause()


def error(app: Ask) -> str:
    return str(app.modal.query_one(".error").render())


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_path_that_is_typed_is_completed_and_chosen(ui: Any, folder: Path, size: tuple[int, int]) -> None:
    async def test() -> None:
        app = Ask(folder, (".jsonl",))
        async with app.run_test(size=size) as pilot:
            await pilot.press("s")
            await ui.wait_until(pilot, lambda: app.modal.query_one(Input)._suggestion)
            await pilot.press("tab")
            assert app.modal.query_one(Input).value == "sub/"
            await pilot.press("d")
            await ui.wait_until(pilot, lambda: app.modal.query_one(Input)._suggestion)
            await pilot.press("right", "enter")
            assert app.answers == [folder / "sub" / "deep.jsonl"]

    ui.run(test)


def test_enter_takes_the_completion_that_is_on_display(ui: Any, folder: Path) -> None:
    async def test() -> None:
        app = Ask(folder, (".jsonl",))
        async with app.run_test(size=(80, 24)) as pilot:
            field = app.modal.query_one(Input)

            async def shows(whole: str) -> None:
                await ui.wait_until(pilot, lambda: field._suggestion == whole)

            await pilot.press("s")
            await shows("sub/")
            await pilot.press("enter")
            assert (field.value, error(app), app.answers) == ("sub/", "", []), "a folder is gone into, not chosen"
            await shows("sub/deep.jsonl")
            await pilot.press("d", "e")
            await shows("sub/deep.jsonl")
            await pilot.press("enter")
            await ui.wait_until(pilot, lambda: app.answers)
            assert app.answers == [folder / "sub" / "deep.jsonl"]

    ui.run(test)


def test_a_name_that_is_there_is_chosen_whatever_would_complete_it(ui: Any, folder: Path) -> None:
    (folder / "a.jsonl.jsonl").write_text("x")

    async def test() -> None:
        app = Ask(folder, (".jsonl",))
        async with app.run_test(size=(80, 24)) as pilot:
            await paste(pilot, "a.jsonl")
            await pilot.press("enter")
            assert app.answers == [folder / "a.jsonl"]

    ui.run(test)


def test_what_cannot_be_chosen_is_said_and_typing_on_takes_it_back(ui: Any, folder: Path) -> None:
    async def test() -> None:
        app = Ask(folder / "missing" / "x", (".jsonl",))
        async with app.run_test(size=(80, 24)) as pilot:
            wrong = {
                "": "type or paste",
                "none.jsonl": "there is no file",
                "./..": "is a folder",
                "notes.txt": ".jsonl",
            }
            for text, words in {**wrong, "a" * 5000: "cannot be opened", "a\x00b": "cannot be opened"}.items():
                await paste(pilot, text)
                await pilot.press("enter")
                assert words in error(app), text[:20]
            await pilot.press("z")
            assert error(app) == ""
            await pilot.press("escape")
            assert app.answers == [None]

    ui.run(test)


def test_the_tree_shows_folders_and_fitting_files_and_enter_chooses(ui: Any, folder: Path) -> None:
    async def test() -> None:
        (folder / "\x1b[31m[bold]evil.jsonl").write_text("x")
        app = Ask(folder, (".jsonl",))
        async with app.run_test(size=(80, 24)) as pilot:
            tree = app.modal.query_one(FilteredTree)
            await ui.wait_until(pilot, lambda: len(tree.root.children) == 3)
            assert [str(node.label) for node in tree.root.children] == ["sub", "[bold]evil.jsonl", "a.jsonl"]
            assert "\x1b" not in ui.text(app)
            await pilot.press("tab", "down", "down", "down")
            assert app.modal.query_one(Input).value == str(folder / "a.jsonl")
            await pilot.press("enter")
            await ui.wait_until(pilot, lambda: app.answers)
            assert app.answers == [folder / "a.jsonl"]

    ui.run(test)


def test_without_endings_every_file_and_folder_can_be_chosen_and_backspace_goes_up(ui: Any, folder: Path) -> None:
    async def test() -> None:
        app = Ask(folder / "sub", ())
        async with app.run_test(size=(80, 24)) as pilot:
            tree = app.modal.query_one(FilteredTree)
            await pilot.press("tab", "backspace")
            await ui.wait_until(pilot, lambda: tree.path == folder)
            await paste(pilot, "..")
            await pilot.press("ctrl+n")
            assert [path.resolve() for path in app.answers if path] == [folder]

    ui.run(test)


def test_pasted_paths_in_the_ways_of_terminals(folder: Path) -> None:
    spaced = folder / "my talks.jsonl"
    spaced.write_text("x")
    for text in (f"'{spaced}'", f'"{spaced}" ', f"file://{spaced}", str(spaced).replace(" ", "\\ "), "my talks.jsonl"):
        assert as_path(text, folder) == spaced
    assert as_path("~nobody-here/x", folder).name == "x"
