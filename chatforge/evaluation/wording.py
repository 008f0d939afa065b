"""How a report's figures are said, on every screen and in every file in the same words. Plain text only.

A figure never stands alone: its interval, the chance level or the number of conversations stand with it.
"""

from collections.abc import Sequence
from typing import Protocol

from chatforge.evaluation.figures import Difference, Estimate
from chatforge.evaluation.flags.flag import KINDS, FlagKind
from chatforge.evaluation.records import (
    BitsPerByte,
    CalibrationRecord,
    CheckRecord,
    Headline,
    IntentRecord,
    OverlapRecord,
    RivalRecord,
)
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.evaluation.scales import CORRECTED, PRIMARY, Scale

ALIKE = 0.2
"""Share of equal replies from which on it is said."""

SURENESS = "Does it know when it is right? 0.5: not at all, 1: always"
"""What is asked by `calibration_text`."""

SURE = 0.05
"""q under which the difference of one intent is believed."""


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
    """+12 [+5, +19], in points."""
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
    turns = len(report.items)
    replies = "one reply of each" if turns == report.conversations else f"{turns} replies of them"
    return (
        f"{report.conversations} held-out conversations, {replies}. Does what a reply adds to the question point to "
        f"the true reply among {report.settings.candidates}? That decides; chance is {report.chance:.0%}."
    )


def value_text(scale: Scale, value: float) -> str:
    """41% or 0.21, as the scale has it."""
    return f"{100 * value:.0f}%" if scale.unit == "share" else _rounded(value)


def estimate_text(scale: Scale, found: Estimate) -> str:
    """41% [33, 49] or 0.21 [0.17, 0.25]."""
    return percent_text(found) if scale.unit == "share" else number_text(found)


def brief_text(scale: Scale, found: Estimate | Difference) -> str:
    """41% ±8 or 0.21 ±.04: half the width of the 95% interval."""
    half = (found.high - found.low) / 2
    sign = "+" if isinstance(found, Difference) else ""
    if scale.unit == "number":
        return f"{_rounded(found.value, sign)} ±{half:.2f}".replace("±0.", "±.")
    value = _points(found.value) if sign else f"{100 * found.value:.0f}%"
    return f"{value} ±{100 * half:.0f}"


def cell_text(scale: Scale, found: Estimate | None) -> str:
    """The cell of a table: the whole interval on the scale that decides, half its width on the others."""
    if found is None:
        return "-"
    return estimate_text(scale, found) if scale is PRIMARY else brief_text(scale, found)


def difference_text(scale: Scale, d: Difference) -> str:
    """+12 [+5, +19] in points, or +0.05 [0.00, +0.10]."""
    return points_text(d) if scale.unit == "share" else signed_text(d)


def chance_text(scale: Scale, report: Report) -> str:
    """What a reply has by chance: 10% or 0; a dash where the shuffled replies alone show it."""
    return f"{report.chance:.0%}" if scale.chance == "one in k" else "0" if scale.chance == 0 else "-"


def counted(report: Report, scale: Scale) -> int:
    """How many replies were scored on a scale: those whose true reply has what it looks for."""
    return sum(reply.scores.get(scale.key) is not None for reply in report.rivals[0].replies)


def remarks(rivals: Sequence[RivalRecord]) -> list[str]:
    """What went wrong with replies, where something did: one line for each rival concerned."""
    lines = []
    for rival in rivals:
        form = rival.form
        wrote = form.stopped is not None
        shares = (
            (form.empty, "are empty (they count as 0)"),
            (form.capped or 0.0, "met the limit of length"),
            (form.looped or 0.0, "went round in circles and were stopped"),
            (form.one_answer if wrote and form.one_answer >= ALIKE else 0.0, "are one and the same text"),
        )
        found = [f"{value:.0%} {words}" for value, words in shares if value]
        if found:
            lines.append(f"{rival.name}: of its replies {', '.join(found)}")
    return lines


