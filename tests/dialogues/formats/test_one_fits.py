"""Of the formats that tools write, exactly one fits each example; none of them raises, whatever a file holds."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats import (
    alpaca,
    preference,
    prompt_completion,
    question_answer,
    self_instruct,
    sharegpt,
)
from chatforge.dialogues.formats.choices import Choices
from chatforge.errors import UserError

MODULES = (alpaca, preference, prompt_completion, question_answer, self_instruct, sharegpt)
ASK = [{"role": "user", "content": "Hi"}]
TELL = [{"role": "assistant", "content": "Hello"}]
TALK = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]

EXAMPLES: list[tuple[str, str, Any]] = [
    ("lines", "sharegpt", {"id": "identity_0", "conversations": TALK}),
    ("json", "sharegpt", {"tools": "[]", "system": "You are a cook.", "conversations": TALK}),
    ("lines", "sharegpt", {"conversations": [*ASK, *TELL]}),
    ("lines", "sharegpt", {"id": "conv_1", "turns": [{"role": "User", "content": "Hi"}, *TELL]}),
    ("lines", "sharegpt", {"model": "vicuna", "language": "English", "conversation": [*ASK, *TELL]}),
    ("parquet", "sharegpt", {"dialogue": [{"speaker": "Anna", "text": "Hi"}, {"speaker": "Ben", "text": "Hello"}]}),
    ("json", "alpaca", {"instruction": "Name the department.", "input": "My parcel is late", "output": "Delivery"}),
    ("lines", "alpaca", {"instruction": "And in Spanish?", "output": "Adiós.", "history": [["In French?", "Salut"]]}),
    ("lines", "alpaca", {"instruction": "When?", "context": "In 1999.", "response": "1999", "category": "closed_qa"}),
    ("table", "alpaca", {"instruction": "Say hi.", "input": "", "output": "Hi."}),
    ("lines", "prompt-completion", {"prompt": "What color is the sky?", "completion": "It is blue."}),
    ("json", "prompt-completion", {"prompt": ASK, "completion": TELL}),
    ("lines", "prompt-completion", {"input_text": "Hi", "output_text": "Hello"}),
    ("lines", "prompt-completion", {"id": 1, "question": "Hi", "reference_answer": "Hello", "intent": "greet"}),
    ("lines", "prompt-completion", {"instruction": "Hi", "response": "Hello", "intent": "greet"}),
    ("lines", "preference", {"prompt": "The sky is", "chosen": " blue.", "rejected": " green."}),
    ("json", "preference", {"chosen": [*ASK, *TELL], "rejected": [*ASK, *TELL]}),
    ("lines", "preference", {"conversations": TALK[:1], "chosen": TALK[1], "rejected": TALK[1]}),
    ("parquet", "preference", {"prompt": "Hi", "messages": ASK + TELL, "chosen": ASK + TELL, "rejected": ASK}),
    ("lines", "preference", {"instruction": "Hi", "input": "", "chosen": "Hello", "rejected": "No"}),
    ("lines", "preference", {"prompt": "What color is the sky?", "completion": "It is green.", "label": False}),
    ("lines", "preference", {"conversations": TALK, "label": True}),
    ("table", "preference", {"prompt": "Hi", "completion": "Hello", "label": "True"}),
    ("table", "question-answer", {"question": "How?", "answer": "So.", "topic": "account"}),
    ("table", "question-answer", {"flags": "B", "instruction": "Hi", "intent": "greet", "response": "Hello"}),
    ("parquet", "question-answer", {"prompt": ASK, "completion": TELL}),
    ("table", "question-answer", {"Frage": "Wie?", "Antwort": "So."}),
    ("lines", "self-instruct", {"id": "seed_1", "instruction": "Hi", "instances": [{"input": "", "output": "Hello"}]}),
]
OTHERS: list[Any] = [
    {"messages": [*ASK, *TELL]},
    {"messages": [*ASK, *TELL], "prompt": "Hi", "completion": "Hello"},
    {"messages": [*ASK, *TELL], "label": False},
    {"text": "I am still waiting on my card?", "category": "card_arrival"},
    {"instruction": "cancel my order", "category": "ORDER"},
    {"utterance": "cancel my order", "intent": "cancel_order", "category": "ORDER"},
    {"ID": "0", "section_header": "CC", "section_text": "sore knee", "dialogue": "Doctor: Hi\nPatient: My knee hurts."},
    {"convo_id": 1, "original": [["agent", "Hi!"]], "delexed": [{"speaker": "agent", "text": "hi!"}]},
    {"dialogue_id": "1", "services": [], "turns": [{"speaker": "USER", "utterance": "Hi", "frames": []}]},
    {"goal": {}, "log": [{"text": "Hi", "metadata": {}}]},
    {"conversation_id": "d", "utterances": [{"index": 0, "speaker": "user", "text": "Hi"}]},
    {"vcon": "0.4.0", "parties": [{"name": "Alice"}], "dialog": [{"type": "text", "parties": [0], "body": "Hi"}]},
    {"message_tree_id": "1", "prompt": {"text": "Hi", "role": "prompter", "replies": []}},
    {"question_id": 81, "category": "writing", "turns": ["Compose a post.", "Rewrite it."]},
    {"text": "Once upon a time"},
    {"conversations": []},
    "Doctor: Hi",
    ["Hi", "Hello"],
    None,
    7,
]


def fitting(value: Any, kind: str | None = None) -> list[str]:
    """The formats that fit three such records in a file of this kind, or of any."""
    sample = [Record(line, value) for line in (1, 2, 3)]
    return [m.NAME for m in MODULES if (kind is None or kind in m.KINDS) and m.fits(sample)]


@pytest.mark.parametrize(("kind", "name", "value"), EXAMPLES)
def test_exactly_one_fits(kind: str, name: str, value: Any) -> None:
    assert fitting(value, kind) == [name]


@pytest.mark.parametrize(("kind", "name", "value"), EXAMPLES)
def test_what_fits_can_be_read(kind: str, name: str, value: Any) -> None:
    module = next(m for m in MODULES if name == m.NAME)
    choices = Choices(assistant="Ben" if "Anna" in json.dumps(value) else None)
    (item,) = module.drafts([Record(1, value)], Path("a.jsonl"), choices)
    assert isinstance(item, BadLine) == (value.get("label") is False)


@pytest.mark.parametrize("value", OTHERS)
def test_none_fits_other_formats(value: Any) -> None:
    assert fitting(value) == []


@pytest.mark.parametrize("module", MODULES)
def test_more_than_half_must_look_so(module: ModuleType) -> None:
    value = next(value for kind, name, value in EXAMPLES if name == module.NAME)
    assert module.fits([Record(1, value), Record(2, value), Record(3, None)])
    assert not module.fits([Record(1, value), Record(2, None)])


WORDS = [
    *("answer", "chosen", "completion", "content", "conversations", "dialog", "from", "history", "id", "input"),
    *(
        "instances",
        "instruction",
        "label",
        "messages",
        "meta",
        "output",
        "prompt",
        "question",
        "rejected",
        "role",
        "scenario",
    ),
    *("speaker", "system", "text", "tool_calls", "tools", "turns", "type", "user", "value", "weight"),
    *("Human", "assistant", "Anna", "false", "###", " ->", "END"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=20,
)
SAID = st.lists(st.fixed_dictionaries({"from": JSON, "value": JSON}, optional={"tool_calls": JSON}), max_size=3)
HALF_RIGHT = st.dictionaries(st.sampled_from(WORDS), JSON | SAID, max_size=6)


def check_any(module: ModuleType, values: list[Any]) -> None:
    """Drafts and bad lines, in order, each with a reason, or a question to the person: nothing else comes out."""
    records = [Record(line, value) for line, value in enumerate(values, start=1)]
    module.fits(records)
    try:
        items = list(module.drafts(records, Path("a.jsonl"), Choices()))
    except UserError as error:
        assert all(problem.hint for problem in error.problems)
        return
    assert [item.line for item in items] == sorted(item.line for item in items)
    assert {item.line for item in items} == {record.line for record in records}
    for item in items:
        if isinstance(item, Draft):
            json.dumps(item.meta, allow_nan=False)
            assert all(isinstance(r.role, str) and isinstance(r.content, str | None) for r in item.remarks)
        else:
            assert item.reason


@pytest.mark.parametrize("module", MODULES)
@settings(max_examples=50, deadline=None)
@given(values=st.lists(JSON | HALF_RIGHT, min_size=1, max_size=3))
def test_any_values_become_drafts_or_bad_lines(module: ModuleType, values: list[Any]) -> None:
    check_any(module, values)


@pytest.mark.fuzz
@pytest.mark.parametrize("module", MODULES)
@settings(max_examples=800, deadline=None)
@given(values=st.lists(JSON | HALF_RIGHT, min_size=1, max_size=3))
def test_any_values_become_drafts_or_bad_lines_long(module: ModuleType, values: list[Any]) -> None:
    check_any(module, values)


@pytest.mark.parametrize("module", MODULES)
def test_a_bad_line_is_passed_on_and_no_object_is_one(module: ModuleType) -> None:
    bad = BadLine(Path("a.jsonl"), 1, "broken JSON")
    value = next(value for _, name, value in EXAMPLES if name == module.NAME)
    first, good, second = module.drafts([bad, Record(2, value), Record(3, 7)], Path("a.jsonl"), Choices())
    assert first is bad
    assert isinstance(good, Draft)
    assert isinstance(second, BadLine)
    assert (second.line, second.reason) == (3, "a number, not an object with named fields")
