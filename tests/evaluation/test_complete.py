import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.errors import UserError
from chatforge.evaluation.facts import read_facts
from chatforge.evaluation.measures.complete import Complete, token_recall
from chatforge.evaluation.mentions import content_words, entities, numbers
from chatforge.included import folder

SHEET = """
contact: {phone: 555-0134, email: help@larkspur.example}
returns:
  window: 60 days from delivery
  price: free in the store; $5 by mail
hours: [10 am to 7 pm]
nothing: null
"""


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "facts.yaml"
    path.write_text(SHEET)
    return read_facts(path)


@pytest.mark.parametrize(
    ("read", "said", "wanted", "share"),
    [
        (numbers, "It takes sixty days, or 10.", "Within 60 days", 1.0),
        (numbers, "It takes 6 days.", "Within 60 days", 0.0),
        (numbers, "one of ours will come", "one of us", None),
        (numbers, "Call me", "Call 555-0134", None),
        (entities, "Call 555 0134", "Call 555-0134, please", 1.0),
        (entities, "Write to us.", "Write to help@larkspur.example.", 0.0),
        (content_words, "We refunded the boots", "Refunds for boots", 1.0),
        (content_words, "The parcel", "It is what it is", None),
        (content_words, "", "Refunds for boots", 0.0),
    ],
)
def test_what_a_true_reply_mentions_is_looked_for(read, said, wanted, share):
    assert read(wanted).share_in(read(said)) == share


@given(st.text(max_size=80))
def test_every_text_mentions_what_it_mentions(text):
    for read in (content_words, numbers, entities):
        assert read(text).share_in(read(text)) in (1.0, None)


def test_facts_are_those_of_the_sheet_alone(sheet):
    told = sheet.told_in(
        "Send it back within sixty days; by mail that is $5. Ask 555-0134 on 3 May for the other 40 days."
    )
    assert {(one.kind, one.value) for one in told.quantities} >= {("amount", 5.0)}
    assert told.share_in(sheet.told_in("60 days, 5 dollars, 555-0134")) == 1.0
    assert told.share_in(sheet.told_in("60 days")) == pytest.approx(1 / 3)
    assert sheet.told_in("In 40 days, for $7.").share_in(told) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        ("a: [", "cannot be read"),
        ("a: be kind", "no fact"),
        ("", "no fact"),
        (b"\xff", "cannot be read"),
    ],
)
def test_a_sheet_without_use_is_told(tmp_path, content, words):
    path = tmp_path / "facts.yaml"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=words) as caught:
        read_facts(path)
    assert caught.value.problems[0].field == "evaluation.facts"


def test_the_shipped_sheets_have_facts():
    for name in ("customer_service", "healthcare"):
        assert len(read_facts(folder() / "data" / name / "facts.yaml").known.quantities) > 40


def test_token_recall_is_the_recall_half_of_bertscore():
    a, b, c = np.eye(3)
    assert token_recall(np.stack([a, b]), np.stack([b, a])) == 1
    assert token_recall(np.stack([a]), np.stack([a, b])) == 0.5
    assert token_recall(np.stack([a, b, c]), np.stack([a])) == 1  # what it says besides costs nothing
    assert token_recall(np.zeros((0, 3)), np.stack([a])) == 0
    assert token_recall(np.stack([a]), np.zeros((0, 3))) is None


def test_strange_replies_neither_crash_nor_vanish(encoder, sheet):
    replies = ["", "   ", "🙂🙂", "x " * 5_000, "日本語の返事です", "\x1b[31mred", "مرحبا", "Within 60 days."]
    references = ["Within 60 days, call 555-0134."] * len(replies)
    found = Complete(references, encoder, sheet).score(replies)
    assert set(found) == {"token_recall", "content_words", "numbers", "entities", "facts"}
    for values in found.values():
        assert len(values) == len(replies)
        assert values[0] == values[1] == 0
        assert all(value is not None and 0 <= value <= 1 for value in values)
    assert found["facts"][-1] == 0.5


def test_what_the_true_reply_lacks_is_not_scored(encoder):
    found = Complete(["Thanks."], encoder).score(["60 days"])
    assert found["numbers"] == found["entities"] == [None]
    assert "facts" not in found
