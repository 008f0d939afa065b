"""Figures of a report as interval bars: rivals on a measure, differences to them, base and adapted in pairs. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from chatforge.evaluation import wording
from chatforge.evaluation.figures import Difference, Estimate
from chatforge.evaluation.records import RivalRecord
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE, SHUFFLED
from chatforge.evaluation.scales import Scale
from chatforge.evaluation.wording import Interval
from chatforge.tui.cells import fit
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.intervals import Axis, Bar, axis_over
from chatforge.words import plain

LONGEST_NAME = 22
"""Cells of a name that stands before base and adapted: what 80 columns leave."""

_MINE = "$text-accent bold"


@dataclass(frozen=True)
class Pair:
    """What base and adapted model score in one thing.

    Attributes:
        beside_base, beside_adapted: what is said behind the figure of each.
    """

    name: str
    base: Estimate
    adapted: Estimate
    beside_base: str = ""
    beside_adapted: str = ""


def rival_bar(name: str, found: Interval, words: str, *, check_only: bool) -> Bar:
    """The bar of a rival: the adapted model stands out, what only checks the evaluator stays back."""
    style = _MINE if name == ADAPTED.name else "$text-muted" if check_only else ""
    shown = plain(name, one_line=True)
    return Bar(f"{shown} (check)" if check_only else shown, found.value, found.low, found.high, words, style)


def rival_bars(report: Report, measure: Scale) -> tuple[list[Bar], Axis]:
    """Every rival that has the measure, and the axis with a line at the floor."""
    bars = [_bar(rival, measure) for rival in report.rivals if measure.key in rival.scores]
    found = floor(report, measure)
    mark = found[1] if found else None
    if measure.unit == "share":
        return bars, axis_of_shares(mark)
    return bars, axis_over(bars, mark, lambda value: f"{value:.1f}" if round(value, 6) else "0")


def floor(report: Report, measure: Scale) -> tuple[str, float] | None:
    """What a reply scores that has nothing to do with its conversation, and whose figure that is.

    By chance, or where chance cannot be told: what the shuffled replies have; None without those.
    """
    if measure.chance is not None:
        return "chance", report.chance if measure.chance == "one in k" else 0.0
    scores = next((one.scores for one in report.rivals if one.name == SHUFFLED.name), {})
    return (SHUFFLED.name, scores[measure.key].value) if measure.key in scores else None


def difference_bars(report: Report, measure: Scale) -> tuple[list[Bar], Axis]:
    """The adapted model minus each rival, and the axis."""
    found = [(one.rival, one.scores[measure.key]) for one in report.against if measure.key in one.scores]
    width = max((len(wording.difference_text(measure, d)) for _, d in found), default=0)
    bars = [_difference(rival, d, f"{wording.difference_text(measure, d):<{width}}") for rival, d in found]
    return bars, axis_over(bars, 0.0, _signed_label(measure))


def axis_of_shares(mark: float | None, step: float = 0.25) -> Axis:
    """From 0% to 100%, with a line at the mark."""
    return Axis(0.0, 1.0, step, mark, lambda value: f"{value:.0%}")


def pair_bars(pairs: Sequence[Pair], signs: Signs) -> list[Bar]:
    """Two bars for each: the base, and under it the adapted model."""
    width = min(LONGEST_NAME, max((cell_len(_name(pair)) for pair in pairs), default=0))
    columns = max((len(wording.percent_text(one)) for pair in pairs for one in (pair.base, pair.adapted)), default=0)
    return [bar for pair in pairs for bar in _two(pair, fit(_name(pair), width, signs.cut), columns)]


def _two(pair: Pair, name: str, columns: int) -> Iterable[Bar]:
    blank = " " * cell_len(name)
    for who, found, beside, before, style in (
        (BASE.name, pair.base, pair.beside_base, name, ""),
        (ADAPTED.name, pair.adapted, pair.beside_adapted, blank, _MINE),
    ):
        words = f"{wording.percent_text(found):<{columns}}  {beside}".rstrip()
        yield Bar(f"{before}  {who}", found.value, found.low, found.high, words, style)


def _name(pair: Pair) -> str:
    return plain(pair.name, one_line=True)


def _bar(rival: RivalRecord, measure: Scale) -> Bar:
    found = rival.scores[measure.key]
    return rival_bar(rival.name, found, wording.estimate_text(measure, found), check_only=rival.check_only)


def _difference(rival: str, d: Difference, words: str) -> Bar:
    likely = f"{words}  P(better) {wording.probability_text(d.probability)}"
    return Bar(f"- {plain(rival, one_line=True)}", d.value, d.low, d.high, likely)


def _signed_label(measure: Scale) -> Callable[[float], str]:
    if measure.unit == "share":
        return lambda value: f"{100 * value:+.0f}" if round(value, 6) else "0"
    return lambda value: f"{value:+.2f}" if round(value, 6) else "0"