def watch_texts(report: Report) -> list[str]:
    """What stands against taking the verdict as it is."""
    lines = []
    if weakest := next((one for one in report.intents if one.apart), None):
        better = weakest.q is not None and weakest.q < SURE and _gain(weakest) > 0
        judged = "" if better else ", not shown to be better than base"
        lines.append(
            f"Weakest intent: {weakest.intent}, {percent_text(weakest.adapted)} of {weakest.conversations} "
            f"conversations{judged}."
        )
    base = flag_counts(report.rival(BASE.name))
    if flagged := {kind: count for kind, count in flag_counts(report.rival(ADAPTED.name)).items() if count}:
        told = ", ".join(f"{kind} {count} (base {base[kind]})" for kind, count in flagged.items())
        lines.append(f"Needs a look, replies of the adapted model: {told}.")
    if second := report.second:
        same = second.word == report.verdict.word
        said = "says the same" if same else f"would say “{second.word}”: the verdict hangs on the encoder"
        lines.append(
            f"A second encoder, {second.encoder}, {said}: {points_text(second.difference)} points against "
            f"{second.rival}."
        )
    return lines


def flag_counts(rival: RivalRecord) -> dict[FlagKind, int]:
    """How many of a rival's replies have a flag of each kind."""
    return {kind: sum(any(flag.kind == kind for flag in reply.flags) for reply in rival.replies) for kind in KINDS}


def _gain(intent: IntentRecord) -> float:
    return intent.difference.value if intent.difference else 0.0


def intents_text(report: Report) -> str:
    """What may be said of single intents, and what their rates stand for."""
    alone = sum(one.difference is not None for one in report.intents)
    if not alone:
        few = max(one.conversations for one in report.intents)
        return (
            f"{len(report.intents)} intents, none with the 8 held-out conversations from which on one is judged alone "
            f"(the most: {few})."
        )
    return (
        f"{alone} of {len(report.intents)} intents have the 8 held-out conversations from which on one is judged "
        "alone. Rates are drawn towards the mean of all; q is p of the difference, corrected for looking at many."
    )


def calibration_text(found: CalibrationRecord) -> str:
    """Whether a model knows when it is right, and what that is good for."""
    share, score = min(found.curve, key=lambda point: abs(point[0] - 0.5))
    area = found.auroc
    whole = found.curve[-1][1]
    return (
        f"{found.rival}: {area.value:.2f} [{area.low:.2f}, {area.high:.2f}]; the surest {share:.0%} of its replies "
        f"score {score:.0%}, all {whole:.0%}"
    )


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
    return f"{points_text(headline.difference)} points ({headline.rival})"


def check_text(check: CheckRecord, *, ascii_only: bool = False) -> str:
    """One of the evaluator's checks of itself, with sign and word."""
    good, bad = ("ok", "FAILED:") if ascii_only else ("✔", "✘ FAILED:")
    return f"{good if check.ok else bad} {check.name}: {check.what}"


def visible_text(report: Report) -> str:
    """The smallest difference that this test could have shown."""
    best = report.best_untrained
    d = best.primary
    return (
        f"Smallest difference that {d.conversations} conversations would show (80% power): "
        f"{100 * d.smallest_visible:.0f} points, against {best.rival}, the best untrained rival."
    )


def worst_first(report: Report) -> list[int]:
    """Numbers of the items, the one first in which the adapted model is furthest from the true reply."""
    adapted = report.rival(ADAPTED.name).replies
    key = CORRECTED.key
    return sorted(range(len(report.items)), key=lambda i: (-adapted[i].place, adapted[i].scores.get(key) or 0.0, i))


def _rounded(value: float, sign: str = "") -> str:
    """Two decimals; nothing has no sign."""
    return format(value, f"{sign}.2f") if round(value, 2) else "0.00"


def _points(share: float) -> str:
    points = round(100 * share)
    return f"{points:+d}" if points else "0"
