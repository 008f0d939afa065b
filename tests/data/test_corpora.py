"""Our own two corpora: whole, divided by scenario, not copied from one another, and true to their fact sheets."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.reading import read_files

DATA = Path(__file__).parents[2] / "data"
CORPORA = ("customer_service", "healthcare")
PARTS = {"train": 126, "valid": 18, "test": 72}

MONEY = r"\$\d[\d,]*\d|\$\d"
PERCENT = r"\d+(?:\.\d+)? ?%"
PHONE = r"\b(?:\d-\d{3}-)?\d{3}-\d{4}\b"
E_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]+"
CLOCK = r"\b\d{1,2}(?::\d{2})?(?: to \d{1,2}(?::\d{2})?)? ?(?:am|pm|noon)\b|\b\d{1,2}:\d{2}\b"
SPAN = r"\b(?:\d+ (?:to|and|or) )?\d+ (?:business )?(?:hour|minute|day|week|month|year)"
STATED = re.compile("|".join((MONEY, PERCENT, PHONE, E_MAIL, CLOCK, SPAN)), re.IGNORECASE)
EMERGENCY = re.compile(r"\b(911|988)\b")

def _load(corpus: str) -> dict[str, tuple[Conversation, ...]]:
    return {part: read_files([DATA / corpus / f"{part}.jsonl"]).conversations for part in PARTS}


LOADED = {corpus: _load(corpus) for corpus in CORPORA}


def everything(corpus: str) -> list[Conversation]:
    return [conversation for part in LOADED[corpus].values() for conversation in part]


def said(conversation: Conversation, role: str) -> list[str]:
    return [message.content for message in conversation.messages if message.role == role]



def stated(text: str) -> set[str]:
    """What a text states in figures, one by one: "3 to 5 business days" is "3 business day" and "5 business day"."""
    found: set[str] = set()
    for match in STATED.findall(text.lower()):
        numbers, unit = re.findall(r"\d{1,2}:\d{2}|\d+", match), re.search(r"(?<=\d) ?([a-z][a-z ]*)$", match)
        words = unit[1] if unit else ""
        if re.search(r"hour|minute|day|week|month|year|am$|pm$|noon$", words):
            found |= {f"{number} {words}" for number in numbers}
        else:
            found.add(match.replace(" ", ""))
    return found
