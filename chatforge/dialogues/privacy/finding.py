"""Everything in a text that tells who somebody is."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from chatforge.dialogues.privacy.addresses import addresses
from chatforge.dialogues.privacy.checked import cards, ibans
from chatforge.dialogues.privacy.dates import births
from chatforge.dialogues.privacy.found import Found, settle
from chatforge.dialogues.privacy.names import names
from chatforge.dialogues.privacy.online import emails, ip_addresses, user_pages
from chatforge.dialogues.privacy.phones import phones
from chatforge.dialogues.privacy.records import records
from chatforge.dialogues.privacy.social import social_numbers

Finder = Callable[[str], Iterable[Found]]

FEW_DIGITS: tuple[Finder, ...] = (ip_addresses, births, records, addresses)
MANY_DIGITS: tuple[Finder, ...] = (ibans, ip_addresses, cards, social_numbers, births, records, phones, addresses)
"""Who looks at a text with digits, and at one with six or more close together. Of two findings that overlap, the one
of the earlier finder is believed."""

_DIGIT = re.compile(r"[0-9]")
_SIX_DIGITS = re.compile(r"[0-9](?:[^0-9]{0,3}[0-9]){5}")
BETWEEN = "\n\n"


class Recogniser(Protocol):
    """Something else that finds names and places in a text, such as presidio."""

    def __call__(self, text: str) -> Iterable[Found]: ...


def find(text: str, also: Recogniser | None = None) -> list[Found]:
    """Find what tells who somebody is, in order of the text; findings lie in the text and never overlap.

    The rules are for English and German, and for names in Latin letters. Nothing is raised for any text.

    Args:
        also: asked in addition; where it overlaps with our rules, ours stand.
    """
    return settle(_candidates(text, also), len(text))


def _candidates(text: str, also: Recogniser | None) -> Iterator[Found]:
    yield from emails(text)
    yield from user_pages(text)
    if _DIGIT.search(text):
        for finder in MANY_DIGITS if _SIX_DIGITS.search(text) else FEW_DIGITS:
            yield from finder(text)
    yield from names(text)
    if also is not None:
        yield from also(text)


def find_all(texts: Sequence[str], also: Recogniser | None = None) -> list[list[Found]]:
    """Find in texts that follow one another, such as the messages of a conversation.

    A question helps with its answer ("Your order number?", "1009-4421"), and a name that was given once is known in
    all of them. Positions are those in each text.
    """
    begins, at = [], 0
    for text in texts:
        begins.append(at)
        at += len(text) + len(BETWEEN)
    found: list[list[Found]] = [[] for _ in texts]
    i = 0
    for one in find(BETWEEN.join(texts), also):
        while i + 1 < len(texts) and one.start >= begins[i + 1]:
            i += 1
        start, end = one.start - begins[i], one.end - begins[i]
        if end <= len(texts[i]):
            found[i].append(Found(one.kind, start, end, one.text, one.rule))
    return found
