"""How replies are written, whatever they say: lengths, repetition, copying, and one reply for all."""

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from statistics import fmean, quantiles

RUN = 4
"""Words of the runs that may come again within a reply."""

_WORD = re.compile(r"\w+(?:['’]\w+)*")


def words(text: str) -> list[str]:
    """The words of a text, without case."""
    return _WORD.findall(text.casefold())


def length_ratios(replies: Sequence[str], references: Sequence[str]) -> tuple[float, float, float]:
    """Return the 10% quantile, median and 90% quantile of reply length over reference length, in characters."""
    ratios = [len(r.strip()) / max(1, len(ref.strip())) for r, ref in zip(replies, references, strict=True)]
    tenths = quantiles(ratios, n=10, method="inclusive") if len(ratios) > 1 else ratios * 9
    return tenths[0], tenths[4], tenths[8]


def copied(reply: str, question: str) -> float:
    """Words of the longest run that reply and question share, over the words of the reply; 0 for no words."""
    mine, theirs = words(reply), words(question)
    if not mine:
        return 0.0
    return SequenceMatcher(None, mine, theirs, autojunk=False).find_longest_match().size / len(mine)


def repeated(reply: str) -> float:
    """Share of the runs of 4 words in a reply that stood in it before; 0 where there is no run."""
    said = words(reply)
    runs = [tuple(said[i : i + RUN]) for i in range(len(said) - RUN + 1)]
    return 1.0 - len(set(runs)) / len(runs) if runs else 0.0


def distinct_2(replies: Sequence[str]) -> float:
    """Different pairs of neighbouring words over all such pairs, in all replies together (Li et al. 2016)."""
    pairs = [pair for reply in replies for pair in pairwise(words(reply))]
    return len(set(pairs)) / len(pairs) if pairs else 0.0


def one_answer(replies: Sequence[str]) -> float:
    """Share of the most common reply, without regard to case and spaces."""
    counts = Counter(" ".join(reply.casefold().split()) for reply in replies)
    return max(counts.values(), default=0) / max(1, len(replies))


def mean_of(values: Sequence[float]) -> float:
    """Mean; 0 of none."""
    return fmean(values) if values else 0.0
