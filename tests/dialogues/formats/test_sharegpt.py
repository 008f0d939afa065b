"""Reading ShareGPT and its relatives: who says what, and what is left out."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.sharegpt import drafts
from chatforge.errors import UserError

PATH = Path("talks.json")


def read(*values: Any, assistant: str | None = None) -> list[Draft | BadLine]:
    records = [Record(line, value) for line, value in enumerate(values, start=1)]
    return list(drafts(records, PATH, Choices(assistant)))


def one(value: Any, assistant: str | None = None) -> Draft:
    (draft,) = read(value, assistant=assistant)
    assert isinstance(draft, Draft)
    return draft


def said(draft: Draft) -> list[tuple[str, str | None]]:
    return [(remark.role, remark.content) for remark in draft.remarks]


def talk(*pairs: tuple[str, Any], key: str = "conversations") -> dict[str, Any]:
    return {key: [{"from": who, "value": text} for who, text in pairs]}


def test_a_conversation_with_everything() -> None:
    value = {"id": 7, "system": "You are a cook.", "lang": "en", **talk(("human", "Hi"), ("gpt", "Hello"))}
    assert one({**value, "scores": {"a": 1}, "meta": {"intent": "greet", "source": None}}) == Draft(
        (Remark("system", "You are a cook."), Remark("user", "Hi"), Remark("assistant", "Hello")),
        PATH,
        1,
        "7",
        {"intent": "greet", "lang": "en"},
    )


@pytest.mark.parametrize(
    ("word", "role"),
    [
        *(("human", "user"), ("user", "user"), ("User", "user"), ("gpt", "assistant"), ("chatgpt", "assistant")),
        *(("Agent", "assistant"), ("bing", "assistant"), ("bard", "assistant"), (" ASSISTANT", "assistant")),
        *(("system", "system"), ("developer", "system"), ("observation", "tool"), ("function_call", "tool")),
    ],
)
def test_words_for_roles(word: str, role: str) -> None:
    assert one(talk((word, "x"), ("gpt", "y"))).remarks[0] == Remark(role, "x")


@pytest.mark.parametrize("key", ["conversations", "conversation", "turns", "dialogue", "dialog"])
@pytest.mark.parametrize(("author", "text"), [("from", "value"), ("role", "content"), ("speaker", "text")])
def test_spellings_of_the_list_and_its_messages(key: str, author: str, text: str) -> None:
    draft = one({key: [{author: "user", text: "Hi"}, {author: "agent", text: "Hello"}]})
    assert said(draft) == [("user", "Hi"), ("assistant", "Hello")]
    assert draft.meta == {}


def test_tools_are_left_out_and_counted() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1"}]}
    value = {"tools": '[{"name": "f"}]', "turns": [{"role": "user", "content": "Hi"}, call]}
    draft = one({**value, "turns": [*value["turns"], {"role": "tool", "content": "{}"}]})
    assert said(draft) == [("user", "Hi"), ("tool", "{}")]
    assert draft.changed == ("lists of tools left out", "tool calls left out")


def test_an_answer_that_was_not_to_be_learned_is_counted() -> None:
    draft = one({"turns": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "No", "weight": 0}]})
    assert draft.changed == ("answers of weight 0 are learned like the others",)


def test_empty_messages_stay_for_those_who_count_them() -> None:
    assert said(one(talk(("human", ""), ("gpt", None)))) == [("user", ""), ("assistant", None)]


def test_text_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "Hi"}, {"type": "text", "text": "there"}]
    assert said(one(talk(("human", parts), ("gpt", "y"))))[0] == ("user", "Hi\nthere")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"id": "a"}, "no list of messages under `conversations` or `turns`: found `id`"),
        ({}, "no list of messages under `conversations` or `turns`: it is empty"),
        ({"conversations": []}, "no list of messages under `conversations` or `turns`: found `conversations`"),
        ({"conversations": "Hi"}, "no list of messages"),
        ({"conversations": ["Hi"]}, "message 1 is text that does not say who speaks"),
        ({"conversations": [{"value": "Hi"}]}, "message 1 is an object that does not say who speaks"),
        ({"conversations": [{"from": 1, "value": "Hi"}]}, "message 1 is an object that does not say who speaks"),
        (talk(("human", 7)), "message 1: `value` is a number, not text"),
        (talk(("human", True)), "message 1: `value` is true or false, not text"),
        (talk(("human", [{"type": "image_url", "image_url": "x"}])), "message 1: `value` is a list of more than text"),
        ({"system": ["x"], **talk(("human", "Hi"))}, "`system` is a list, not text"),
    ],
)
def test_a_bad_line_and_its_reason(value: Any, reason: str) -> None:
    _, bad = read(talk(("human", "Hi"), ("gpt", "Hello")), value)
    assert isinstance(bad, BadLine)
    assert (bad.file, bad.line) == (PATH, 2)
    assert reason in bad.reason


def test_the_assistant_can_be_chosen() -> None:
    value = talk(("system", "x"), ("Anna", "Hi"), ("Ben", "Hello"), ("Anna", "Bye"))
    assert [remark.role for remark in one(value, assistant="ben").remarks] == ["system", "user", "assistant", "user"]


def test_the_user_can_be_the_assistant() -> None:
    assert said(one(talk(("user", "Hi"), ("agent", "Hello")), assistant="user")) == [
        ("assistant", "Hi"),
        ("user", "Hello"),
    ]


def test_the_role_of_the_assistant_is_a_choice_too() -> None:
    assert said(one(talk(("human", "Hi"), ("gpt", "Hello")), assistant="assistant"))[1] == ("assistant", "Hello")


def test_a_guess_is_said() -> None:
    draft = one(talk(("Patient", "My knee hurts."), ("Doctor", "Since when?"), key="dialogue"))
    assert said(draft) == [("user", "My knee hurts."), ("assistant", "Since when?")]
    assert "`Doctor` taken as the assistant" in draft.changed[0]


def test_third_persons_and_notices_are_counted() -> None:
    value = talk(("Patient", "a"), ("Guest_family", "b"), ("Doctor", "c"), ("Notice", "d"))
    draft = one(value, assistant="Doctor")
    assert said(draft) == [("user", "a"), ("user", "b"), ("assistant", "c")]
    assert draft.changed == ("words of third persons counted as the user's", "notices of the system left out")


def test_who_the_assistant_is_must_be_asked() -> None:
    with pytest.raises(UserError, match="which speaker is the assistant: `Anna`, `Ben`"):
        read(talk(("Anna", "Hi"), ("Ben", "Hello")))


def test_a_chosen_assistant_who_never_speaks() -> None:
    with pytest.raises(UserError, match="no speaker is called `Bert`"):
        read(talk(("Anna", "Hi"), ("Ben", "Hello")), assistant="Bert")


def test_a_key_of_a_large_object_is_the_id() -> None:
    (draft,) = drafts([Record(3, talk(("human", "Hi"), ("gpt", "Hello")), "talk-3")], PATH, Choices())
    assert isinstance(draft, Draft)
    assert (draft.id, draft.line) == ("talk-3", 3)
