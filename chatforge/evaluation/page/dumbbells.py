"""Intents: from the base's rate to the adapted model's, each with its number of conversations and q."""

from chatforge.evaluation import wording
from chatforge.evaluation.page import drawing
from chatforge.evaluation.page.drawing import Axis
from chatforge.evaluation.page.markup import Markup, joined
from chatforge.evaluation.records import IntentRecord
from chatforge.evaluation.report import Report

ROW, TOP = 46, 26
LONGEST = 30


def axis_of(report: Report) -> Axis:
    """The axis of the rates: from nothing to a little more than the highest end of an interval."""
    most = max((max(one.base.value, one.adapted.high) for one in report.intents), default=0.0)
    return Axis(0.0, min(1.0, max(most, 2 * report.chance) * 1.1))


def dumbbells(report: Report) -> Markup:
    """Draw them, the weakest of the adapted model first."""
    axis, bottom = axis_of(report), TOP + ROW * len(report.intents)
    chance = axis.at(report.chance)
    said = [(value, f"{value:.0%}") for value in axis.ticks()]
    return drawing.svg(
        "Rate of each intent, base and adapted",
        bottom + 44,
        drawing.line(chance, TOP - 6, chance, bottom, "chance"),
        drawing.label(chance, 13, "chance", "tick", "middle"),
        *(_row(axis, one, TOP + ROW * i) for i, one in enumerate(report.intents)),
        drawing.scale_below(axis, bottom, said, "share of conversations"),
    )


def _row(axis: Axis, one: IntentRecord, y: float) -> Markup:
    middle = y + 30
    base, adapted = axis.at(one.base.value), axis.at(one.adapted.value)
    name = one.intent if len(one.intent) <= LONGEST else f"{one.intent[: LONGEST - 1]}…"
    q = "" if one.q is None else f", q {wording.p_text(one.q)}"
    return joined(
        (
            drawing.label(0, y + 14, name, "" if one.difference else "muted"),
            drawing.label(100, y + 14, f"n {one.conversations}{q}", "tick", "end"),
            drawing.line(axis.at(one.adapted.low), middle, axis.at(one.adapted.high), middle, "grid"),
            drawing.line(base, middle, adapted, middle, "path"),
            drawing.square(base, middle, "base"),
            drawing.dot(adapted, middle, "adapted"),
        )
    )
