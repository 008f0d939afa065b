"""Reading preferences: what people chose is kept, what they rejected is counted or refused."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.preference import drafts
from chatforge.dialogues.formats.values import REJECTED

ASK = {"role": "user", "content": "Hi"}
TELL = {"role": "assistant", "content": "Hello"}
NO = {"role": "assistant", "content": "No"}
PAIR = [("user", "Hi"), ("assistant", "Hello")]


def one(value: Any) -> Draft | BadLine:
    (item,) = drafts([Record(1, value)], Path("liked.jsonl"), Choices())
    return item


def said(value: Any) -> list[tuple[str, str | None]]:
    draft = one(value)
    assert isinstance(draft, Draft), draft
    return [(remark.role, remark.content) for remark in draft.remarks]


@pytest.mark.parametrize(
    "value",
    [
        {"prompt": "Hi", "chosen": "Hello", "rejected": "No"},
        {"question": "Hi", "chosen": "Hello", "rejected": "No"},
        {"prompt": [ASK], "chosen": [TELL], "rejected": [NO]},
        {"prompt": "Hi", "chosen": TELL, "rejected": NO},
        {"chosen": [ASK, TELL], "rejected": [ASK, NO]},
        {"prompt": "Hi", "chosen": [ASK, TELL], "rejected": [ASK, NO], "score_chosen": 4.5},
        {
            "conversations": [{"from": "human", "value": "Hi"}],
            "chosen": {"from": "gpt", "value": "Hello"},
            "rejected": NO,
        },
        {"messages": [ASK], "chosen": TELL, "rejected": NO},
        {"prompt": "Hi", "messages": [ASK, TELL], "chosen": [ASK, TELL], "rejected": [ASK, NO]},
        {"instruction": "Hi", "input": "", "chosen": "Hello", "rejected": "No"},
        {"chosen": "\n\nHuman: Hi\n\nAssistant: Hello", "rejected": "\n\nHuman: Hi\n\nAssistant: No"},
        {"prompt": "\n\nHuman: Hi\n\nAssistant:", "chosen": " Hello", "rejected": " No"},
    ],
)
def test_the_chosen_answer_is_kept_and_the_other_counted(value: Any) -> None:
    draft = one(value)
    assert isinstance(draft, Draft)
    assert [(r.role, (r.content or "").strip()) for r in draft.remarks] == PAIR
    assert "rejected answers left out" in draft.changed
    assert draft.meta == ({"score_chosen": 4.5} if "score_chosen" in value else {})


def test_a_space_before_the_chosen_answer_is_counted() -> None:
    draft = one({"prompt": "The sky is", "chosen": " blue."})
    assert isinstance(draft, Draft)
    assert draft.changed == ("spaces before the answer left out",)


def test_system_and_history() -> None:
    value = {"system": "Be kind.", "prompt": "Hi", "chosen": "Hello", "history": [["Yo", "Yes?"]]}
    assert said(value) == [("system", "Be kind."), ("user", "Yo"), ("assistant", "Yes?"), *PAIR]


def test_a_longer_transcript() -> None:
    text = "\n\nHuman: Yo\n\nAssistant: Yes?\n\nIndeed?\n\nHuman: Hi\n\nAssistant: Hello"
    assert said({"chosen": text, "rejected": text}) == [("user", "Yo"), ("assistant", "Yes?\n\nIndeed?"), *PAIR]


def test_an_answer_that_quotes_a_transcript_stays_whole() -> None:
    chosen = "For example:\n\nHuman: Hi\n\nAssistant: Hello"
    assert said({"prompt": "Write one", "chosen": chosen})[1] == ("assistant", chosen)


@pytest.mark.parametrize("label", [True, "True", " true"])
@pytest.mark.parametrize(
    "value",
    [{"prompt": "Hi", "completion": "Hello"}, {"prompt": [ASK], "completion": [TELL]}, {"conversations": [ASK, TELL]}],
)
def test_a_liked_answer(value: Any, label: Any) -> None:
    assert said({**value, "label": label}) == PAIR


@pytest.mark.parametrize("label", [{"label": False}, {"label": "False"}, {"kto_tag": False}])
@pytest.mark.parametrize("value", [{"prompt": "Hi", "completion": "No"}, {"conversations": [ASK, NO]}])
def test_a_rejected_answer_is_a_bad_line(value: Any, label: Any) -> None:
    bad = one({**value, **label})
    assert isinstance(bad, BadLine)
    assert bad.reason == REJECTED


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"prompt": "Hi", "chosen": "", "rejected": "No"}, "no answer in `chosen`"),
        ({"prompt": "Hi", "chosen": None}, "no answer in `chosen`"),
        ({"prompt": "Hi", "chosen": 5}, "`chosen` is a number, not text"),
        ({"chosen": "Hello", "rejected": "No"}, "no question before the chosen answer: found `chosen`, `rejected`"),
        ({"chosen": [TELL], "rejected": [NO]}, "no question before the chosen answer"),
        ({"prompt": "[INST] Hi [/INST]", "chosen": "Hello"}, "it would be wrapped twice"),
        ({"label": True}, "no chosen answer: found `label`"),
    ],
)
def test_a_bad_line_and_its_reason(value: Any, reason: str) -> None:
    bad = one(value)
    assert isinstance(bad, BadLine)
    assert reason in bad.reason
