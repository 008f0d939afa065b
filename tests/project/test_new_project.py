"""New projects and samples: recipes that load, and nothing is ever written over."""

from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.project.new_project import SAMPLES, new_project, sample_project
from chatforge.recipe.files import load_recipe


def test_a_new_project_has_a_recipe_that_loads(tmp_path, write_conversations):
    train = write_conversations(tmp_path / "dialogues.jsonl", 12)
    recipe = new_project(tmp_path, "My bot", train)
    assert recipe == tmp_path / "My bot" / "recipe.yaml"
    loaded = load_recipe(recipe)
    assert loaded.recipe.data.train == [recipe.parent / "../dialogues.jsonl"]
    assert loaded.recipe.name == "My-bot"
    assert "../dialogues.jsonl" in loaded.text, "the whole folder can be moved"


def test_data_elsewhere_is_named_by_its_whole_path(tmp_path, write_conversations):
    (tmp_path / "work").mkdir()
    train = write_conversations(tmp_path / "dialogues.jsonl", 12)
    recipe = new_project(tmp_path / "work", "shop", train)
    assert load_recipe(recipe).recipe.data.train == [train]


def test_a_project_is_never_written_over(tmp_path, write_conversations):
    train = write_conversations(tmp_path / "dialogues.jsonl", 12)
    recipe = new_project(tmp_path, "shop", train)
    recipe.write_text("mine")
    with pytest.raises(UserError, match="there is a project already"):
        new_project(tmp_path, "shop", train)
    assert recipe.read_text() == "mine"


@pytest.mark.parametrize("name", ["", "..", "../up", "a/b", "-x", " x", "x.", "a\x1b[31m", "x" * 99, "ä\u202e"])
def test_names_that_are_no_folder(tmp_path, name):
    with pytest.raises(UserError, match="cannot be a folder's name"):
        new_project(tmp_path, name, tmp_path / "x.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "shop").write_text("a file")
    with pytest.raises(UserError, match="the folder cannot be made"):
        new_project(tmp_path, "shop", tmp_path / "x.jsonl")


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_complete_projects(tmp_path, name):
    recipe, made = sample_project(name, tmp_path)
    assert made
    loaded = load_recipe(recipe)
    data, facts = loaded.recipe.data, loaded.recipe.evaluation.facts
    assert facts
    files = [*data.train, *data.valid, *data.test, facts]
    assert files
    assert all(path.is_file() and path.is_relative_to(tmp_path / name) for path in files)
    assert loaded.recipe.name == name.replace("_", "-")
    assert "recipes/" not in loaded.text


def test_a_sample_that_is_there_stays_as_it_is(tmp_path):
    recipe, _ = sample_project("healthcare", tmp_path)
    recipe.write_text("mine")
    (recipe.parent / "data" / "train.jsonl").write_text("mine, too")
    again, made = sample_project("healthcare", tmp_path)
    assert (again, made) == (recipe, False)
    assert recipe.read_text() == "mine"


def test_samples_are_found_inside_an_installed_package(tmp_path, monkeypatch):
    package = tmp_path / "chatforge"
    shipped = package / "shipped"
    (shipped / "data" / "healthcare").mkdir(parents=True)
    (shipped / "recipes").mkdir()
    (shipped / "recipes" / "healthcare.yaml").write_text("data:\n  train: ../data/healthcare/train.jsonl\n")
    (shipped / "data" / "healthcare" / "train.jsonl").write_text("{}\n")
    monkeypatch.setattr("chatforge.included.chatforge.__file__", str(package / "__init__.py"))
    recipe, _ = sample_project("healthcare", tmp_path)
    assert "train: data/train.jsonl" in recipe.read_text()
    monkeypatch.setattr("chatforge.included.chatforge.__file__", str(tmp_path / "none" / "__init__.py"))
    with pytest.raises(UserError, match="not part of this installation"):
        sample_project("customer_service", Path(tmp_path, "else"))
