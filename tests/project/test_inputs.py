"""What is found out about a recipe's inputs before a run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.project import inputs
from chatforge.project.inputs import Inputs, check_inputs
from chatforge.project.new_run import create
from chatforge.recipe.files import LoadedRecipe, load_recipe
from chatforge.runs import lockfile

Look = Callable[..., Inputs]


def talk(asked: str, said: str) -> str:
    rows = [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
    return json.dumps({"messages": rows}) + "\n"


@pytest.fixture
def look(tmp_path: Path, tiny_model: Path) -> Look:
    """What is found in a train and a test file."""

    def look(train: str, test: str, max_overlap: float = 0.1) -> Inputs:
        for name, text in (("train", train), ("test", test), ("valid", talk("When do you open?", "At nine."))):
            (tmp_path / f"{name}.jsonl").write_text(text)
        recipe = tmp_path / "recipe.yaml"
        data = "\n".join(f"  {name}: {name}.jsonl" for name in ("train", "valid", "test"))
        recipe.write_text(f"model:\n  base: {tiny_model}\ndata:\n{data}\n  max_overlap: {max_overlap}\n")
        return check_inputs(load_recipe(recipe), recipe, evaluating=False)

    return look


ONE = talk("Could you tell me where my parcel with the number 12 is today?", "It left the warehouse on Monday.")
AGAIN = talk("could you tell me where my parcel with the number 77 is today", "It left the warehouse on Monday!")
OTHER = talk("Do you sell red lamps?", "Yes, for ten dollars, in two sizes.")


def test_held_out_conversations_that_are_in_train_are_told_or_refused(look: Look) -> None:
    (told,) = look(ONE, AGAIN + OTHER, 0.5).notes
    assert told.startswith("1 of 2 held-out conversations (50.0%) is in train too")
    assert "test.jsonl:1" in told and "train.jsonl:1" in told
    assert look(ONE, OTHER).notes == ()
    with pytest.raises(UserError, match=r"more than data\.max_overlap allows") as caught:
        look(ONE, OTHER + AGAIN)
    assert (caught.value.problems[0].line, caught.value.problems[0].field) == (2, "data.max_overlap")


@pytest.fixture
def alone(tiny_recipe: Path) -> LoadedRecipe:
    """A recipe whose test and valid conversations are split off from train."""
    text = tiny_recipe.read_text().replace("  valid: valid.jsonl\n", "").replace("  test: test.jsonl\n", "")
    tiny_recipe.write_text(text)
    return load_recipe(tiny_recipe)


def test_conversations_are_divided_once_and_the_run_keeps_how(
    alone: LoadedRecipe, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = check_inputs(alone, alone.path, evaluating=False)
    assert len(found.split["parts"]) == 16
    monkeypatch.setattr(inputs, "split_of", None)
    monkeypatch.setattr("chatforge.project.new_run.split_of", None)
    run = create(alone, tmp_path / "runs", home, found)
    assert lockfile.read(run).split == found.split


def test_without_what_was_checked_a_new_run_divides_them_itself(
    alone: LoadedRecipe, tmp_path: Path, home: Path
) -> None:
    run = create(alone, tmp_path / "runs", home)
    assert lockfile.read(run).split == check_inputs(alone, alone.path, evaluating=False).split


def test_data_that_changed_between_check_and_start_makes_no_run(
    alone: LoadedRecipe, tmp_path: Path, home: Path, write_conversations: Callable[..., Path]
) -> None:
    found = check_inputs(alone, alone.path, evaluating=False)
    write_conversations(tmp_path / "train.jsonl", 16, start=300)
    with pytest.raises(UserError, match="has changed"):
        create(alone, tmp_path / "runs", home, found)
    assert not (tmp_path / "runs").exists()
