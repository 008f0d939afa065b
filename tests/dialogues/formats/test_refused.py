"""Files without replies, and what is said about them."""

from typing import Any

import pytest

from chatforge.dialogues.draft import Record
from chatforge.dialogues.formats.refused import reason

LABELS = [
    {"text": "I am still waiting on my card, why?", "category": "card"},
    {"text": "Where is my new card now?", "category": "x"},
]
FACTS = {"id": "VA1", "doctor_name": "", "patient_age": "58", "cc": "back pain"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (LABELS, "questions with labels (`category`), no replies"),
        ([{"instruction": "cancel it", "category": "ORDER"}], "questions with labels (`category`), no replies"),
        (["card_arrival", "card_linking"], "a list of names"),
        ([1, 2.5], "a list of numbers"),
        (["It was a dark night.\nThe wind blew.\n" * 3], "plain text, not dialogue"),
        ([{"text": "It was a dark and stormy night."}], "plain text, not dialogue: only `text` holds sentences"),
        ([{"precision": "0.5", "recall": "1"}, {"precision": "1", "recall": ""}], "a table of numbers"),
        ([FACTS, FACTS], "a table of facts"),
    ],
)
def test_why_a_file_is_refused(values: list[Any], words: str) -> None:
    assert words in str(reason([Record(i, value) for i, value in enumerate(values)]))


@pytest.mark.parametrize(
    "members",
    [
        {"recover_username": ["pull-up-account"], "reset": ["a", "b"]},
        {"Product Defect": {"description": "x", "subflows": {"Refund": {"actions": [{"type": "x"}]}}}},
        {"intents": {"flows": ["a"]}, "next_steps": ["b"]},
    ],
)
def test_rules_and_names_in_one_object(members: dict[str, Any]) -> None:
    assert "a collection of rules, names or facts" in str(reason([Record(1, v, key) for key, v in members.items()]))


@pytest.mark.parametrize(
    "sample",
    [
        [],
        [Record(1, {"a long text": "that somebody has written here", "another": "that somebody else has written"})],
        [Record(1, {"who": {"x": 1}})],
        [Record(1, {"talk": [{"x": "Hi"}]}, "d1"), Record(2, {"talk": [{"x": "Hi"}]}, "d2")],
        [Record(1, None)],
    ],
)
def test_nothing_is_said_about_what_is_not_recognised(sample: list[Record]) -> None:
    assert reason(sample) is None
