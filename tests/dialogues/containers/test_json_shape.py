"""What one large object holds."""

import json
from typing import Any

import pytest

from chatforge.dialogues.containers.json_shape import shape

SAYS = [{"role": "user", "content": "Hi"}]
TALK = {"id": 1, "messages": SAYS}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (TALK, "one record"),
        ({"messages": SAYS}, "one record"),
        ({"vcon": "0.0.1", "parties": [{"name": "A"}], "dialog": [{"type": "text"}]}, "one record"),
        ({"FORMAT": 8, "Events": [{"Agent": "User", "Text": "Hi"}], "Scenario": {}}, "one record"),
        ({"prompt": SAYS, "completion": SAYS}, "one record"),
        ({"conversations": [{"from": "human", "value": "Hi"}]}, "one record"),
        ({"ticket": 7, "tags": ["a"], "comments": [{"author_id": 3, "body": "Hi"}]}, "one record"),
        ({"question": "Hi?", "answer": "Yes."}, "one record"),
        ({}, "one record"),
        ({"train": [TALK], "dev": [TALK], "test": []}, "lists"),
        ({"data": [{"question": "Hi?", "answer": "Yes."}], "version": "1"}, "lists"),
        ({"conversations": [TALK]}, "lists"),
        ({"dialogues": [{"from": "shop", "text": "Hi", "turns": []}]}, "lists"),
        ({"intents": [{"tag": "greeting", "patterns": ["Hi"]}]}, "lists"),
        ({"MUL1.json": {"log": []}, "MUL2.json": {"log": []}}, "members"),
        ({"talk 1": SAYS, "talk 2": SAYS}, "members"),
        ({"version": 1, **{str(i): {"log": []} for i in range(4)}}, "members"),
        ({"message_tree_id": "x", "prompt_": {"text": "Hi"}, "tags": []}, "one record"),
        ({"talk 1": ["Hi", "Hello"], "talk 2": []}, "members"),
    ],
)
def test_shapes(value: dict[str, Any], expected: str) -> None:
    assert shape(json.dumps(value)) == expected


def test_a_beginning_is_enough() -> None:
    for value, expected in (({"train": [TALK] * 3}, "lists"), ({"1": TALK, "2": TALK}, "members")):
        text = json.dumps(value)
        assert shape(text[: len(text) * 2 // 3]) == expected


@pytest.mark.parametrize("text", ["", "{", '{"', '{"a"', '{"a":', '{"a": [', '{"a": [{', "[", "x", "{'a': 1}"])
def test_what_is_broken_is_one_record_or_members(text: str) -> None:
    assert shape(text) in ("one record", "members")
