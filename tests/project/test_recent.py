"""Recent projects: newest first, gone ones left out, damage does no harm."""

import json
from pathlib import Path

import pytest

from chatforge.project import recent


@pytest.fixture
def recipes(tmp_path: Path) -> list[Path]:
    found = [tmp_path / f"{name}.yaml" for name in ("a", "b", "c")]
    for path in found:
        path.write_text("data:\n")
    return found


def test_newest_first_and_each_once(home, recipes, tmp_path):
    for t, recipe in enumerate([*recipes, recipes[0]]):
        recent.remember(home, recipe, tmp_path / "runs", now=float(t))
    found = recent.read(home)
    assert [one.recipe.stem for one in found] == ["a", "c", "b"]
    assert found[0].opened == 3.0
    assert found[0].runs_dir == tmp_path / "runs"


def test_runs_are_looked_for_elsewhere_once_their_folder_is_gone(home, recipes, tmp_path):
    (tmp_path / "runs").mkdir()
    recent.remember(home, recipes[0], tmp_path / "runs")
    (one,) = recent.read(home)
    assert one.runs_in(tmp_path / "mine") == tmp_path / "runs"
    (tmp_path / "runs").rmdir()
    assert one.runs_in(tmp_path / "mine") == tmp_path / "mine"


def test_relative_paths_are_kept_absolute(home, recipes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recent.remember(home, Path("a.yaml"), Path("runs"))
    monkeypatch.chdir(home)
    (one,) = recent.read(home)
    assert (one.recipe, one.runs_dir) == (recipes[0], tmp_path / "runs")


def test_gone_ones_are_left_out_and_come_back(home, recipes, tmp_path):
    recent.remember(home, recipes[0], tmp_path)
    recipes[0].unlink()
    assert recent.read(home) == []
    recent.remember(home, recipes[1], tmp_path)
    recipes[0].write_text("data:\n")
    assert {one.recipe for one in recent.read(home)} == set(recipes[:2])


def test_only_so_many_are_kept(home, tmp_path):
    for i in range(recent.KEPT + 5):
        path = tmp_path / f"{i}.yaml"
        path.write_text("")
        recent.remember(home, path, tmp_path, now=float(i))
    found = recent.read(home)
    assert len(found) == recent.KEPT
    assert found[0].recipe.stem == str(recent.KEPT + 4)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"projects": 3}', '{"projects": [3, {}, {"recipe": 1}]}', "\x00\xff"]
)
def test_damage_is_nothing_remembered(home, text):
    home.mkdir()
    (home / recent.FILE).write_text(text)
    assert recent.read(home) == []


def test_a_damaged_row_leaves_the_others(home, recipes, tmp_path):
    recent.remember(home, recipes[0], tmp_path)
    data = json.loads((home / recent.FILE).read_text())
    data["projects"].append({"recipe": "/x"})
    (home / recent.FILE).write_text(json.dumps(data))
    assert [one.recipe for one in recent.read(home)] == [recipes[0]]


def test_nothing_is_written_before_something_is_opened(home):
    assert recent.read(home) == []
    assert not home.exists()
