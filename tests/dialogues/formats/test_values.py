"""Texts, ids and what is kept beside a conversation."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import Record
from chatforge.dialogues.formats.values import draft_of, text_of


@pytest.mark.parametrize(
    ("content", "text"),
    [
        *(("Hi", "Hi"), ("", ""), (None, None), (7, None), (True, None), ({}, None), ([], None), (["Hi"], None)),
        ([{"type": "text", "text": "Hi"}], "Hi"),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "a\nb"),
        ([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": "x"}], None),
        ([{"type": "text", "text": 7}], None),
    ],
)
def test_the_text_of_a_message(content: Any, text: str | None) -> None:
    assert text_of(content) == text


@pytest.mark.parametrize(
    ("value", "key", "name"),
    [
        *(({"id": "a"}, None, "a"), ({"ID": 7}, None, "7"), ({"conversation_id": "c", "id": ""}, None, "c")),
        *(({"id": True}, None, None), ({"id": ["a"]}, None, None), ({}, "k", "k"), ({"id": "a"}, "k", "a")),
    ],
)
def test_the_id(value: dict[str, Any], key: str | None, name: str | None) -> None:
    assert draft_of(Record(1, value, key), Path("a"), (), (), ()).id == name


@pytest.mark.parametrize(
    ("value", "meta"),
    [
        ({"Intent": "greet", "Mood": "good"}, {"intent": "greet", "Mood": "good"}),
        ({"flag": False, "n": 0, "score": 0.5, "tags": ["a"]}, {"flag": False, "n": 0, "score": 0.5, "tags": ["a"]}),
        ({"a": None, "b": "", "c": {"d": 1}, "e": [1], "f": float("nan"), "g": []}, {}),
        ({"meta": {"intent": "greet", "deep": {"a": 1}}}, {"intent": "greet"}),
        ({"meta": {"intent": "greet"}, "intent": "leave"}, {"intent": "leave"}),
        ({"customer_id": 4}, {"customer_id": 4, "scenario": "4"}),
        ({"scenario": "s", "customer_id": 4}, {"customer_id": 4, "scenario": "s"}),
        ({"used": "x", None: ["more"]}, {}),
    ],
)
def test_what_is_kept_beside_a_conversation(value: dict[str, Any], meta: dict[str, Any]) -> None:
    assert draft_of(Record(1, value), Path("a"), (), {"used"}, ()).meta == meta
