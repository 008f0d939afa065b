"""The same question, answered differently: candidates for a person to look at, for two good answers may differ too.

Looked at is the first question of each conversation that has more than four words, and what was answered to it, unless
that is nothing but a question. What comes later depends on what was said before.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.duplicates import MOST, Union, equal, near_links
from chatforge.dialogues.normal import normal_form

QUESTION_WORDS = 5
"""A shorter question ("hi", "is it free?") is asked about everything."""

SAME_QUESTION = 0.8
"""Jaccard of two questions. Nearly equal is not enough: "for a tent" and "for a kayak" have answers of their own."""

UNLIKE = 0.3
"""Two answers whose 5-letter pieces have a smaller Jaccard say it in other words, or say something else."""

ANSWERS = 50
"""The first answer to a question is compared with so many others."""

_ASKS_BACK = re.compile(r"[^.!?]*\?\W*")
_NUMBER = re.compile(r"\d(?:[\d.,:/]*\d)?")


@dataclass(frozen=True)
class Contradiction:
    """Two answers to one question, the least alike of those that were compared.

    Attributes:
        first, second: places in the list that was given.
        why: "numbers": alike, but with other numbers; "words": hardly alike.
        question: Jaccard of the questions. answer: Jaccard of the answers.
        asked: how many conversations ask this or nearly this.
    """

    first: int
    second: int
    why: Literal["numbers", "words"]
    question: float
    answer: float
    asked: int


@dataclass(frozen=True)
class Exchange:
    """A question and its answer. `place` is the conversation's in the list that was given."""

    place: int
    question: str
    answer: str


def find_contradictions(conversations: Sequence[Conversation], seed: int = 0, most: int = MOST) -> list[Contradiction]:
    """Find equal and nearly equal questions with answers that differ, one pair for each question.

    The most alike questions come first, and among equals those whose answers have other numbers.

    Args:
        seed: for the sample. most: of more conversations a sample of so many is looked at.
    """
    places: Sequence[int] = range(len(conversations))
    if len(places) > most:
        places = sorted(random.Random(seed).sample(places, most))  # noqa: S311 (not for secrets)
    exchanges = [one for place in places if (one := first_exchange(conversations[place], place))]
    found = [worst for asked in _same_question(exchanges) if (worst := _worst(asked))]
    return sorted(found, key=lambda worst: (-worst.question, worst.why != "numbers", worst.first))


def first_exchange(conversation: Conversation, place: int) -> Exchange | None:
    """Return the first question of more than four words and its answer."""
    for i in conversation.assistant_turns:
        question = conversation.messages[i - 1].content
        if len(normal_form(question).split()) >= QUESTION_WORDS:
            answer = conversation.messages[i].content
            return None if _ASKS_BACK.fullmatch(answer) else Exchange(place, question, answer)
    return None


def _same_question(exchanges: Sequence[Exchange]) -> Iterator[list[Exchange]]:
    """Yield exchanges whose questions are nearly equal, numbers included: prices for two and for three may differ."""
    forms = [normal_form(exchange.question) for exchange in exchanges]
    union = Union(len(exchanges))
    firsts = set(range(len(exchanges)))
    for group in equal(forms):
        for i in group[1:]:
            union.join(group[0], i)
            firsts.discard(i)
    for _ in near_links(forms.__getitem__, sorted(firsts), union):
        pass
    groups: dict[tuple[int, tuple[str, ...]], list[Exchange]] = defaultdict(list)
    for i, exchange in enumerate(exchanges):
        groups[union.root(i), numbers(exchange.question)].append(exchange)
    return (group for group in groups.values() if len(group) > 1)


def _worst(asked: Sequence[Exchange]) -> Contradiction | None:
    first, *others = asked
    found = [one for other in others[:ANSWERS] if (one := _compare(first, other, len(asked)))]
    return min(found, key=lambda one: (one.why != "numbers", one.answer), default=None)


def _compare(one: Exchange, other: Exchange, asked: int) -> Contradiction | None:
    question, answer = _alike(one.question, other.question), _alike(one.answer, other.answer)
    differ = numbers(one.answer) != numbers(other.answer)
    if question < SAME_QUESTION or (answer >= UNLIKE and not differ):
        return None
    return Contradiction(one.place, other.place, "words" if answer < UNLIKE else "numbers", question, answer, asked)


def _alike(one: str, other: str) -> float:
    from chatforge.dialogues.shingles import jaccard, pieces

    return jaccard(pieces(normal_form(one)), pieces(normal_form(other)))


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers of a text in ascending order of their signs."""
    return tuple(sorted(_NUMBER.findall(text)))
