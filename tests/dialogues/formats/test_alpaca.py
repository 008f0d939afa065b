"""Reading Alpaca and Dolly, and the one instruction that belongs into the system message."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats.alpaca import drafts, shared_instruction
from chatforge.dialogues.formats.choices import Choices

PATH = Path("alpaca.json")


def one(value: Any, **columns: str) -> Draft | BadLine:
    (item,) = drafts([Record(1, value)], PATH, Choices(columns=columns))
    return item


def said(value: Any, **columns: str) -> list[tuple[str, str | None]]:
    draft = one(value, **columns)
    assert isinstance(draft, Draft), draft
    return [(remark.role, remark.content) for remark in draft.remarks]


@pytest.mark.parametrize("more", [{}, {"input": ""}, {"input": None}, {"input": " \n"}])
def test_an_instruction_without_input(more: dict[str, Any]) -> None:
    assert said({"instruction": "How?", "output": "So.", **more}) == [("user", "How?"), ("assistant", "So.")]


def test_an_empty_line_stands_before_the_input() -> None:
    value = {"instruction": "Name the department.", "input": "My parcel is late", "output": "Delivery"}
    assert said(value) == [("user", "Name the department.\n\nMy parcel is late"), ("assistant", "Delivery")]


def test_dolly() -> None:
    value = {"instruction": "When?", "context": "It began in 1999.", "response": "1999", "category": "closed_qa"}
    draft = one(value)
    assert isinstance(draft, Draft)
    assert draft.meta == {"category": "closed_qa"}
    assert said(value) == [("user", "When?\n\nIt began in 1999."), ("assistant", "1999")]


def test_system_and_history_come_first() -> None:
    value = {"instruction": "And in Spanish?", "input": "", "output": "Adiós.", "system": "Translate."}
    assert said({**value, "history": [["Say goodbye in French.", "Au revoir."]]}) == [
        ("system", "Translate."),
        ("user", "Say goodbye in French."),
        ("assistant", "Au revoir."),
        ("user", "And in Spanish?"),
        ("assistant", "Adiós."),
    ]


@pytest.mark.parametrize("history", [None, "", "[]", []])
def test_no_history(history: Any) -> None:
    assert len(said({"instruction": "How?", "output": "So.", "history": history})) == 2


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"instruction": "How?", "output": ""}, "no answer in `output`"),
        ({"instruction": "", "input": "", "output": "So."}, "no question in `instruction`"),
        ({"instruction": "How?", "output": 4}, "`output` is a number, not text"),
        ({"instruction": "How?", "output": ["a", "b"]}, "`output` is a list, not text"),
        ({"instruction": "How?"}, "no question and answer under names that are known: found `instruction`"),
        ({"instruction": "How?", "output": "So.", "history": ["a"]}, "`history` is not a list of pairs"),
        ({"instruction": "How?", "output": "So.", "history": [["a", None]]}, "`history` is not a list of pairs"),
        ({"instruction": "How?", "output": "So.", "history": '[["a", "b"]]'}, "`history` is not a list of pairs"),
    ],
)
def test_a_bad_line_and_its_reason(value: Any, reason: str) -> None:
    bad = one(value)
    assert isinstance(bad, BadLine)
    assert reason in bad.reason


def test_the_instruction_becomes_the_system_message_on_request() -> None:
    value = {"instruction": "Name the department.", "input": "My parcel is late", "output": "Delivery"}
    assert said(value, system="instruction") == [
        ("system", "Name the department."),
        ("user", "My parcel is late"),
        ("assistant", "Delivery"),
    ]


def rows(*instructions: str, more: str = "x") -> list[Record]:
    said = [{"instruction": text, "input": more, "output": "y"} for text in instructions]
    return [Record(line, value) for line, value in enumerate(said, start=1)]


def test_an_instruction_that_most_rows_share_is_found() -> None:
    assert shared_instruction(rows("Answer.", "Answer.", "Answer.", "Joke.")) == ("Answer.", 0.75)


@pytest.mark.parametrize(
    "records", [[], rows("A"), rows("A", "B"), rows("A", "A", "B", "C"), rows("A", "A", "A", more=""), [Record(1, 7)]]
)
def test_no_shared_instruction(records: list[Record]) -> None:
    assert shared_instruction(records) is None
