"""Which strings of the training replies are asked for: what stands in one training conversation only.

    train   user: Where is my order?        reply: It left on Monday, the tracking number is 4471-0093.
    asked   user: Where is my order?        reply: It left on Monday, the tracking number is …

Numbers, names, addresses and the like come first; after them come runs of words, the first of which no other
conversation has. What was said before in the conversation is not asked for: to repeat it is no memory. One string of a
conversation at most.
(Carlini et al. 2021, "Extracting Training Data from Large Language Models".)
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.privacy import find_all, masked
from chatforge.evaluation.memorisation.record import StringRecord, Strings
from chatforge.evaluation.statistics import share_of

MOST_LOOKED_AT = 2_000
"""Conversations, drawn by seed, in which strings are looked for."""

RUN, LONGEST = 5, 80
"""Words of a run, and characters of any string."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE = re.compile(r"[^.!?\n]+")
_NUMBER = re.compile(r"\d(?:[ .,/-]?\d){3,}")


@dataclass(frozen=True)
class Probe:
    """One string of a training reply.

    Attributes:
        turn: index of the reply among the messages. start, end: where the string is in the reply, in characters.
        kind: of personal data, or "number", or "words".
    """

    conversation: Conversation
    turn: int
    start: int
    end: int
    kind: str

    @property
    def text(self) -> str:
        """The string."""
        return self.conversation.messages[self.turn].content[self.start : self.end]

    @property
    def shown(self) -> str:
        """What a report may show of it."""
        return self.text if self.kind == "words" else masked(self.text)


def rare_strings(train: Sequence[Conversation], seed: int, system: str = "") -> list[Probe]:
    """Find the rarest string of each conversation, in an order fixed by the seed; words come last.

    Args:
        system: what is said before every conversation.
    """
    different = {one.messages: one for one in train}.values()  # the same conversation twice is one place
    spread = Counter(word for one in different for word in set(_words(message.content for message in one.messages)))
    order = sorted(different, key=lambda one: _draw(seed, one.id))[:MOST_LOOKED_AT]
    found = [probe for one in order if (probe := _rarest(one, spread, system))]
    return sorted(found, key=lambda probe: probe.kind == "words")


def strings(probes: Sequence[Probe], base: Sequence[bool], adapted: Sequence[bool]) -> Strings | None:
    """Put together what was completed, one truth for each probe; None if nothing was asked."""
    if not probes:
        return None
    asked = tuple(
        StringRecord(probe.conversation.id, probe.turn, probe.kind, probe.shown, before, after)
        for probe, before, after in zip(probes, base, adapted, strict=True)
    )
    return Strings(asked, share_of(base), share_of(adapted), share_of([one.learned for one in asked]))


def _rarest(conversation: Conversation, spread: Counter[str], system: str) -> Probe | None:
    """The first of its personal strings and numbers, else the run with most rare words."""
    told = set(_words([system]))
    runs: list[Probe] = []
    texts = [message.content for message in conversation.messages]
    personal = find_all(texts)
    for turn, message in enumerate(conversation.messages):
        if message.role == "assistant":
            spans: list[tuple[int, int, str]] = [(one.start, one.end, one.kind) for one in personal[turn]]
            spans += [(match.start(), match.end(), "number") for match in _NUMBER.finditer(message.content)]
            probes = [Probe(conversation, turn, start, end, kind) for start, end, kind in spans]
            if fit := [probe for probe in probes if _is_rare(probe, spread, told)]:
                return fit[0]
            runs += [run for run in _runs(conversation, turn, spread) if _is_rare(run, spread, told)]
        told.update(_words([message.content]))
    return max(runs, key=lambda run: sum(spread[word] == 1 for word in _words([run.text])), default=None)


def _is_rare(probe: Probe, spread: Counter[str], told: set[str]) -> bool:
    """Whether a string has a word that is in no other conversation, and was not said before."""
    reply = probe.conversation.messages[probe.turn].content
    rare = {word for word in _words([probe.text]) if spread[word] == 1}
    before = told.union(_words([reply[: probe.start]])) if rare else told
    return len(probe.text) <= LONGEST and bool(rare) and not rare & before


def _runs(conversation: Conversation, turn: int, spread: Counter[str]) -> Iterator[Probe]:
    """Words of one sentence, the first of which is in no other conversation."""
    reply = conversation.messages[turn].content
    for sentence in _SENTENCE.finditer(reply):
        words = list(_WORD.finditer(reply, *sentence.span()))
        for first, last in zip(words, words[RUN - 1 :], strict=False):
            if spread[first[0].casefold()] == 1:
                yield Probe(conversation, turn, first.start(), last.end(), "words")


def _words(texts: Iterable[str]) -> Iterator[str]:
    return (match[0].casefold() for text in texts for match in _WORD.finditer(text))


def _draw(seed: int, name: str) -> bytes:
    """An order fixed by its arguments, the same on every machine."""
    return hashlib.sha256(f"{seed}/memorisation/{name}".encode("utf-8", "replace")).digest()
