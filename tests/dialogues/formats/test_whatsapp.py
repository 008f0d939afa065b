"""Chats exported from WhatsApp."""

from pathlib import Path

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats import whatsapp
from chatforge.dialogues.formats.choices import Choices
from chatforge.errors import UserError

PATH = Path("chat.txt")
IPHONE = """[12.03.24, 14:05:01] Shop: \u200eMessages and calls are end-to-end encrypted.
[12.03.24, 14:05:02] ~ Anna: Hi, is it
still there?
\u200e[12.03.24, 14:06:00] ~ Anna: \u200eimage omitted
[12.03.24, 14:07:40] Shop: It is. <This message was edited>
[14.03.24, 09:00:00] ~ Anna: Open today?
[14.03.24, 09:01:00] Shop: Yes.
"""
ANDROID = """3/12/24, 2:04\u202fPM - Messages and calls are end-to-end encrypted.
3/12/24, 2:05\u202fPM - Anna: Hi, is it
still there?
3/12/24, 2:06\u202fPM - Anna: <Media omitted>
3/12/24, 2:06\u202fPM - Anna: This message was deleted
3/12/24, 2:07\u202fPM - Shop: It is.
3/14/24, 9:00\u202fAM - Anna: Open today?
3/14/24, 9:01\u202fAM - Shop: Yes.
"""


def read(text: str, assistant: str | None = "Shop") -> list[Draft | BadLine]:
    return list(whatsapp.drafts([Record(1, text)], PATH, Choices(assistant)))


@pytest.mark.parametrize("text", [IPHONE, ANDROID])
def test_conversations_of_a_chat(text: str) -> None:
    assert whatsapp.fits([Record(1, text)])
    drafts = [draft for draft in read(text) if isinstance(draft, Draft)]
    assert [[(remark.role, remark.content) for remark in draft.remarks] for draft in drafts] == [
        [("user", "Hi, is it\nstill there?"), ("assistant", "It is.")],
        [("user", "Open today?"), ("assistant", "Yes.")],
    ]
    assert {"notices of WhatsApp left out", "pictures and other media left out"} <= set(drafts[0].changed)


def test_where_a_conversation_begins() -> None:
    assert [draft.line for draft in read(IPHONE)] == [1, 6]


def test_what_was_left_out_is_counted() -> None:
    (draft, _) = read(ANDROID)
    assert isinstance(draft, Draft)
    assert draft.changed == (
        "notices of WhatsApp left out",
        "pictures and other media left out",
        "deleted messages left out",
    )


@pytest.mark.parametrize(
    ("first", "second", "conversations"),
    [
        ("1/2/24, 10:00", "1/3/24, 09:59", 2),  # the 1st of February and of March
        ("1/2/24, 10:00 AM", "1/3/24, 9:59 AM", 1),  # January 2 and 3
        ("13/2/24, 10:00", "14/2/24, 09:59", 1),
        ("1/13/24, 10:00", "1/14/24, 09:59", 1),
        ("2024-02-01, 10:00", "2024-02-02, 10:00", 1),
        ("2024-02-01, 10:00", "2024-02-02, 10:01", 2),
        ("1.2.24, 12:00 AM", "2.2.24, 12:01 AM", 2),
        ("99.99.24, 10:00", "1.1.25, 10:00", 1),
    ],
)
def test_a_day_of_silence_ends_a_conversation(first: str, second: str, conversations: int) -> None:
    talk = "{0} - Anna: a\n{0} - Shop: b\n"
    assert len(read(talk.format(first) + talk.format(second))) == conversations


def test_two_persons_are_asked_about() -> None:
    with pytest.raises(UserError, match="cannot tell which speaker is the assistant: `Anna`, `Shop`"):
        read(IPHONE, None)


def test_a_conversation_in_which_nobody_answers() -> None:
    alone = "[20.03.24, 09:00:00] ~ Anna: Hello?\n[22.03.24, 09:00:00] Shop added Ben\n"
    assert [item.reason for item in read(IPHONE + alone) if isinstance(item, BadLine)] == [
        "nobody answers in this conversation: there is only `Anna`",
        "nobody answers in this conversation: there are only notices",
    ]


@pytest.mark.parametrize("value", ["", "Anna: hi\nShop: hi", "12.03.24, 14:05 - only one: message", 3, {"a": IPHONE}])
def test_what_is_no_chat(value: object) -> None:
    assert not whatsapp.fits([Record(1, value)])
