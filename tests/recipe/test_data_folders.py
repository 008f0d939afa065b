"""Folders in the place of files: which files they stand for, and that no part gets into another by mistake."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.folders import part_of
from chatforge.project.data_files import named_files, with_file, without_file
from chatforge.recipe.files import LoadedRecipe, load_recipe

Load = Callable[[str], LoadedRecipe]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a recipe with this block `data`; beside it is a folder `talks`."""
    names = ["a.jsonl", "b.csv", "more/c.json.gz", "train-00000-of-00001.parquet", "shop_valid.jsonl", "test/d.jsonl"]
    for name in [*names, "README.md", ".hidden.jsonl", "load.py"]:
        path = tmp_path / "talks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")

    def call(data: str) -> LoadedRecipe:
        recipe = tmp_path / "recipe.yaml"
        recipe.write_text(f"data:\n{data}")
        return load_recipe(recipe)

    return call


def names(loaded: LoadedRecipe, part: str) -> list[str]:
    places: list[Path] = getattr(loaded.recipe.data, part)
    return [str(path.relative_to(loaded.path.parent / "talks")) for path in places]


def test_train_takes_all_but_what_says_that_it_is_another_part(load: Load) -> None:
    loaded = load("  train: talks\n")
    assert names(loaded, "train") == ["a.jsonl", "b.csv", "more/c.json.gz", "train-00000-of-00001.parquet"]
    (note,) = loaded.notes
    assert note.startswith("line 2: `talks` stands for 4 files: a.jsonl, b.csv")
    assert note.endswith("of another part and left out: shop_valid.jsonl, test/d.jsonl")


def test_one_folder_can_be_named_for_every_part(load: Load) -> None:
    loaded = load("  train: talks\n  valid: talks\n  test: talks/\n")
    assert [len(names(loaded, part)) for part in ("train", "valid", "test")] == [4, 1, 1]
    assert names(loaded, "valid") == ["shop_valid.jsonl"] and names(loaded, "test") == ["test/d.jsonl"]


def test_what_is_named_by_itself_is_not_taken_again(load: Load) -> None:
    loaded = load("  train: [talks, talks/a.jsonl]\n  test: talks/b.csv\n")
    assert names(loaded, "train") == ["more/c.json.gz", "train-00000-of-00001.parquet", "a.jsonl"]
    assert names(loaded, "test") == ["b.csv"]


def test_a_further_dataset_can_be_a_folder(load: Load) -> None:
    loaded = load("  train: talks/a.jsonl\n  mix:\n    - files: talks\n      weight: 0.5\n")
    (further,) = loaded.recipe.data.mix
    assert [path.name for path in further.files] == ["b.csv", "c.json.gz", "train-00000-of-00001.parquet"]
    assert loaded.notes[0].startswith("line 4: `talks` stands for 3 files: b.csv")
    with pytest.raises(UserError, match="holds the recipe as well"):
        load("  train: talks/a.jsonl\n  mix: [{files: .}]\n")


def test_a_folder_for_test_alone_need_not_say_so(load: Load) -> None:
    assert names(load("  train: talks/a.jsonl\n  test: talks/more\n"), "test") == ["more/c.json.gz"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            "  train: talks/more\n  test: talks/more\n",
            "recipe.yaml:3: field `data.test`: `more`: no file in it is for test",
        ),
        ("  train: .\n", "`.` is a folder that holds the recipe as well"),
        ("  train: talks/a.jsonl\n  test: empty\n", "`empty`: no dialogue files in this folder"),
    ],
)
def test_folders_that_stand_for_nothing(load: Load, tmp_path: Path, data: str, words: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError) as caught:
        load(data)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("train-00000-of-00001.parquet", "train"), ("shop_test.csv", "test"), ("Test/talks.jsonl", "test"),
        ("validation.jsonl.gz", "valid"), ("dev-3.json", "valid"), ("config/test-00001-of-00002.parquet", "test"),
        ("test drives.txt", None), ("contest.jsonl", None), ("a.jsonl", None), ("test/train.jsonl", "train"),
    ],
)  # fmt: skip
def test_names_that_tell_the_part(name: str, part: str | None) -> None:
    assert part_of(Path(name)) == part


def test_the_app_sees_the_files_and_can_take_one_out(load: Load, tmp_path: Path) -> None:
    load("  train: talks/\n")
    recipe = tmp_path / "recipe.yaml"
    files = named_files(recipe)
    assert [file.word for file in files][:2] == ["talks/a.jsonl", "talks/b.csv"]
    left = without_file(recipe, files[0])["data.train"]
    assert left == ["talks/b.csv", "talks/more/c.json.gz", "talks/train-00000-of-00001.parquet"]
    new = with_file(recipe, "test", tmp_path / "talks" / "test" / "d.jsonl")
    assert new == {"data.test": "talks/test/d.jsonl"}
