"""SGD, MultiWOZ, Taskmaster and STAR."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats import task_dialogues
from chatforge.dialogues.formats.choices import Choices

PATH = Path("dialogues.json")
TALK = (Remark("user", "A table, please."), Remark("assistant", "Where?"))
SGD: dict[str, Any] = {
    "dialogue_id": "1_00000",
    "services": ["Restaurants_2"],
    "turns": [
        {"speaker": "USER", "utterance": "A table, please.", "frames": [{"state": {"active_intent": "Reserve"}}]},
        {
            "speaker": "SYSTEM",
            "utterance": "Where?",
            "frames": [{"state": {"active_intent": "NONE"}}, {"service": "x"}],
        },
    ],
}
MULTIWOZ: dict[str, Any] = {
    "goal": {"hotel": {"info": {"area": "east"}}, "taxi": {}, "message": ["x"], "train": {"info": {}}},
    "log": [{"text": "A table, please.", "metadata": {}}, {"text": "Where?", "metadata": {"hotel": {}}}],
}
TASKMASTER: dict[str, Any] = {
    "conversation_id": "dlg-1",
    "vertical": "Coffee",
    "scenario": "Auto template 26",
    "utterances": [
        {"index": 0, "speaker": "USER", "text": "A table, please.", "annotations": []},
        {"index": 1, "speaker": "assistant", "text": "Where?"},
    ],
}
STAR: dict[str, Any] = {
    "DialogID": 8,
    "Scenario": {"Domains": ["hotel"], "WizardCapabilities": [{"Task": "hotel_book"}, {"Task": "hotel_search"}]},
    "Events": [
        {"Agent": "UserGuide", "Action": "instruct", "Text": "Ask for a table"},
        {"Agent": "User", "Action": "utter", "Text": "A table, please."},
        {"Agent": "Wizard", "Action": "query", "Text": None},
        {"Agent": "Wizard", "Action": "pick_suggestion", "Text": "Where?"},
    ],
}
NOTES = ("annotations of the corpus left out",)


def read(value: Any, key: str | None = None) -> Draft | BadLine:
    (item,) = task_dialogues.drafts([Record(3, value, key)], PATH, Choices())
    return item


@pytest.mark.parametrize(
    ("value", "key", "identity", "meta", "changed"),
    [
        (SGD, None, "1_00000", {"intent": "Reserve", "services": "Restaurants_2"}, NOTES),
        (MULTIWOZ, "PMUL1635", "PMUL1635", {"intent": "hotel+train"}, NOTES),
        (TASKMASTER, None, "dlg-1", {"vertical": "Coffee", "intent": "Auto template 26"}, ()),
        (
            STAR,
            None,
            "8",
            {"intent": "hotel_book+hotel_search", "domains": "hotel"},
            ("look-ups and instructions left out",) * 2,
        ),
    ],
)
def test_each_corpus(
    value: dict[str, Any], key: str | None, identity: str, meta: dict[str, Any], changed: tuple[str, ...]
) -> None:
    assert task_dialogues.fits([Record(3, value, key)])
    assert read(value, key) == Draft(TALK, PATH, 3, identity, meta, changed)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"turns": []}, "no list of what was said"),
        ({"turns": [{"speaker": "USER", "utterance": "x"}, {"utterance": "y"}]}, "number 2 has no `speaker`"),
        ({"log": [{"text": "x"}, "y"]}, "number 2 of `log` is not an object"),
        (None, "nothing, not an object"),
    ],
)
def test_what_is_no_dialogue(value: Any, words: str) -> None:
    item = read(value)
    assert isinstance(item, BadLine)
    assert (item.line, words in item.reason) == (3, True)


@pytest.mark.parametrize(
    "value",
    [
        {"turns": [{"role": "user", "content": "x"}]},
        {"log": [{"user utterance": "x", "system response": "y"}]},
        {"dialogue": [{"speaker": "Ann", "text": "x"}]},
        {"log": []},
        [],
    ],
)
def test_other_formats_do_not_fit(value: Any) -> None:
    assert not task_dialogues.fits([Record(1, value)])


def test_an_utterance_that_is_no_text_is_an_empty_remark() -> None:
    draft = read({"log": [{"text": "x"}, {"text": None}]})
    assert isinstance(draft, Draft)
    assert draft.remarks[1] == Remark("assistant", None)
