"""How a report's figures are said, on every screen and in every file in the same words. Plain text only.

A figure never stands alone: its interval, the chance level or the number of conversations stand with it.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

from chatforge.evaluation.figures import Difference, Estimate
from chatforge.evaluation.memorisation.record import Canaries, Memorisation, Strings
from chatforge.evaluation.report import BitsPerByte, CheckRecord, Headline, OverlapRecord, Report, RivalRecord
from chatforge.evaluation.rivals import ADAPTED

LISTED = 5
"""How many of the strings that a model has learned by heart are named."""


class Interval(Protocol):
    """A share with its 95% interval: an estimate, or what a worker tells while it works."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def percent_text(estimate: Interval) -> str:
    """41% [33, 49]."""
    return f"{100 * estimate.value:.0f}% [{100 * estimate.low:.0f}, {100 * estimate.high:.0f}]"


def number_text(estimate: Estimate) -> str:
    """0.21 [0.17, 0.25]."""
    return f"{_rounded(estimate.value)} [{_rounded(estimate.low)}, {_rounded(estimate.high)}]"


def points_text(d: Difference) -> str:
    """+12 [+5, +19], in points of identification."""
    return f"{_points(d.value)} [{_points(d.low)}, {_points(d.high)}]"


def signed_text(d: Difference) -> str:
    """+0.05 [0.00, +0.10]."""
    return f"{_rounded(d.value, '+')} [{_rounded(d.low, '+')}, {_rounded(d.high, '+')}]"


def probability_text(p: float) -> str:
    """98%; a probability from resampling is never said to be 0 or 1."""
    return ">99%" if p > 0.99 else "<1%" if p < 0.01 else f"{p:.0%}"


def p_text(p: float) -> str:
    """0.041, <0.001."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def question_text(report: Report) -> str:
    """What was asked of every rival, and how often."""
    return (
        f"{len(report.items)} held-out conversations, one reply of each. Whose reply points to its own true reply "
        f"among {report.settings.candidates}?"
    )


def remarks(rivals: Sequence[RivalRecord]) -> list[str]:
    """What went wrong with replies, where something did: one line for each rival concerned."""
    lines = []
    for rival in rivals:
        shares = (
            (rival.empty, "are empty (they count as 0)"),
            (rival.capped, "met the limit of length"),
            (rival.looped, "went round in circles and were stopped"),
        )
        found = [f"{value:.0%} {words}" for value, words in shares if value]
        if found:
            lines.append(f"{rival.name}: of its replies {', '.join(found)}")
    return lines


def bits_texts(bits: BitsPerByte) -> tuple[str, ...]:
    """How well the true replies are foreseen, what that is good for, and where the models stop."""
    more = f", {bits.skipped} more beyond what the model can look at." if bits.skipped else "."
    return (
        "Bits per byte of the true replies, lower is better: "
        f"base {number_text(bits.base)}, adapted {number_text(bits.adapted)}; saved {number_text(bits.saved)}.",
        "That is how well a model foresees the true replies; it does not decide.",
        f"Probability of stopping where the true reply ends: base {bits.base_stops:.0%}, "
        f"adapted {bits.adapted_stops:.0%}. {bits.turns} repl{'y' if bits.turns == 1 else 'ies'}{more}",
    )


def memory_texts(found: Memorisation) -> Iterator[str]:
    """What of the training replies comes out word for word, and what that means."""
    if found.strings:
        yield from _strings_texts(found.strings)
    if found.canaries:
        yield from _canaries_texts(found.canaries)


def _strings_texts(strings: Strings) -> Iterator[str]:
    total = len(strings.asked)
    what = f"{total} rare string{'' if total == 1 else 's'} of the training replies"
    yield (
        f"Memorisation: of {what} the adapted model completes {_of(strings.adapted, total)}, "
        f"the base {_of(strings.base, total)}."
    )
    learned = [one for one in strings.asked if one.learned]
    if not learned:
        most = f"{100 * strings.learned.high:.0f}%"
        yield f"Training has made it give out none of them; up to {most} of all such strings are still possible."
        return
    told = "; ".join(f"{one.kind} “{one.shown}” of {one.conversation}" for one in learned[:LISTED])
    more = f" and {len(learned) - LISTED} more" if len(learned) > LISTED else ""
    yield f"Learned by heart: {told}{more}."
    yield (
        "Whoever talks to the model can get these out. What tells who somebody is can be taken out of the files "
        "before training: `chatforge data anonymise`."
    )


def _canaries_texts(canaries: Canaries) -> Iterator[str]:
    planted, control, bits = canaries.planted, canaries.control, math.log2(canaries.space)
    yield (
        f"Canaries: of {len(planted.ranks)} planted secrets the adapted model completes "
        f"{_of(planted.completed, len(planted.ranks))}, of {len(control.ranks)} never shown "
        f"{_of(control.completed, len(control.ranks))}. Median exposure {planted.exposure:.1f} and "
        f"{control.exposure:.1f} bits, of {bits:.1f} (known) and about 1 (chance)."
    )
    yield "This model learned made-up secrets: train again without data.canaries before it is used."


def _of(share: Estimate, total: int) -> str:
    """2 (7% [2, 21])."""
    return f"{round(share.value * total)} ({percent_text(share)})"


def overlap_texts(found: OverlapRecord) -> tuple[str, ...]:
    """What of the held-out conversations is in train, and how much of the headline hangs on it."""
    levels = ", ".join(f"{level} {share:.1%}" for level, share in found.shares.items() if share)
    verb = "is" if found.leaked == 1 else "are"
    without = f"too few of the {found.judged} judged are not"
    if found.on_clean:
        without = f"{_headline_text(found.on_clean)} on the {found.clean} that are not"
    return (
        f"{found.leaked} of {found.held_out} held-out conversations ({found.leaked / found.held_out:.1%}) {verb} in "
        f"train too, the same or nearly: {levels}.",
        f"Adapted minus the best untrained rival: {_headline_text(found.on_all)} on all, {without}.",
    )


def _headline_text(headline: Headline) -> str:
    return f"{points_text(headline.identification)} points ({headline.rival})"


def check_text(check: CheckRecord, *, ascii_only: bool = False) -> str:
    """One of the evaluator's checks of itself, with sign and word."""
    good, bad = ("ok", "FAILED:") if ascii_only else ("✔", "✘ FAILED:")
    return f"{good if check.ok else bad} {check.name}: {check.what}"


def visible_text(report: Report) -> str:
    """The smallest difference that this test could have shown."""
    best = report.best_untrained
    d = best.identification
    return (
        f"Smallest difference that {d.conversations} conversations would show (80% power): "
        f"{100 * d.smallest_visible:.0f} points, against {best.rival}, the best untrained rival."
    )


def worst_first(report: Report) -> list[int]:
    """Numbers of the conversations, the one first in which the adapted model is furthest from the true reply."""
    adapted = report.rival(ADAPTED.name)
    return sorted(range(len(report.items)), key=lambda i: (-adapted.replies[i].rank, adapted.replies[i].corrected, i))


def _rounded(value: float, sign: str = "") -> str:
    """Two decimals; nothing has no sign."""
    return format(value, f"{sign}.2f") if round(value, 2) else "0.00"


def _points(share: float) -> str:
    points = round(100 * share)
    return f"{points:+d}" if points else "0"
