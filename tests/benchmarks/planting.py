"""Leaks planted on purpose: conversations of our own with a customer's name, and their copies in four disguises."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chatforge.dialogues.conversation import Conversation, Message

FIRST = ["Anna", "Ben", "Carla", "Deepak", "Elif", "Greta", "Hiro", "Jamal", "Olga", "Mary-Jane", "O'Neil", "Łukasz"]
LAST = ["Abbott", "Bianchi", "Dlamini", "Eriksen", "Gupta", "Haddad", "Nakamura", "Okafor", "Reyes", "Xu", "Zhang"]
OPENINGS = ("Hi, {first} {last} here. ", "This is {first} {last}. ", "its {small}, ", "{first} here: ", "")
CLOSINGS = (" All the best, {first}.", " Anything else, {first}?", " {first}, thank you for asking.", "")
SENTENCE = re.compile(r"(?<=[.!?])\s+")

Disguise = Callable[[Conversation, random.Random], Conversation]


def pieces(conversations: Sequence[Conversation], rng: random.Random) -> Iterator[Conversation]:
    """Cut conversations into pieces of one to three exchanges that share nothing, each with a customer's name."""
    for conversation in conversations:
        turns = [message for message in conversation.messages if message.role != "system"]
        begin = 0
        while begin + 1 < len(turns):
            end = min(begin + 2 * rng.randint(1, 3), len(turns) // 2 * 2)
            yield _named(conversation, turns[begin:end], f"{conversation.id}/{begin}", rng)
            begin = end


def _named(conversation: Conversation, turns: list[Message], name: str, rng: random.Random) -> Conversation:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    names = {"first": first, "last": last, "small": first.lower()}
    opening, closing = (rng.choice(forms).format(**names) for forms in (OPENINGS, CLOSINGS))
    turns[0] = replace(turns[0], content=opening + turns[0].content)
    turns[-1] = replace(turns[-1], content=turns[-1].content + closing)
    meta = {**conversation.meta, "first": first, "last": last}
    return Conversation(name, tuple(turns), meta, Path("made"), None)


def exact(conversation: Conversation, rng: random.Random) -> Conversation:
    """The same again."""
    return conversation


def recased(conversation: Conversation, rng: random.Random) -> Conversation:
    """In other case, with other punctuation and white space."""
    case = rng.choice((str.upper, str.lower, str.swapcase, str.capitalize))
    marks = rng.choice((lambda text: re.sub(r"[.,!?;:]", "", text), lambda text: re.sub(r"[.!?]", "!!", text)))
    return _changed(conversation, lambda text: rng.choice((" ", "  ", "\n")).join(case(marks(text)).split()))


def renamed(conversation: Conversation, rng: random.Random) -> Conversation:
    """With another customer's name wherever the name stands."""
    first, last = conversation.meta["first"], conversation.meta["last"]
    another = rng.choice([name for name in FIRST if name != first])
    swaps = {
        first: another,
        first.lower(): another.lower(),
        last: rng.choice([name for name in LAST if name != last]),
    }
    names = re.compile(rf"\b(?:{'|'.join(map(re.escape, swaps))})\b")
    return _changed(conversation, lambda text: names.sub(lambda found: swaps[found[0]], text))


def reordered(conversation: Conversation, rng: random.Random) -> Conversation:
    """With the sentences of each turn in another order."""

    def shuffled(text: str) -> str:
        sentences = SENTENCE.split(text)
        rng.shuffle(sentences)
        return " ".join(sentences)

    return _changed(conversation, shuffled)


def _changed(conversation: Conversation, change: Callable[[str], str]) -> Conversation:
    messages = tuple(replace(message, content=change(message.content)) for message in conversation.messages)
    return replace(conversation, messages=messages)


DISGUISES: dict[str, Disguise] = {
    "exact": exact,
    "case and punctuation": recased,
    "name swap": renamed,
    "reordered": reordered,
}


@dataclass(frozen=True)
class Planted:
    """A divided corpus with leaks.

    Attributes:
        leaks: place in held_out -> (the disguise, place in train of what is copied).
    """

    held_out: list[Conversation]
    train: list[Conversation]
    leaks: dict[int, tuple[str, int]]


def plant(conversations: Sequence[Conversation], rate: float, seed: int) -> Planted:
    """Divide conversations in halves and make `rate` of the held-out half copies from train, each disguise as often."""
    rng = random.Random(seed)
    made = list(pieces(conversations, rng))
    rng.shuffle(made)
    held_out, train = made[: len(made) // 2], made[len(made) // 2 :]
    leaks: dict[int, tuple[str, int]] = {}
    sources = iter(rng.sample(range(len(train)), len(train)))
    for i in rng.sample(range(len(held_out)), round(rate * len(held_out))):
        kind = list(DISGUISES)[len(leaks) % len(DISGUISES)]
        # Some have nothing to swap or to move: what is not disguised would be too easy.
        for source in sources:
            copy = DISGUISES[kind](train[source], rng)
            if kind == "exact" or copy.messages != train[source].messages:
                held_out[i] = replace(copy, id=f"planted-{i}")
                leaks[i] = (kind, source)
                break
    return Planted(held_out, train, leaks)
