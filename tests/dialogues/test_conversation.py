from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.conversation import Conversation, Message

TALK = (Message("user", "a"), Message("assistant", "b"), Message("user", "c"), Message("assistant", "d"))


@pytest.mark.parametrize(
    ("meta", "scenario"),
    [
        ({}, "c1"),
        ({"scenario": ""}, "c1"),
        ({"scenario": None}, "c1"),
        ({"scenario": "s"}, "s"),
        ({"scenario": 7}, "7"),
    ],
)
def test_without_a_scenario_a_conversation_is_its_own(meta: dict[str, Any], scenario: str) -> None:
    assert Conversation("c1", TALK, meta).scenario == scenario


@pytest.mark.parametrize(
    ("meta", "intent"), [({}, None), ({"intent": ""}, None), ({"intent": "return"}, "return"), ({"intent": 3}, "3")]
)
def test_intent(meta: dict[str, Any], intent: str | None) -> None:
    assert Conversation("c1", TALK, meta).intent == intent


def test_assistant_turns_are_indices_into_the_messages() -> None:
    assert Conversation("c1", TALK).assistant_turns == [1, 3]
    assert Conversation("c1", (Message("system", "s"), *TALK)).assistant_turns == [2, 4]


def test_place_is_file_and_line_or_the_id() -> None:
    assert Conversation("c1", TALK).place == "c1"
    assert Conversation("c1", TALK, file=Path("talks.jsonl"), line=7).place == "talks.jsonl:7"


def test_a_system_message_is_put_in_front_once() -> None:
    plain = Conversation("c1", TALK, {"intent": "x"}, Path("talks.jsonl"), 7)
    with_system = plain.with_system("Be kind.")
    assert with_system.messages == (Message("system", "Be kind."), *TALK)
    assert (with_system.id, with_system.meta, with_system.place) == (plain.id, plain.meta, plain.place)
    assert with_system.with_system("Be rude.") is with_system
    assert plain.with_system("") is plain
    assert plain.messages == TALK
