"""How alike replies and true replies are: adapted, base, and replies of other conversations as the floor."""

from collections.abc import Sequence
from statistics import median

from chatforge.evaluation import wording
from chatforge.evaluation.page import drawing
from chatforge.evaluation.page.drawing import Axis
from chatforge.evaluation.page.markup import Markup, joined
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE, SHUFFLED
from chatforge.evaluation.scales import CORRECTED

BINS = 24
HEIGHT, GAP = 64, 26
"""Pixels of one rival's columns, and above them for its name."""

KINDS = {ADAPTED.name: "adapted", BASE.name: "base", SHUFFLED.name: "floor"}
"""Rival → its class."""


def values_of(report: Report) -> dict[str, list[float]]:
    """The similarity of every reply of the three, those that have one."""
    return {
        rival.name: [value for reply in rival.replies if (value := reply.scores.get(CORRECTED.key)) is not None]
        for rival in report.rivals
        if rival.name in KINDS
    }


def counts(values: Sequence[float], axis: Axis) -> list[int]:
    """How many values lie in each of the equal parts of an axis; the last part has its upper end."""
    found = [0] * BINS
    for value in values:
        found[min(BINS - 1, max(0, int((value - axis.low) / (axis.high - axis.low) * BINS)))] += 1
    return found


def histograms(report: Report) -> Markup:
    """Draw them one below the other on one axis; columns are shares of the rival's replies."""
    values = {name: found for name, found in values_of(report).items() if found}
    axis = Axis.around([value for found in values.values() for value in found], room=0.0)
    shares = {name: [count / len(found) for count in counts(found, axis)] for name, found in values.items()}
    most = max(share for row in shares.values() for share in row)
    bottom = (HEIGHT + GAP) * len(values)
    rows = [
        _row(name, shares[name], most, median(found), axis, (HEIGHT + GAP) * (i + 1))
        for i, (name, found) in enumerate(values.items())
    ]
    said = [(value, wording.value_text(CORRECTED, value)) for value in axis.ticks()]
    return drawing.svg(
        "How similar replies are to the true ones: adapted, base and shuffled",
        bottom + 44,
        *rows,
        drawing.scale_below(axis, bottom, said, "similarity to the true reply, beyond what any reply has"),
    )


def _row(name: str, shares: Sequence[float], most: float, middle: float, axis: Axis, y: float) -> Markup:
    width = (100 - 2 * drawing.EDGE) / BINS
    columns = [
        drawing.box(
            drawing.EDGE + i * width, y - HEIGHT * share / most, width * 0.9, HEIGHT * share / most, KINDS[name]
        )
        for i, share in enumerate(shares)
        if share
    ]
    words = f"{name}, half above {wording.value_text(CORRECTED, middle)}"
    half = axis.at(middle)
    return joined(
        (
            *columns,
            drawing.line(half, y - HEIGHT, half, y, "zero"),
            drawing.line(drawing.EDGE, y, 100 - drawing.EDGE, y, "axis"),
            drawing.label(0, y - HEIGHT - 8, words),
        )
    )
