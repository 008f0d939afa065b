"""What a text mentions: content words, numbers, and who or what it names. Light: regular expressions and word lists."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from chatforge.dialogues.privacy import Kind, find
from chatforge.dialogues.privacy.words import word_set
from chatforge.evaluation.flags.numerals import read_numerals
from chatforge.evaluation.flags.quantities import read_quantities
from chatforge.evaluation.flags.quantity import Known, Quantity
from chatforge.evaluation.measures.form import words

_EMPTY_WORDS = word_set(
    """
    a about above after again all also am an and any anything are aren't as at back be because been before being
    below between both but by can can't cannot come could couldn't did didn't do does doesn't doing don't down
    each else even ever every few for from further get gets getting give go goes going got had hadn't has hasn't
    have haven't having he he's her here here's hers herself hi hello him himself his how i i'd i'll i'm i've if
    in into is isn't it it's its itself just kind know let let's like ll look make many may me might more most
    much must my myself no nor not now of off ok okay on once one only or other our ours ourselves out over own
    please re really right same see shall she should shouldn't so some something such sure take tell than thank
    thanks that that's the their theirs them themselves then there there's these they they're they've thing
    things think this those through to too under until up us ve very want was wasn't we we'd we'll we're we've
    well were weren't what what's when where which while who whom why will with won't would wouldn't yes yet you
    you'd you'll you're you've your yours yourself yourselves
    """
)
"""Words that say little by themselves; a reply need not have them to be complete."""

_ENDINGS = re.compile(r"(?:'s|ies|ing|ed|es|s|e|y)$")
_SHORTEST = 3
"""Letters that stay when an ending is taken off."""

_ONE = "one"
"""As a word it seldom counts anything."""

_NAMING: tuple[Kind, ...] = ("name", "email", "address", "url")
"""Kinds of entity that are no quantity and no code."""


@dataclass(frozen=True)
class Mentions:
    """What a text mentions of some kind: quantities, and anything that is the same where it is written the same."""

    quantities: tuple[Quantity, ...] = ()
    names: frozenset[str] = frozenset()

    def share_in(self, other: "Mentions") -> float | None:
        """The share of these that another text mentions, too; None if there are none."""
        total = len(self.quantities) + len(self.names)
        there = Known(other.quantities)
        return (sum(one in there for one in self.quantities) + len(self.names & other.names)) / total if total else None


def content_words(text: str) -> Mentions:
    """The words of a text that carry its content, without their endings: "refunds", "refunded" are "refund".

    Numbers are not among them, nor single letters.
    """
    said = (word.replace("’", "'") for word in words(_without(text, read_numerals(text))))
    full = (word for word in said if len(word) > 1 and word not in _EMPTY_WORDS and not word[0].isdigit())
    return Mentions(names=frozenset(map(_stem, full)))


def numbers(text: str) -> Mentions:
    """The numbers of a text with their units, in digits or words; not telephone numbers, ids and the like."""
    read = read_quantities(text)
    return Mentions(tuple(one for one in read if one.kind != "code" and _written(text, one) != _ONE))


def entities(text: str) -> Mentions:
    """Names, e-mail addresses, phone numbers, ids and the like."""
    return Mentions(names=frozenset(" ".join(words(found.text)) for found in find(text)))


def telling(text: str) -> Mentions:
    """Amounts, numbers with a unit, times, dates, phone numbers, ids and names: what a fact sheet is made of."""
    quantities = (one for one in read_quantities(text) if one.unit)
    names = (" ".join(words(found.text)) for found in find(text) if found.kind in _NAMING)
    return Mentions(tuple(quantities), frozenset(names))


def _written(text: str, one: Quantity) -> str:
    return text[one.start : one.end].casefold()


class _Span(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def _without(text: str, spans: Iterable[_Span]) -> str:
    """The text with blanks in place of some of its characters, as long as before."""
    left = list(text)
    for span in spans:
        left[span.start : span.end] = " " * (span.end - span.start)
    return "".join(left)


def _stem(word: str) -> str:
    cut = _ENDINGS.sub("", word)
    return cut if len(cut) >= _SHORTEST else word
