"""Tickets of help desks, and the letters in them."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats import tickets
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.letters import from_html, unquoted

PATH = Path("tickets.json")
ZENDESK: dict[str, Any] = {
    "id": 35,
    "subject": "Late parcel",
    "status": "closed",
    "requester_id": 7,
    "tags": ["late", "parcel"],
    "via": {"channel": "email"},
    "description": "Where is it?",
    "comments": [
        {"author_id": 7, "plain_body": "Where is it?", "body": "**Where** is it?", "public": True},
        {"author_id": 2, "body": "angry, be careful", "public": False},
        {"author_id": 2, "body": "On its way.\n\nOn Monday, Anna wrote:\n> Where is it?", "public": True},
        {"author_id": 7, "html_body": "<p>Thanks &amp; bye</p>"},
    ],
}
INTERCOM: dict[str, Any] = {
    "id": "9",
    "source": {"subject": "", "body": "<p>How do I <b>pay</b>?</p>", "author": {"type": "user", "id": "u1"}},
    "conversation_parts": {
        "conversation_parts": [
            {"part_type": "assignment", "body": None, "author": {"type": "admin"}},
            {"part_type": "note", "body": "VIP", "author": {"type": "admin"}},
            {"part_type": "comment", "body": "<p>By card.</p><p>Or cash.</p>", "author": {"type": "bot"}},
        ]
    },
    "tags": {"tags": [{"name": "billing"}]},
}


def read(value: Any) -> Draft | BadLine:
    (item,) = tickets.drafts([Record(1, value)], PATH, Choices())
    return item


def test_a_ticket_of_zendesk() -> None:
    assert tickets.fits([Record(1, ZENDESK)])
    assert read(ZENDESK) == Draft(
        (Remark("user", "Where is it?"), Remark("assistant", "On its way."), Remark("user", "Thanks & bye")),
        PATH,
        1,
        "35",
        {
            "subject": "Late parcel",
            "status": "closed",
            "channel": "email",
            "tags": ["late", "parcel"],
            "scenario": "requester 7",
        },
        ("private notes left out", "quoted earlier mails left out"),
    )


def test_a_ticket_of_intercom() -> None:
    assert tickets.fits([Record(1, INTERCOM)])
    assert read(INTERCOM) == Draft(
        (Remark("user", "How do I pay?"), Remark("assistant", "By card.\nOr cash.")),
        PATH,
        1,
        "9",
        {"tags": ["billing"], "scenario": "requester u1"},
        ("events without words left out", "private notes left out"),
    )


def test_a_description_that_no_comment_repeats_comes_first() -> None:
    draft = read({**ZENDESK, "comments": ZENDESK["comments"][2:3]})
    assert isinstance(draft, Draft)
    assert [remark.content for remark in draft.remarks] == ["Where is it?", "On its way."]


def test_without_a_requester_the_first_writer_asks() -> None:
    draft = read({"messages": [{"author_id": "a", "text": "x"}, {"author_id": "b", "text": "y"}]})
    assert isinstance(draft, Draft)
    assert [remark.role for remark in draft.remarks] == ["user", "assistant"]


@pytest.mark.parametrize(
    "value", [{"messages": [{"role": "user", "content": "x"}]}, {"comments": "none"}, {"comments": ["x"]}, "x", {}]
)
def test_what_is_no_ticket(value: Any) -> None:
    assert not tickets.fits([Record(1, value)])
    assert isinstance(read(value), BadLine)


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>Hi&nbsp;&amp; bye</p>", "Hi & bye"),
        ("a<br/>b<BR>c", "a\nb\nc"),
        ("<style>p {}</style><ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("<script>never closed", ""),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
    ],
)
def test_from_html(markup: str, words: str) -> None:
    assert from_html(markup) == words


@pytest.mark.parametrize(
    ("letter", "words", "quoted"),
    [
        ("Yes.\n\nOn 3 May, A <a@b.c> wrote:\n> really?\n>> yes", "Yes.", True),
        ("Ja.\nAm 3.5. schrieb Anna:\n\n> wirklich?", "Ja.", True),
        ("Fine.\n-----Original Message-----\nFrom: x", "Fine.", True),
        ("On it, I wrote:\nnothing quoted", "On it, I wrote:\nnothing quoted", False),
        ("5 > 4", "5 > 4", False),
    ],
)
def test_unquoted(letter: str, words: str, quoted: bool) -> None:
    assert unquoted(letter) == (words, quoted)
