"""How well the axes agree with people, as what a terminal shows, within 80 columns. Rich only."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from chatforge.evaluation.agreement.axes import AXES, COSINE, LENGTH
from chatforge.evaluation.agreement.correlation import Correlation
from chatforge.evaluation.figures import MINIMUM, Estimate
from chatforge.words import plain

LEGEND = (
    "r: 1 in step with people, 0 nothing to do with them, below 0 against them (as it should be where a score counts "
    "errors). Pearson asks for a straight line, Spearman only for the order.",
    "[…] are 95% intervals, resampled by document.",
)


def tables(found: Sequence[Correlation]) -> Iterator[RenderableType]:
    """Yield one table for each score, and what the figures mean."""
    for score, rows in groupby(found, key=lambda one: one.score):
        yield _table(score, list(rows))
    axes = Table.grid(padding=(0, 2))
    for axis in dict.fromkeys(one.axis for one in found):
        axes.add_row(_name(axis), Text(AXES[axis]))
    yield axes
    yield Text("\n".join(LEGEND))


def _table(score: str, rows: Sequence[Correlation]) -> Table:
    most = max(rows, key=lambda one: one.rows)
    title = f"{plain(score, one_line=True)}: {most.rows} texts of {most.documents} documents"
    told = [one for one in rows if one.documents >= min(MINIMUM, most.documents)]
    fewer = [f"{_name(one.axis)} {one.rows}" for one in rows if one.rows < most.rows]
    notes = [f"of them have any: {', '.join(fewer)}"] if fewer else []
    given = [f"{_name(one.axis)} {_text(one.given)}" for one in told if one.given]
    notes += [f"Pearson with {LENGTH} held constant: {', '.join(given)}"] if given else []
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, title=Text(title), title_justify="left")
    table.caption, table.caption_justify = Text("\n".join(notes)), "left"
    table.add_column("axis", no_wrap=True)
    for head in ("Pearson", "Spearman", f"Pearson minus {COSINE}"):
        table.add_column(head, justify="right", no_wrap=True)
    for one in told:
        cells = (_text(one.pearson), _text(one.spearman), _text(one.minus.get("pearson"), "+"))
        table.add_row(_name(one.axis), *cells)
    return table


def _name(axis: str) -> str:
    return axis.replace("_", " ")


def _text(estimate: Estimate | None, sign: str = "") -> str:
    """0.41 [0.29, 0.53]."""
    if estimate is None:
        return "-"
    value, low, high = (round(number, 2) + 0.0 for number in (estimate.value, estimate.low, estimate.high))
    return f"{value:{sign}.2f}" + ("" if estimate.method == "none" else f" [{low:.2f}, {high:.2f}]")
