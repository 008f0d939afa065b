"""What a recipe learns beside train: read also when something is wrong, and changed with nothing lost."""

from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.project import beside
from chatforge.project.editing import set_fields
from chatforge.recipe.files import load_recipe

RECIPE = """\
# mine
data:
  train: a.jsonl
  mix:
    - files: talks.jsonl  # from last year
      weight: 0.5
      system: You help.
  texts: guide.md
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    for name in ("a.jsonl", "talks.jsonl", "more.jsonl", "guide.md", "b.txt"):
        (tmp_path / name).write_text("{}\n")
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def test_it_is_read_as_it_is_written(recipe: Path, tmp_path: Path) -> None:
    found = beside.beside_of(recipe)
    assert found == beside.Beside((beside.Dataset(("talks.jsonl",), 0.5),), 0.0, ("guide.md",))
    assert found.datasets[0].name == "talks.jsonl"
    assert beside.beside_of(tmp_path / "none.yaml") == beside.Beside()
    recipe.write_text("data: {mix: [7, {files: [x, y], weight: no}], replay: many, texts: {}}\n")
    assert beside.beside_of(recipe) == beside.Beside((beside.Dataset(("x", "y"), 1.0),), 0.0, ())
    assert beside.beside_of(recipe).datasets[0].name == "x and 1 more"


def test_datasets_and_texts_come_and_go_and_the_rest_stays(recipe: Path, tmp_path: Path) -> None:
    set_fields(recipe, beside.with_dataset(recipe, tmp_path / "more.jsonl"))
    set_fields(recipe, beside.with_weight(recipe, 1, 2.0))
    set_fields(recipe, beside.with_text(recipe, tmp_path / "b.txt"))
    set_fields(recipe, beside.with_replay(0.1))
    data = load_recipe(recipe).recipe.data
    assert [(one.files[0].name, one.weight, one.system) for one in data.mix] == [
        ("talks.jsonl", 0.5, "You help."), ("more.jsonl", 2.0, None)
    ]  # fmt: skip
    assert ([path.name for path in data.texts], data.replay) == (["guide.md", "b.txt"], 0.1)
    assert "# from last year" in recipe.read_text() and "    - {files: more.jsonl, weight: 2}\n" in recipe.read_text()

    for fields in (beside.without_dataset(recipe, 1), beside.without_text(recipe, 1), beside.with_replay(0.0)):
        set_fields(recipe, fields)
    assert [line for line in recipe.read_text().splitlines() if line not in RECIPE.splitlines()] == ["  # replay: 0.1"]
    set_fields(recipe, beside.without_dataset(recipe, 0))
    assert beside.beside_of(recipe).datasets == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [("a.jsonl", "in train already"), ("talks.jsonl", "in the mix already"), ("guide.md", "in texts already")],
)
def test_nothing_is_learned_twice_by_mistake(recipe: Path, tmp_path: Path, name: str, words: str) -> None:
    for add in (beside.with_dataset, beside.with_text):
        with pytest.raises(UserError, match=words):
            add(recipe, tmp_path / "x" / ".." / name)
