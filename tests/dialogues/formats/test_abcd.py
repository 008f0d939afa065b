"""ABCD and DialogStudio's shape of it."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats import abcd
from chatforge.dialogues.formats.choices import Choices

PATH = Path("abcd.json")
DIALOGUE: dict[str, Any] = {
    "convo_id": 3592,
    "scenario": {"personal": {"name": "x"}, "flow": "product_defect", "subflow": "return_size"},
    "original": [["agent", "Hi!"], ["customer", "A return."], ["action", "Account pulled up."], ["agent", "Sure."]],
    "delexed": [{"speaker": "agent", "text": "hi!"}],
}
STUDIO: dict[str, Any] = {
    "original dialog id": "",
    "original dialog info": {"scenario": {"flow": "f", "subflow": "s"}},
    "log": [
        {"turn id": 1, "user utterance": "", "system response": "Hi!"},
        {"turn id": 2, "user utterance": "A return.", "system response": "Sure.", "dialog history": "…"},
    ],
}


def read(value: Any, key: str | None = None) -> Draft | BadLine:
    (item,) = abcd.drafts([Record(4, value, key)], PATH, Choices())
    return item


def test_a_dialogue_without_its_actions() -> None:
    assert read(DIALOGUE, "dev") == Draft(
        (Remark("assistant", "Hi!"), Remark("user", "A return."), Remark("assistant", "Sure.")),
        PATH,
        4,
        "3592",
        {"flow": "product_defect", "subflow": "return_size", "intent": "return_size", "split": "dev"},
        ("action lines left out",),
    )


def test_only_a_split_is_kept_as_one() -> None:
    draft = read({**DIALOGUE, "scenario": None}, "data")
    assert isinstance(draft, Draft)
    assert draft.meta == {}


def test_dialogstudio() -> None:
    assert read(STUDIO, "ABCD--1") == Draft(
        (Remark("assistant", "Hi!"), Remark("user", "A return."), Remark("assistant", "Sure.")),
        PATH,
        4,
        "ABCD--1",
        {"flow": "f", "subflow": "s", "intent": "s"},
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({**DIALOGUE, "original": []}, "no `original` list"),
        (
            {**DIALOGUE, "original": [["agent", "Hi!"], ["customer"]]},
            "line 2 of `original` is not a speaker and a text",
        ),
        ({"log": "x"}, "`log` is not a list"),
        ("x", "text, not an object"),
    ],
)
def test_what_is_no_dialogue(value: Any, words: str) -> None:
    item = read(value)
    assert isinstance(item, BadLine)
    assert words in item.reason


def test_what_fits() -> None:
    assert abcd.fits([Record(1, DIALOGUE)])
    assert abcd.fits([Record(1, STUDIO)])
    assert not abcd.fits([Record(1, {"log": [{"text": "MultiWOZ"}]})])
    assert not abcd.fits([Record(1, {"original": "a text", "translation": "ein Text"})])
