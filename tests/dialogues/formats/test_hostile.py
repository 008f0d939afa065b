"""Whatever a file holds: drafts, bad lines or a question to the user come out, and soon."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats import (
    abcd,
    medquad,
    oasst,
    refused,
    task_dialogues,
    tau_bench,
    tickets,
    transcript,
    twcs,
    vcon,
    whatsapp,
)
from chatforge.dialogues.formats.choices import Choices
from chatforge.errors import UserError

FORMATS = (abcd, medquad, oasst, task_dialogues, tau_bench, tickets, transcript, twcs, vcon, whatsapp)
PATH = Path("any.json")

KEYS = [
    "original",
    "delexed",
    "convo_id",
    "scenario",
    "flow",
    "subflow",
    "log",
    "text",
    "turns",
    "speaker",
    "utterance",
    "utterances",
    "frames",
    "state",
    "active_intent",
    "goal",
    "info",
    "Events",
    "Agent",
    "Action",
    "Text",
    "Scenario",
    "WizardCapabilities",
    "Task",
    "Domains",
    "parties",
    "dialog",
    "type",
    "start",
    "body",
    "encoding",
    "mediatype",
    "analysis",
    "originator",
    "name",
    "role",
    "mailto",
    "ciphertext",
    "payload",
    "signatures",
    "traj",
    "messages_display",
    "content",
    "tool_calls",
    "task_id",
    "comments",
    "messages",
    "author_id",
    "public",
    "requester_id",
    "plain_body",
    "description",
    "tags",
    "via",
    "source",
    "conversation_parts",
    "author",
    "part_type",
    "tag",
    "attrib",
    "children",
    "tail",
    "prompt",
    "replies",
    "rank",
    "deleted",
    "lang",
    "tweet_id",
    "inbound",
    "in_response_to_tweet_id",
    "dialogue",
    "section_header",
    "id",
]
WORDS = (
    "user",
    "agent",
    "customer",
    "action",
    "User",
    "Wizard",
    "utter",
    "bot",
    "text",
    "Document",
    "QAPairs",
    "QAPair",
)
WORDS += (
    "Question",
    "Answer",
    "prompter",
    "assistant",
    "recording",
    "transcript",
    "base64url",
    "message/rfc822",
    "True",
)
LINES = ("Doctor: hi", "Patient: oh", "D; x", "[agent] y", "A - b", "", "---", "id=3", "Chat 4", "user: None")
LINES += (
    "[12.03.24, 14:05:01] Anna: hi",
    "3/12/24, 2:05 PM - Ben: <Media omitted>",
    "> quoted",
    "<p>x</p>",
    "Topic: x",
)

TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(WORDS),
    st.lists(st.sampled_from(LINES) | st.text(max_size=12), max_size=8).map("\n".join),
)
LEAVES = st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)
RECORDS = st.builds(Record, st.integers(1, 99), VALUES, st.none() | st.sampled_from(["train", "signatures", "x"]))
BAD = BadLine(PATH, 7, "broken before")


def check(form: ModuleType, records: list[Record | BadLine], choices: Choices) -> None:
    sample = [record for record in records if isinstance(record, Record)]
    if sample:
        assert form.fits(sample) in (True, False)
    try:
        found = list(form.drafts(iter(records), PATH, choices))
    except UserError as error:
        assert all(problem.hint for problem in error.problems)
        return
    assert found.count(BAD) == records.count(BAD)
    for item in found:
        assert isinstance(item, Draft | BadLine)
        if isinstance(item, Draft):
            assert all(isinstance(remark.role, str) for remark in item.remarks)
            assert all(remark.content is None or isinstance(remark.content, str) for remark in item.remarks)
            assert item.id is None or isinstance(item.id, str)
            assert all(isinstance(what, str) for what in item.changed)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.NAME)
@settings(max_examples=60, deadline=None)
@given(records=st.lists(RECORDS | st.just(BAD), max_size=4), assistant=st.none() | st.sampled_from(["agent", "Anna"]))
def test_any_value_is_a_draft_or_a_bad_line(
    form: ModuleType, records: list[Record | BadLine], assistant: str | None
) -> None:
    check(form, records, Choices(assistant))


@pytest.mark.fuzz
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.NAME)
@settings(max_examples=1_000, deadline=None)
@given(records=st.lists(RECORDS | st.just(BAD), max_size=4), assistant=st.none() | st.sampled_from(["agent", "Anna"]))
def test_any_value_is_a_draft_or_a_bad_line_long(
    form: ModuleType, records: list[Record | BadLine], assistant: str | None
) -> None:
    check(form, records, Choices(assistant))


@settings(max_examples=100, deadline=None)
@given(sample=st.lists(RECORDS, max_size=4))
def test_the_reason_of_a_refusal_is_a_sentence_or_nothing(sample: list[Record]) -> None:
    why = refused.reason(sample)
    assert why is None or (len(why) > 20 and "\n" not in why)


HOSTILE = (
    *(" ", "\n", "a", "A ", "A:", "[", "[a", "(a", "a - ", "-", ":", "1", "1:1", "\u200e", ">", "x\n\n\n"),
    *("Doctor: hi\nPatient: oh\n", "user: ", "user: a\n", "[1.1.24, 1:11] ", "[1.1.24, 1:11] a: <", "D;", "12:00 "),
    *(
        "<",
        "<p",
        "</p",
        "<style",
        "<br",
        "&#9",
        "&",
        "On wrote:\n>",
        "-----",
        "on wrote: ",
        "id=",
        "Chat 4-",
        "é" * 40 + " ",
    ),
)


# What a form is given to read that holds this text.
PLACES: dict[ModuleType, Callable[[str], Any]] = {
    transcript: lambda text: text,
    whatsapp: lambda text: text,
    tau_bench: lambda text: {"messages_display": text},
    tickets: lambda text: {"comments": [{"author_id": 1, "html_body": text}, {"author_id": 2, "body": text}]},
    vcon: lambda text: {
        "parties": [{"name": "bot"}, {}],
        "dialog": [{"parties": [0], "body": text, "mediatype": "text/html"}],
    },
    medquad: lambda text: {"tag": "Document", "children": [{"tag": "QAPairs", "children": [pair(text)]}]},
}


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_is_read_in_linear_time(piece: str, in_linear_time: Callable[..., None]) -> None:
    for form, place in PLACES.items():

        def read(text: str, form: ModuleType = form, place: Callable[[str], Any] = place) -> None:
            check(form, [Record(1, place(text))], Choices("Doctor"))

        in_linear_time(read, piece)


def pair(text: str) -> dict[str, Any]:
    sides = [{"tag": tag, "text": text, "children": []} for tag in ("Question", "Answer")]
    return {"tag": "QAPair", "children": sides}
