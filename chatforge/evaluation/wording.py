"""How a report's figures are said, on every screen and in every file in the same words. Plain text only.

A figure never stands alone: its interval, the chance level or the number of conversations stand with it.
"""

from collections.abc import Sequence
from typing import Protocol

from chatforge.evaluation.figures import Difference, Estimate
from chatforge.evaluation.report import BitsPerByte, CheckRecord, Report, RivalRecord
from chatforge.evaluation.rivals import ADAPTED


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
