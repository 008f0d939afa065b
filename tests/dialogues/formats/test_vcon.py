"""vCon: parties and dialog."""

import base64
from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats import vcon
from chatforge.dialogues.formats.choices import Choices
from chatforge.errors import UserError

PATH = Path("talk.vcon")
ALICE = {"name": "Alice", "mailto": "alice@shop.example", "org": "ShopCo"}
BOB = {"name": "Bob", "mailto": "bob@example.com"}
BOT = {"type": "bot", "name": "Helper One"}


def text(party: int, body: Any, **more: Any) -> dict[str, Any]:
    return {"type": "text", "parties": [party, 1 - party], "body": body, **more}


def talk(*dialog: Any, parties: Any = (BOT, BOB), **more: Any) -> dict[str, Any]:
    return {
        "vcon": "0.4.0",
        "uuid": "018f",
        "subject": "account",
        "parties": list(parties),
        "dialog": list(dialog),
        **more,
    }


def read(value: Any, assistant: str | None = None, key: str | None = None) -> Draft | BadLine:
    (item,) = vcon.drafts([Record(1, value, key)], PATH, Choices(assistant))
    return item


def said(value: Any, assistant: str | None = None) -> list[tuple[str, str | None]]:
    draft = read(value, assistant)
    assert isinstance(draft, Draft)
    return [(remark.role, remark.content) for remark in draft.remarks]


def test_texts_in_the_order_of_their_start() -> None:
    value = talk(
        text(0, "It is.", start="2022-09-23T23:34:32Z"), text(1, "Is it ok?", start="2022-09-23T23:24:59+00:00")
    )
    assert vcon.fits([Record(1, value)])
    assert read(value) == Draft(
        (Remark("user", "Is it ok?"), Remark("assistant", "It is.")),
        PATH,
        1,
        "018f",
        {"subject": "account", "scenario": "customer 5ff860bf1190"},
        ("`bot` taken as the assistant: a word for somebody who answers",),
    )


@pytest.mark.parametrize(
    "party",
    [
        {"type": "bot", "name": "X"},
        {"role": "agent", "name": "X"},
        {"name": "X", "org": "ShopCo Support"},
        {"name": "X", "dept": "Helpdesk"},
        {"name": "X", "mailto": "support@shop.example"},
    ],
)
def test_what_tells_that_a_party_answers(party: dict[str, str]) -> None:
    assert said(talk(text(0, "Hi"), text(1, "Hi"), parties=(party, BOB)))[0] == ("assistant", "Hi")


@pytest.mark.parametrize("choice", ["alice", "ShopCo", "ALICE@shop.example"])
def test_a_party_may_be_chosen_by_name_organisation_or_address(choice: str) -> None:
    assert said(talk(text(0, "Hi"), text(1, "Hi"), parties=(ALICE, BOB)), choice)[0] == ("assistant", "Hi")


def test_two_persons_are_asked_about() -> None:
    with pytest.raises(UserError, match="cannot tell which speaker is the assistant: `Alice`, `Bob`"):
        read(talk(text(0, "Hi"), text(1, "Hi"), parties=(ALICE, BOB)))


def encoded(words: str) -> str:
    return base64.urlsafe_b64encode(words.encode()).decode().rstrip("=")


MAIL = "From: bob@example.com\nContent-Type: text/plain; charset=utf-8\n\nWhere?\n\nOn Monday, Alice wrote:\n> Hi"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (text(1, encoded("¿Sí?"), encoding="base64url"), "¿Sí?"),
        (text(1, "<p>Where?</p>", mediatype="text/html"), "Where?"),
        (text(1, {"text": "Where?"}, encoding="json"), "Where?"),
        (text(1, MAIL, mediatype="message/rfc822"), "Where?"),
        (text(1, encoded(MAIL), mediatype="message/rfc822", encoding="base64url"), "Where?"),
        ({"type": "text", "parties": [0, 1], "originator": 1, "body": "Where?"}, "Where?"),
        ({"type": "text", "parties": 1, "body": "Where?"}, "Where?"),
    ],
)
def test_bodies(entry: dict[str, Any], words: str) -> None:
    assert said(talk(entry, text(0, "Here.")))[0] == ("user", words)


def test_what_cannot_be_read_is_counted() -> None:
    draft = read(
        talk(
            text(1, "Hi"),
            text(0, "Hi"),
            text(1, None),
            text(1, "\udcff", encoding="base64url"),
            text(9, "who?"),
            {"type": "recording", "parties": [0, 1]},
            {"type": "transfer"},
        )
    )
    assert isinstance(draft, Draft)
    assert len(draft.remarks) == 2
    assert draft.changed[:-1] == (
        "messages without readable text left out",
        "messages without readable text left out",
        "messages of unknown parties left out",
        "recordings without a transcript left out",
        "calls that were moved or failed left out",
    )


def test_a_recording_with_a_transcript() -> None:
    lines = [{"speaker": 1, "text": "Hello?"}, {"party": 0, "message": "Yes."}, {"speaker": 1, "text": ""}, "x"]
    analysis = [{"type": "summary", "dialog": 0, "body": "x"}, {"type": "transcript", "dialog": [0], "body": lines}]
    value = talk({"type": "recording", "parties": [0, 1]}, analysis=analysis)
    assert said(value) == [("user", "Hello?"), ("assistant", "Yes.")]


@pytest.mark.parametrize(
    ("value", "key", "words"),
    [
        ({"payload": "e30", "signatures": [{}]}, None, "signed (JWS)"),
        ({"protected": "e30", "signature": "x"}, "signatures", "signed (JWS)"),
        ({"ciphertext": "x", "iv": "y"}, None, "encrypted (JWE)"),
        ({"header": {}, "encrypted_key": "x"}, "recipients", "encrypted (JWE)"),
        ({"vcon": "0.4.0", "parties": [], "dialog": []}, None, "`parties` is not a list"),
        ("x", None, "text, not an object"),
    ],
)
def test_what_cannot_be_read_at_all(value: Any, key: str | None, words: str) -> None:
    item = read(value, key=key)
    assert isinstance(item, BadLine)
    assert words in item.reason
    assert vcon.fits([Record(1, value, key)]) is isinstance(value, dict)


def test_a_conversation_in_which_nobody_answers() -> None:
    good, bad = talk(text(1, "Hi"), text(0, "Hi")), talk(text(1, "Hi"), text(1, "Hi?"))
    items = list(vcon.drafts([Record(1, good), Record(2, bad)], PATH, Choices()))
    assert items[1] == BadLine(PATH, 2, "no party answers in this conversation: there is only `Bob`")
