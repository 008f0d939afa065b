"""What is found out about a recipe's inputs before a run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.project import inputs
from chatforge.project.inputs import check_inputs
from chatforge.recipe.files import load_recipe


def talk(asked: str, said: str) -> str:
    rows = [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
    return json.dumps({"messages": rows}) + "\n"


@pytest.fixture
def notes(tmp_path: Path, tiny_model: Path) -> Callable[[str, str], list[str]]:
    """What is told about a train and a test file."""

    def look(train: str, test: str) -> list[str]:
        for name, text in (("train", train), ("test", test), ("valid", talk("When do you open?", "At nine."))):
            (tmp_path / f"{name}.jsonl").write_text(text)
        recipe = tmp_path / "recipe.yaml"
        data = "\n".join(f"  {name}: {name}.jsonl" for name in ("train", "valid", "test"))
        recipe.write_text(f"model:\n  base: {tiny_model}\ndata:\n{data}\n")
        return check_inputs(load_recipe(recipe), recipe, evaluating=False)

    return look


def test_held_out_conversations_that_are_in_train_are_told(notes: Callable[[str, str], list[str]]) -> None:
    one = talk("Could you tell me where my parcel with the number 12 is today?", "It left the warehouse on Monday.")
    again = talk("could you tell me where my parcel with the number 77 is today", "It left the warehouse on Monday!")
    other = talk("Do you sell red lamps?", "Yes, for ten dollars, in two sizes.")
    (told,) = notes(one, again + other)
    assert told.startswith("1 of 2 held-out conversations (50%) are in train or nearly so")
    assert "test.jsonl:1" in told and "train.jsonl:1" in told
    assert "data check" in told
    assert notes(one, other) == []


def test_of_too_many_that_is_not_looked_at_and_said(
    notes: Callable[[str, str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "MOST_COMPARED", 1)
    (told,) = notes(talk("a b c", "d e f"), talk("a b c", "d e f"))
    assert "not looked at" in told
