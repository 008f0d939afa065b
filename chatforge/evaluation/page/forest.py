"""The forest plot: the adapted model minus each rival, with interval, zero line and band of what is too little."""

from chatforge.evaluation import wording
from chatforge.evaluation.page import drawing
from chatforge.evaluation.page.drawing import Axis
from chatforge.evaluation.page.markup import Markup, joined
from chatforge.evaluation.records import Against
from chatforge.evaluation.report import Report

ROW, TOP = 46, 26
"""Pixels of one rival, and above the first."""

LONGEST = 30
"""Characters of a rival's name."""


def axis_of(report: Report) -> Axis:
    """The axis on which all differences lie, with zero and the smallest worthwhile difference."""
    band = report.settings.smallest_worthwhile_difference
    ends = [end for one in report.against for end in (one.primary.low, one.primary.high)]
    return Axis.around([*ends, band, -band])


def forest(report: Report) -> Markup:
    """Draw it."""
    axis, band = axis_of(report), report.settings.smallest_worthwhile_difference
    bottom = TOP + ROW * len(report.against)
    left, right = axis.at(-band), axis.at(band)
    said = [(value, _points(value)) for value in axis.ticks()]
    zero = axis.at(0.0)
    return drawing.svg(
        "The adapted model minus each rival, with 95% intervals, in points",
        bottom + 44,
        drawing.box(left, TOP - 6, right - left, bottom - TOP + 6, "band"),
        drawing.line(zero, TOP - 6, zero, bottom, "zero"),
        drawing.label(0, 13, "← rival better", "tick"),
        drawing.label(100, 13, "adapted better →", "tick", "end"),
        *(_row(axis, one, TOP + ROW * i, report.best_untrained.rival) for i, one in enumerate(report.against)),
        drawing.scale_below(axis, bottom, said, "points"),
    )


def _row(axis: Axis, one: Against, y: float, bar: str) -> Markup:
    d = one.primary
    low, value, high = axis.at(d.low), axis.at(d.value), axis.at(d.high)
    middle = y + 30
    name = one.rival if len(one.rival) <= LONGEST else f"{one.rival[: LONGEST - 1]}…"
    kind = "bar" if one.rival == bar else None
    return joined(
        (
            drawing.label(0, y + 14, name, kind or ""),
            drawing.label(100, y + 14, wording.points_text(d), kind or "", "end"),
            drawing.line(low, middle, high, middle, "interval"),
            drawing.line(low, middle - 5, low, middle + 5, "interval"),
            drawing.line(high, middle - 5, high, middle + 5, "interval"),
            drawing.dot(value, middle, "adapted"),
        )
    )


def _points(share: float) -> str:
    """+5, 0, -2.5."""
    return f"{100 * share:+.3g}" if abs(share) > 1e-9 else "0"
