"""Files of a recipe: named as they are written, added and taken out, also when something in the recipe is wrong."""

from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.project.data_files import corrections_of, named_files, rules, with_copies, with_file, without_file
from chatforge.project.stages import Corrections
from chatforge.recipe.files import load_recipe


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "shop" / "recipe.yaml"
    path.parent.mkdir()
    path.write_text("data:\n  train: [a.jsonl, gone.jsonl]\n  test: /elsewhere/t.jsonl\n  valid_share: 0.2\n")
    return path


def test_files_are_named_although_they_are_missing(recipe: Path, tmp_path: Path) -> None:
    files = [(file.part, file.word, file.path) for file in named_files(recipe)]
    assert files == [
        ("train", "a.jsonl", recipe.parent / "a.jsonl"),
        ("train", "gone.jsonl", recipe.parent / "gone.jsonl"),
        ("test", "/elsewhere/t.jsonl", Path("/elsewhere/t.jsonl")),
    ]
    assert named_files(tmp_path / "none.yaml") == ()
    recipe.write_text("data: {train: [1, ''], valid: {}}\n")
    assert named_files(recipe) == ()


def test_paths_are_relative_inside_the_recipes_folder_only(recipe: Path, tmp_path: Path) -> None:
    assert with_file(recipe, "valid", recipe.parent / "sub" / "v.jsonl") == {"data.valid": "sub/v.jsonl"}
    assert with_file(recipe, "valid", tmp_path / "v.jsonl") == {"data.valid": str(tmp_path / "v.jsonl")}
    more = with_file(recipe, "train", recipe.parent / "b.jsonl")
    assert more == {"data.train": ["a.jsonl", "gone.jsonl", "b.jsonl"]}
    with pytest.raises(UserError, match="in train already"):
        with_file(recipe, "test", recipe.parent / "x" / ".." / "a.jsonl")


def test_one_file_is_plain_text_and_none_no_field(recipe: Path) -> None:
    train, gone, test = named_files(recipe)
    assert without_file(recipe, gone) == {"data.train": "a.jsonl"}
    assert without_file(recipe, test) == {"data.test": None}
    recipe.write_text("data: {train: a.jsonl}\n")
    assert without_file(recipe, train) == {"data.train": None}


def test_what_has_no_file_is_split_off(recipe: Path) -> None:
    for name in ("a.jsonl", "gone.jsonl", "t.jsonl"):
        (recipe.parent / name).write_text("{}\n")
    recipe.write_text(recipe.read_text().replace("/elsewhere/t.jsonl", "t.jsonl"))
    found = rules(load_recipe(recipe).recipe, named_files(recipe))
    assert (found.valid_share, found.test_share, found.seed) == (0.2, None, 7)
    assert rules(None, ()).valid_share is None


def test_corrections_wait_until_they_are_trained_on(recipe: Path) -> None:
    assert corrections_of(recipe, None).waiting == 0
    line = '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n'
    (recipe.parent / "corrections.jsonl").write_text(line * 3 + "{half a line")
    assert corrections_of(recipe, None) == Corrections(3, named=False)
    recipe.write_text("data: {train: [a.jsonl, ./corrections.jsonl]}\n")
    assert corrections_of(recipe, None) == Corrections(3, named=True)
    recipe.write_text("data: {train: a.jsonl}\n")
    (recipe.parent / "corrections.jsonl").write_bytes(b"\x00")
    assert corrections_of(recipe, None).waiting == 0


def test_copies_take_the_places_of_their_originals(recipe: Path) -> None:
    gone, test = recipe.parent / "gone.jsonl", Path("/elsewhere/t.jsonl")
    fields = with_copies(recipe, {gone: recipe.parent / "gone.fixed.jsonl", test: Path("/elsewhere/t.fixed.jsonl")})
    assert fields == {"data.train": ["a.jsonl", "gone.fixed.jsonl"], "data.test": "/elsewhere/t.fixed.jsonl"}


def test_copies_are_in_another_form_than_the_recipe_may_say(recipe: Path) -> None:
    recipe.write_text("data:\n  train: [a.txt, b.txt]\n  type: whatsapp\n")
    both = {recipe.parent / f"{name}.txt": recipe.parent / f"{name}.fixed.jsonl" for name in "ab"}
    assert with_copies(recipe, both) == {"data.train": ["a.fixed.jsonl", "b.fixed.jsonl"], "data.type": None}
    with pytest.raises(UserError, match="all files are whatsapp"):
        with_copies(recipe, {recipe.parent / "a.txt": recipe.parent / "a.fixed.jsonl"})
