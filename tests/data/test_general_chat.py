"""Our own general chat, which `data.replay` mixes in: whole, varied, and none of it about what is learned or judged."""

import re
from collections import Counter
from pathlib import Path

from chatforge.dialogues.checks.doctor import examine
from chatforge.dialogues.checks.likeness import Likeness
from chatforge.dialogues.leakage import find_leakage
from chatforge.dialogues.reading import open_source, read_files

DATA = Path(__file__).parents[2] / "data"
FILE = DATA / "general_chat" / "replay.jsonl"
LONGEST = 80

ELSEWHERE = re.compile(
    r"\bshop\b|\bstore\b|\b(?:my|your) order\b|\brefund|\bshipping|\bwarranty|\bclinic|\bdoctor|\bsymptom|\bdiagnos"
    r"|\bmedic(?:ine|ation)|\bpills?\b|\bdose|\bappointment|\bpharmac|\bLarkspur|\bWillow",
    re.IGNORECASE,
)
"""Words of the shop, of the clinic and of what a later evaluation tries models with."""


def test_the_doctor_finds_nothing() -> None:
    found = examine([open_source(FILE)], Likeness())
    assert {check.id: found.places[check.id] for check in found.found} == {}


def test_there_is_some_of_every_kind() -> None:
    conversations = read_files([FILE], form="messages").conversations
    intents = Counter(one.intent for one in conversations)
    assert len(conversations) == 152
    assert None not in intents and len(intents) == 12 and min(intents.values()) >= 12
    assert sum(len(one.assistant_turns) > 1 for one in conversations) >= 35


def test_replies_are_short_and_about_neither_corpus() -> None:
    for one in read_files([FILE], form="messages").conversations:
        for message in one.messages:
            assert len(message.content.split()) <= LONGEST, one.id
            assert not ELSEWHERE.search(message.content), (one.id, ELSEWHERE.search(message.content))


def test_nothing_of_it_is_in_the_corpora() -> None:
    held_out = [path for name in ("customer_service", "healthcare") for path in sorted((DATA / name).glob("*.jsonl"))]
    general = read_files([FILE], form="messages").conversations
    assert not find_leakage(read_files(held_out).conversations, general).leaks
