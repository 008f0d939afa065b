"""The risk-coverage curve: if only the surest replies were given, how many would be right?"""

from itertools import pairwise

from chatforge.evaluation.page import drawing
from chatforge.evaluation.page.drawing import Axis
from chatforge.evaluation.page.histograms import KINDS
from chatforge.evaluation.page.markup import Markup, joined
from chatforge.evaluation.records import CalibrationRecord
from chatforge.evaluation.report import Report

HEIGHT, TOP = 180, 30

ACROSS = Axis(0.0, 1.0)


def height_of(report: Report) -> Axis:
    """The axis upwards: from nothing to a little more than the best score."""
    most = max(score for one in report.calibration for _, score in one.curve)
    return Axis(0.0, max(most, 2 * report.chance) * 1.1)


def level(axis: Axis, score: float) -> float:
    """Return how many pixels from the top a score lies."""
    return TOP + HEIGHT * (1 - (score - axis.low) / (axis.high - axis.low))


def coverage(report: Report) -> Markup:
    """Draw it for every model that knows how sure it is."""
    up, bottom = height_of(report), TOP + HEIGHT
    marks = [
        part
        for value in up.ticks(4)
        for part in (
            drawing.line(drawing.EDGE, level(up, value), 100 - drawing.EDGE, level(up, value), "grid"),
            drawing.label(drawing.EDGE, level(up, value) - 3, f"{value:.0%}", "tick"),
        )
    ]
    chance = level(up, report.chance)
    legend = [
        (f"{'●' if KINDS[one.rival] == 'adapted' else '■'} {one.rival}", KINDS[one.rival]) for one in report.calibration
    ]
    return drawing.svg(
        "Score of the replies by the share that is given, the surest first",
        bottom + 44,
        *marks,
        drawing.line(drawing.EDGE, chance, 100 - drawing.EDGE, chance, "chance"),
        drawing.label(100 - drawing.EDGE, chance - 3, "chance", "tick", "end"),
        *(drawing.label(4 + 30 * i, 13, words, kind) for i, (words, kind) in enumerate(legend)),
        *(_curve(one, up) for one in report.calibration),
        drawing.scale_below(
            ACROSS, bottom, [(i / 4, f"{i / 4:.0%}") for i in range(5)], "share given, the surest first"
        ),
    )


def _curve(one: CalibrationRecord, up: Axis) -> Markup:
    kind = KINDS[one.rival]
    places = [(ACROSS.at(share), level(up, score)) for share, score in one.curve]
    lines = [drawing.line(x1, y1, x2, y2, f"path {kind}") for (x1, y1), (x2, y2) in pairwise(places)]
    square = kind == "base"
    dots = [drawing.square(x, y, kind, 4) if square else drawing.dot(x, y, kind, 4) for x, y in places]
    return joined((*lines, *dots))
