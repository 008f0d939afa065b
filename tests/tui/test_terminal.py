"""The app in a real terminal: leaving it in any way stops nothing, and coming back shows everything."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.project import new_run
from chatforge.recipe.files import load_recipe
from chatforge.runs import launch, state
from chatforge.runs.folder import RunFolder

pytestmark = pytest.mark.terminal


@pytest.fixture
def training(project: Path, runs_dir: Path, home: Path, fake_worker: Callable[[str], None]) -> RunFolder:
    """A run of the project whose (made-up) training never ends by itself."""
    run = new_run.create(load_recipe(project), runs_dir, home)
    fake_worker("endless")
    launch.start(run, "train", wait_seconds=30)
    return run


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_killed_and_opened_again_it_shows_everything(terminal, project: Path, training: RunFolder, size) -> None:
    words = ("app", str(project), "--runs", str(training.path.parent))
    with terminal(*words, size=size) as app:
        app.wait_for("4 Train", "step")
        app.child.kill(9)
        app.child.wait()
    assert state.status(training) == "running"
    with terminal(*words, size=size) as app:
        app.wait_for("4 Train", "step", "training")
    assert state.status(training) == "running"  # the terminal was closed with the app in it


def test_detaching_says_how_to_come_back(terminal, project: Path, training: RunFolder) -> None:
    with terminal("app", str(project), "--runs", str(training.path.parent)) as app:
        app.wait_for("4 Train", "step")
        app.press("d")
        app.wait_until(lambda text: "chatforge attach" in text or not app.child.isalive(), "the way back")
        assert f"chatforge attach {training.id}" in app.text()
    assert state.status(training) == "running"


def test_stopping_asks_and_saves(terminal, project: Path, training: RunFolder, wait_until) -> None:
    with terminal("app", str(project), "--runs", str(training.path.parent)) as app:
        app.wait_for("4 Train", "step")
        app.press("s")
        app.wait_for("Keep training", "Stop and save")
        app.press("\x1b")  # escape keeps it
        app.wait_until(lambda text: "Keep training" not in text, "the question gone")
        assert state.status(training) == "running"
        app.press("s")
        app.wait_for("Stop and save")
        app.press("s")
        wait_until(lambda: state.status(training) == "stopped")
        app.wait_for("stopped", "Resume")


def test_without_colour_and_in_ascii_everything_is_told(
    terminal, project: Path, training: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("CHATFORGE_ASCII", "1")
    with terminal("app", str(project), "--runs", str(training.path.parent)) as app:
        shown = app.wait_for("4 Train", "step", "training")
        assert shown.isascii()


def test_chatforge_alone_opens_the_list_of_projects(terminal, tmp_path: Path) -> None:
    with terminal(cwd=tmp_path) as app:
        app.wait_for("ChatForge", "New project", "Sample")
        app.press("\x11")  # ctrl+q
        app.wait_until(lambda _: not app.child.isalive(), "the end")
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "home"])  # nothing is written by looking
