"""Conversations that are nearly the same, and answers that contradict each other."""

import random
from pathlib import Path

from chatforge.dialogues.checks.likeness import Likeness
from chatforge.dialogues.conversation import Conversation, Message

FILE = Path("talks.jsonl")


def talk(line: int, asked: str, said: str) -> Conversation:
    return Conversation(f"c{line}", (Message("user", asked), Message("assistant", said)), {}, FILE, line)


WORDS = (
    "tent lamp boot jacket stove rope map knife cup bag torch hat river hill winter summer paper glass green yellow "
    "heavy light quick order letter window garden kitchen copper cotton silver market station bridge island forest"
)


def many(count: int) -> list[Conversation]:
    """Conversations that have little in common."""
    drawn = [random.Random(i).sample(WORDS.split(), 24) for i in range(count)]
    return [talk(i, " ".join(words[:12]) + "?", " ".join(words[12:]) + ".") for i, words in enumerate(drawn, start=1)]


def test_near_copies_and_contradictions_are_told_with_their_places() -> None:
    likeness = Likeness()
    asked = "Could you please tell me how long I can bring back boots that I have already worn once outside?"
    talks = [
        *many(20),
        talk(21, asked, "You can bring them back within 60 days, as long as they are clean and you have the receipt."),
        talk(22, asked, "Boots that were worn outside cannot be taken back by us at all, sorry about that."),
        talk(
            23,
            f"Hello! {asked}",
            "You can bring them back within 60 days, as long as they are clean and you have the slip.",
        ),
    ]
    for one in talks:
        likeness.add(one)
    found = {(one.check, one.line): one.what for one in likeness.findings()}
    assert "line 23" in found["near-duplicate", 21]
    assert any(check == "contradiction" and "line 22" in what for (check, _), what in found.items())
    assert all(line > 20 for _, line in found)
    assert likeness.note == ""


def test_of_too_many_a_sample_is_compared_and_that_is_said() -> None:
    likeness = Likeness(most=10)
    for one in many(40):
        likeness.add(one)
    assert list(likeness.findings()) == []
    assert "only 10 of 40" in likeness.note
    lines = {one.line for one in likeness._kept}
    assert len(lines) == 10 and max(lines, default=0) > 10
