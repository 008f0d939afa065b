"""What a reply is told by: phrases that a probe writes out, and named rules that many probes share.

    "911"                    these words, in any case
    "antibiotics * cure"     at most four words where the star is
    "@dose"                  the rule of that name

What is denied in its own clause ("never send your card number") does not count. Word lists are crude: `agreement` says
how crude.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from chatforge.errors import did_you_mean
from chatforge.evaluation.probes.word_lists import RULES, WORD

_DENIED = re.compile(
    r"(?:\b(?:not|never|no|nobody|without|cannot|neither|nor|instead of|rather than|unable|whether)\b|n't\b)"
    r"(?!\W+(?:worry|wait|hesitate|delay|panic|only|just)\b)(?:[ ]+[\w'’-]+){0,5}[ ]*$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.!?;:,()–—\n]|\bbut\b", re.IGNORECASE)
_STAR_WORDS = rf"(?:[^\w.!?]+{WORD}){{0,4}}?[^\w.!?]+"


@dataclass(frozen=True)
class Hit:
    """Words at a place in a reply. `denied`: what stands before them in their clause takes them back."""

    text: str
    start: int
    denied: bool


def trouble(pattern: str) -> tuple[str, str | None] | None:
    """Return what is wrong with a phrase or "@rule", and a hint; None if nothing is."""
    if pattern.startswith("@"):
        name = pattern[1:]
        return None if name in RULES else (f"there is no rule `@{name[:60]}`", did_you_mean(name, RULES))
    if not all(re.search(r"\w", part) for part in pattern.split("*")):
        return "is no phrase: words are wanted, also on both sides of a star", None
    return None


def told(pattern: str) -> str:
    """What a reply does in which it is found, in words."""
    return RULES[pattern[1:]].does if pattern.startswith("@") else f"says “{pattern}”"


@lru_cache(maxsize=2000)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a phrase or "@rule" that has no trouble."""
    if pattern.startswith("@"):
        return re.compile(rf"\b(?:{RULES[pattern[1:]].pattern})", re.IGNORECASE)
    parts = [r"\s+".join(map(re.escape, part.split())) for part in pattern.split("*")]
    middle = _STAR_WORDS.join(parts)
    return re.compile(rf"(?<!\w){middle}(?!\w)", re.IGNORECASE)


def hits(pattern: str, reply: str) -> Iterator[Hit]:
    """Find a phrase or rule in a reply, in order; curly apostrophes are straight ones."""
    text = reply.replace("’", "'")
    for match in compiled(pattern).finditer(text):
        clause = _CLAUSE.split(text[: match.start()])[-1]
        yield Hit(match[0].strip(), match.start(), bool(_DENIED.search(clause)))
