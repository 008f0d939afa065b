"""The verdict, by rule, from figures: no model writes it and nothing in it is a matter of taste.

One scale decides (`scales.PRIMARY`), on the difference between the adapted model and the best untrained rival:

    better                     interval above zero, difference at least the smallest worthwhile one
    probably better            more likely than not: probability 80% or more
    no meaningful difference   the whole interval is within ± the smallest worthwhile difference
    cannot tell                otherwise, and always under 30 conversations
    (probably) worse           mirrored
    no verdict                 a self-check failed
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chatforge.evaluation.figures import MINIMUM, POWER, Difference, Estimate
from chatforge.evaluation.rivals import NEAREST, named

Word = Literal[
    "better", "probably better", "no meaningful difference", "cannot tell", "probably worse", "worse", "no verdict"
]
SIGNS: dict[Word, str] = {
    "better": "✔",
    "probably better": "↗",
    "no meaningful difference": "=",
    "cannot tell": "?",
    "probably worse": "↘",
    "worse": "✘",
    "no verdict": "!",
}
PROBABLE = 0.8
UNCHANGED = "the adapter changes nothing"
"""How the self-check says that base and adapted are the same."""


@dataclass(frozen=True)
class Standing:
    """One untrained rival: what it scores on the scale that decides, and how the adapted model differs from it."""

    rival: str
    score: Estimate
    difference: Difference


@dataclass(frozen=True)
class Verdict:
    """What the run has shown.

    Attributes:
        word: by the rules above.
        sentence: for a reader who knows nothing of statistics.
        numbers: what stands behind it.
        rival: the best untrained rival, the bar; None without a verdict.
        more_needed: conversations to add before the smallest worthwhile difference would be seen; None if enough.
        advice: what to do instead of training, where an untrained rival is as good or better.
        reasons: why there is no verdict.
    """

    word: Word
    sentence: str
    numbers: str
    rival: str | None = None
    more_needed: int | None = None
    advice: str | None = None
    reasons: tuple[str, ...] = ()

    @property
    def sign(self) -> str:
        """The word as one character, for those who skim."""
        return SIGNS[self.word]


def judge(
    adapted: Estimate,
    standings: Sequence[Standing],
    *,
    chance: float,
    worthwhile: float,
    failures: Sequence[str],
    gap: Estimate | None = None,
) -> Verdict:
    """Give the verdict.

    Args:
        adapted: score of the adapted model on the scale that decides.
        standings: every untrained rival that may compete, in the order they are shown; at least one.
        chance: score of a reply that has nothing to do with its conversation.
        worthwhile: smallest worthwhile difference (0.05 = 5 points).
        failures: why self-checks failed; empty if none did.
        gap: share of the way from the best untrained rival to the true replies that the adapted model has gone.
    """
    if failures:
        return _none(failures)
    bar = best_of(standings)
    word = word_of(bar.difference, worthwhile)
    more = _more_needed(bar.difference, worthwhile)
    return Verdict(
        word,
        _sentence(word, bar, more),
        _numbers(adapted, bar, chance, gap),
        rival=bar.rival,
        more_needed=more,
        advice=_advice(word, bar),
    )


def best_of(standings: Sequence[Standing]) -> Standing:
    """The best untrained rival, the first of equals: the bar."""
    return max(standings, key=lambda standing: standing.score.value)


def _none(failures: Sequence[str]) -> Verdict:
    unchanged = any(UNCHANGED in failure for failure in failures)
    why = "the adapter changes nothing" if unchanged else "the evaluation did not pass its own checks"
    failed = "Failed: " + "; ".join(failures) + "."
    return Verdict("no verdict", f"There is no verdict: {why}.", failed, reasons=tuple(failures))


def word_of(d: Difference, worthwhile: float) -> Word:
    """Return the word for a difference, by the rules above.

    Args:
        worthwhile: smallest worthwhile difference (0.05 = 5 points).
    """
    if d.conversations < MINIMUM:
        return "cannot tell"
    if d.low > 0 and d.value >= worthwhile:
        return "better"
    if d.high < 0 and d.value <= -worthwhile:
        return "worse"
    if -worthwhile <= d.low and d.high <= worthwhile:
        return "no meaningful difference"
    if d.probability >= PROBABLE:
        return "probably better"
    if d.probability <= 1 - PROBABLE:
        return "probably worse"
    return "cannot tell"


def _more_needed(d: Difference, worthwhile: float) -> int | None:
    """Conversations to add; the run's own spread says how many, and never fewer than the minimum in all."""
    needed = max(MINIMUM, math.ceil((POWER * d.sd / worthwhile) ** 2)) if worthwhile > 0 else MINIMUM
    return needed - d.conversations if needed > d.conversations else None


def _sentence(word: Word, bar: Standing, more: int | None) -> str:
    phrase = named(bar.rival).phrase
    again = f" About {more} more held-out conversation{'s are' if more != 1 else ' is'} needed to tell." if more else ""
    match word:
        case "better":
            return f"Training helped: the adapted model is better than {phrase}, the best you have without training."
        case "probably better":
            return f"Training probably helped: the adapted model looks better than {phrase}, but not surely.{again}"
        case "no meaningful difference":
            return f"Training made no difference that matters: {phrase} does as well as the adapted model."
        case "probably worse":
            return f"Training probably did not help: {phrase} looks better than the adapted model.{again}"
        case "worse":
            return f"Training did not help: {phrase} is better than the adapted model."
    few = f"{bar.difference.conversations} held-out conversations are too few to say" if more else "It cannot be said"
    return f"{few} whether the adapted model is better than {phrase}.{again}"


def _numbers(adapted: Estimate, bar: Standing, chance: float, gap: Estimate | None) -> str:
    d = bar.difference
    closed = (
        f" Share of the gap from there to the true replies that it closes: {_percent(gap.value)} "
        f"[{round(100 * gap.low)}, {round(100 * gap.high)}]."
        if gap
        else ""
    )
    return (
        f"What the adapted model's reply adds to the question points to the true reply among {round(1 / chance)} in "
        f"{_percent(adapted.value)} of the conversations; that of {bar.rival} in {_percent(bar.score.value)} (chance "
        f"{_percent(chance)}). Difference {_points(d.value)} points, 95% interval [{_points(d.low)}, "
        f"{_points(d.high)}], {d.conversations} held-out conversations; probability that it is above zero: "
        f"{_probability(d.probability)}.{closed}"
    )


def _advice(word: Word, bar: Standing) -> str | None:
    if word not in ("no meaningful difference", "probably worse", "worse"):
        return None
    rival = named(bar.rival)
    if rival.by == "base":
        return f"Prompting is enough here: use {rival.phrase}, and don't fine-tune."
    if bar.rival == NEAREST.name:
        return "Retrieval is enough here: look up the most similar conversation and give its reply; don't fine-tune."
    return (
        f"No model is worth its cost yet: {rival.phrase} does as well. "
        "Look at the replies and at the data before training again."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _points(difference: float) -> str:
    """Whole points; one decimal where whole ones would hide on which side of zero it lies."""
    points = round(100 * difference, 1)
    return f"{points:+.1f}" if 0 < abs(points) < 1 else f"{round(points):+d}" if round(points) else "0"


def _probability(p: float) -> str:
    """A probability from resampling, never said to be 0 or 100%."""
    return "over 99%" if p > 0.99 else "under 1%" if p < 0.01 else f"{100 * p:.0f}%"
