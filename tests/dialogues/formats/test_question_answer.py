"""Reading tables of questions and answers."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.question_answer import drafts, fits
from chatforge.errors import UserError

PATH = Path("faq.csv")


def read(*rows: Any, **columns: str) -> list[Draft | BadLine]:
    records = [Record(line, row) for line, row in enumerate(rows, start=2)]
    return list(drafts(records, PATH, Choices(columns=columns)))


def one(row: Any, **columns: str) -> Draft:
    (draft,) = read(row, **columns)
    assert isinstance(draft, Draft), draft
    return draft


def said(draft: Draft) -> list[tuple[str, str | None]]:
    return [(remark.role, remark.content) for remark in draft.remarks]


def test_bitext_keeps_its_placeholders_and_labels() -> None:
    row = {
        "flags": "BQZ",
        "instruction": "cancelling oorder {{Order Number}}",
        "category": "ORDER",
        "intent": "cancel_order",
        "response": "I'm here to cancel {{Order Number}}!",
    }
    draft = one(row)
    assert said(draft) == [("user", row["instruction"]), ("assistant", row["response"])]
    assert draft.meta == {"flags": "BQZ", "category": "ORDER", "intent": "cancel_order"}


@pytest.mark.parametrize(
    ("first", "second", "answer"), [("Subject", "Body", "Answer"), ("questionTitle", "questionText", "answerText")]
)
def test_a_question_in_two_columns(first: str, second: str, answer: str) -> None:
    assert said(one({first: "Late", second: "Where is it?", answer: "Here."}))[0] == ("user", "Late\n\nWhere is it?")
    assert said(one({first: "", second: "Where is it?", answer: "Here."}))[0] == ("user", "Where is it?")


def test_other_columns_are_kept_under_their_names() -> None:
    row = {"ID": "17", "Question": "How?", "Answer": "So.", "Topic": "account", "Split": "test", "Seen by": "Ben"}
    draft = one({**row, "Empty": "", "customer_id": "c-4"})
    assert draft.id == "17"
    assert draft.meta == {
        "topic": "account",
        "split": "test",
        "Seen by": "Ben",
        "customer_id": "c-4",
        "scenario": "c-4",
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": "How?", "answer": ""}, "no answer in `answer`"),
        ({"question": "How?", "answer": None}, "no answer in `answer`"),
        ({"question": " ", "answer": "So."}, "no question in `question`"),
        ({"question": "How?", "answer": 4.0}, "`answer` is a number, not text"),
        ("How?", "text, not an object with named fields"),
    ],
)
def test_rows_without_an_answer(row: Any, reason: str) -> None:
    good, bad = read({"question": "How?", "answer": "So."}, row)
    assert isinstance(good, Draft)
    assert bad == BadLine(PATH, 3, reason)


def test_columns_that_a_person_named() -> None:
    row = {"Betreff": "Hi", "Notiz": "Hello", "answer": "x", "Rolle": "Be kind.", "Warum": "greet"}
    draft = one(row, user="Betreff", assistant="Notiz", system="Rolle", intent="Warum")
    assert said(draft) == [("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello")]
    assert draft.meta == {"answer": "x", "intent": "greet"}


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(UserError, match="no column 'Antwrt': there are `Frage`, `Antwort`") as caught:
        read({"Frage": "Wie?", "Antwort": "So."}, assistant="Antwrt")
    assert caught.value.problems[0].hint == "did you mean `Antwort`?"
    assert caught.value.problems[0].field == "data.columns.assistant"


def test_columns_that_must_be_asked_for() -> None:
    with pytest.raises(UserError, match="which columns hold the question and the answer") as caught:
        read({"text": "I am waiting", "category": "card_arrival"})
    assert "columns: {user:" in str(caught.value)


@pytest.mark.parametrize(
    "row",
    [
        {"text": "I am waiting", "category": "card_arrival"},
        {"instruction": "cancel my order", "category": "ORDER"},
        {"ID": "0", "section_text": "sore knee", "dialogue": "Doctor: Hi\nPatient: My knee hurts."},
        {"conversation_id": "1", "role": "user", "text": "Hi"},
        {"question": {"text": "Hi"}, "answer": "Hello"},
        {None: ["more", "cells"]},
    ],
)
def test_other_tables_do_not_fit(row: Any) -> None:
    assert not fits([Record(2, row)])
