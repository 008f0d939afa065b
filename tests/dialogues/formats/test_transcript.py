"""Transcripts in text files and in tables: marks, ends of conversations, sides."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats import transcript
from chatforge.dialogues.formats.choices import Choices
from chatforge.errors import UserError

PATH = Path("talks.txt")
GUESS = "`Doctor` taken as the assistant: a word for somebody who answers"


def read(*values: Any, assistant: str | None = None) -> list[Draft | BadLine]:
    records = [Record(i, value) for i, value in enumerate(values, start=1)]
    return list(transcript.drafts(iter(records), PATH, Choices(assistant)))


def said(text: str, assistant: str | None = None) -> list[tuple[str, str | None]]:
    """What the one conversation of a text says."""
    (draft,) = read(text, assistant=assistant)
    assert isinstance(draft, Draft)
    return [(remark.role, remark.content) for remark in draft.remarks]


@pytest.mark.parametrize(
    "text",
    [
        "Doctor: How are you?\nPatient: Well,\n thank you.",
        "\ufeffDoctor: How are you?\r\n  Patient: Well,\r\n  thank you.\r\n",
        "[doctor] How are you?\n[patient] Well,\nthank you.",
        "Doctor - How are you?\nPatient - Well,\nthank you.",
        "Doctor [10:02]: How are you?\nPatient [10:03 AM]: Well,\nthank you.",
        "[10:02] Doctor: How are you?\n[10:03:11] Patient: Well,\nthank you.",
        "Doctor 10:02 AM: How are you?\nPatient(10:03): Well,\nthank you.",
        "10:02:11 - Doctor: How are you?\n10:03 - Patient: Well,\nthank you.",
        "**Doctor:** How are you?\n**Patient:** Well,\nthank you.",
        "- Doctor : How are you?\n- Patient : Well,\nthank you.",
        "D: How are you?\n\nP: Well,\nthank you.\n",
        "Docotr: How are you?\n#Patient#: Well,\nthank you.",
        "Arzt: How are you?\nPatientin: Well,\nthank you.",
    ],
)
def test_marks_of_speakers(text: str) -> None:
    assert said(text) == [("assistant", "How are you?"), ("user", "Well,\nthank you.")]


def test_slips_of_the_hand() -> None:
    text = "D: Hello?\nP: Hi.\nD; any pain?\np : no; none: really\nD: Good."
    assert [content for _, content in said(text)] == ["Hello?", "Hi.", "any pain?", "no; none: really", "Good."]


@pytest.mark.parametrize(
    "line",
    ["Order number: 12", "Note: bring it", "see https://a.b", "at 10:30", "My order number is: 5", "Also: one thing"],
)
def test_what_is_no_mark_goes_on_with_the_words_before(line: str) -> None:
    assert said(f"Agent: Look.\nAnna: Where?\nAgent: Here.\n{line}\nAnna: Yes.")[2] == ("assistant", f"Here.\n{line}")


def test_a_speaker_who_says_one_thing_is_one() -> None:
    assert said("Agent: Hi.\nBob: Thanks.\nAgent: Bye.") == [
        ("assistant", "Hi."),
        ("user", "Thanks."),
        ("assistant", "Bye."),
    ]


def test_third_persons_notices_and_lines_before_are_counted() -> None:
    (draft,) = read(
        "A visit\nIntent: knee\nDoctor: Hi.\nPatient: Hi.\nGuest_family: He fell.\nSystem: chat ended\nDoctor: Oh."
    )
    assert isinstance(draft, Draft)
    assert draft.meta == {"intent": "knee"}
    assert draft.changed == (
        GUESS,
        "lines before the first speaker left out",
        "words of third persons counted as the user's",
        "notices of the system left out",
    )
    assert [remark.role for remark in draft.remarks] == ["assistant", "user", "user", "assistant"]


TALK = "Agent: Hi {0}.\nAnna: Hi, {0}.\n"


@pytest.mark.parametrize(
    ("text", "lines", "ids"),
    [
        (TALK + "---\n" + TALK, [1, 4], [None, None]),
        (TALK + "\n\n=====\n\n" + TALK, [1, 7], [None, None]),
        ("id=a-1\n" + TALK + "id=a-2\n" + TALK, [2, 5], ["a-1", "a-2"]),
        ("id=a\n---\n" + TALK + "id=b\n---\n" + TALK, [3, 7], ["a", "b"]),
        ("# Chat 1\n" + TALK + "# Chat 2\n" + TALK, [2, 5], ["1", "2"]),
        ("Topic: a\n" + TALK + "\nTopic: b\n" + TALK, [1, 5], [None, None]),
        ("Conversation 1\n\n" + TALK + "\nConversation #2:\n" + TALK, [3, 7], ["1", "2"]),
        (TALK + "\n\n" + TALK, [1, 5], [None, None]),
        (TALK + "\n" + TALK, [1, 4], [None, None]),
        (TALK + "\nand more\n\n" + TALK, [1, 6], [None, None]),
        (TALK + "\n" + TALK + "\n\n" + TALK, [1, 8], [None, None]),
        (TALK.replace("\n", "\n\n") + TALK.replace("\n", "\n\n"), [1], [None]),
        (TALK + TALK + "Call 911\n", [1], [None]),
    ],
)
def test_where_a_conversation_ends(text: str, lines: list[int], ids: list[str | None]) -> None:
    drafts = [item for item in read(text.format("you")) if isinstance(item, Draft)]
    assert [draft.line for draft in drafts] == lines
    assert [draft.id for draft in drafts] == ids


def test_blocks_that_come_one_by_one_keep_their_lines() -> None:
    records = [Record(1, TALK), Record(5, TALK), Record(9, TALK)]
    drafts = list(transcript.drafts(iter(records), PATH, Choices()))
    assert [draft.line for draft in drafts] == [1, 5, 9]


def row(dialogue: Any, **more: Any) -> dict[str, Any]:
    return {"ID": "7", "section_header": "CC", "note": "n" * 300, "dialogue": dialogue, **more}


def test_a_table_with_a_transcript_in_one_column() -> None:
    (draft,) = read(row("Doctor: What hurts?\n Patient: My knee.\n"))
    assert isinstance(draft, Draft)
    assert [(remark.role, remark.content) for remark in draft.remarks] == [
        ("assistant", "What hurts?"),
        ("user", "My knee."),
    ]
    assert (draft.id, draft.meta) == ("7", {"section_header": "CC", "intent": "CC"})
    assert draft.changed == ("column `note` left out: long texts", GUESS)


def test_a_customer_is_a_scenario_and_no_id() -> None:
    (draft,) = read({"customer_id": "c1", "dialogueId": "d1", "paid": "yes", "talk": "Agent: a\nAnna: b"})
    assert isinstance(draft, Draft)
    assert (draft.id, draft.meta) == ("d1", {"customer_id": "c1", "paid": "yes", "scenario": "c1"})


def test_rows_that_hold_no_transcript() -> None:
    good = "Doctor: a\nPatient: b"
    items = read(*(row(good) for _ in range(5)), row(""), row(None), row("a note"), row("Patient: b\nPatient: c"))
    assert [item.reason for item in items if isinstance(item, BadLine)] == [
        "column `dialogue` is empty",
        "column `dialogue` is empty",
        "no line begins with the name of a speaker, such as `Agent: …`",
        "`Doctor` does not speak in this conversation: there is only `Patient`",
    ]


def test_two_unknown_names_are_asked_about_and_chosen() -> None:
    text = "Anna: Hi.\nBen: Hi.\nAnna: So?\nBen: No."
    with pytest.raises(UserError, match="cannot tell which speaker is the assistant: `Anna`, `Ben`"):
        read(text)
    assert said(text, assistant="ben")[1] == ("assistant", "Hi.")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (TALK, True),
        ("Anna: a\nBen: b\nAnna: c\nBen: d", True),
        (row("Doctor: a\nPatient: b"), True),
        ({"id": 1, "dialogue": "#Person1#: a\n#Person2#: b\n#Person1#: c\n#Person2#: d"}, True),
        ("A tale of two cities.\nIt was the best of times.\nNote: long.\n", False),
        ("Anna: only she speaks\nAnna: again", False),
        ("", False),
        ("[12.03.24, 14:05:01] Anna: a\n[12.03.24, 14:05:02] Ben: b", False),
        ({"question": "Doctor: a\nPatient: b", "answer": "c"}, False),
        ({"messages": [], "text": TALK}, False),
        ({"text": "How do I pay?", "category": "card"}, False),
        ({"note": "Hours: 9 to 5\nPhone: 12"}, False),
        (7, False),
    ],
)
def test_what_looks_like_a_transcript(value: Any, expected: bool) -> None:
    assert transcript.fits([Record(1, value)]) is expected


def test_plain_text_is_a_bad_line() -> None:
    assert read("Once upon a time.\nThere was a shop.") == [
        BadLine(PATH, 1, "no line begins with the name of a speaker, such as `Agent: …`")
    ]
