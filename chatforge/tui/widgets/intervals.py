"""Figures with their 95% intervals as bars on one axis, with a line at what they are compared with, if anything.

    adapted  ┊     ├──●──┤           39% [28, 50]
    parrot   ┊              ├──●─┤   71% [60, 81]
             ┊
    ─────────┬───────┬───────┬
    0%      25%     50%     75%

In ASCII `|--o--|` and `:`. Nothing hangs on colour: the words at the right say the same.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from chatforge.tui.signs import UNICODE, Signs

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
"""Between two ticks of an axis."""

MOST_TICKS = 7
NARROWEST = 12
"""Columns that the bars keep, whatever the words beside them need."""


@dataclass(frozen=True)
class Bar:
    """One figure: its name, value, interval, and the words that say the same. `style` is Textual's."""

    name: str
    value: float
    low: float
    high: float
    words: str
    style: str = ""


@dataclass(frozen=True)
class Axis:
    """From where to where, what stands under it, and where a line is drawn through all bars (`mark`), if one is."""

    low: float
    high: float
    step: float
    mark: float | None
    label: Callable[[float], str]

    def column(self, value: float, columns: int) -> int:
        """Column of a value; what is beyond an end is drawn at it."""
        share = (value - self.low) / (self.high - self.low)
        return round(min(1.0, max(0.0, share)) * (columns - 1))

    def ticks(self) -> list[float]:
        """Values with a label."""
        return [self.low + i * self.step for i in range(round((self.high - self.low) / self.step) + 1)]


def axis_over(bars: Sequence[Bar], mark: float | None, label: Callable[[float], str]) -> Axis:
    """Return the axis on which all bars, zero and the mark have room, with round numbers at its ends."""
    values = [0.0, mark or 0.0, *(bar.low for bar in bars), *(bar.high for bar in bars)]
    low, high = min(values), max(values)
    step = next((s for s in STEPS if _parts(low, high, s) < MOST_TICKS), STEPS[-1])
    first, last = math.floor(low / step + 1e-6), math.ceil(high / step - 1e-6)
    return Axis(first * step, max(last, first + 1) * step, step, mark, label)


def draw(bars: Sequence[Bar], axis: Axis, width: int, *, ascii_only: bool = False) -> list[Content]:
    """Return the lines of the picture: one for each bar, then the axis and its labels."""
    names = max((cell_len(bar.name) for bar in bars), default=0)
    words = max((cell_len(bar.words) for bar in bars), default=0)
    columns = max(NARROWEST, width - names - words - 4)
    lines = [_line(bar, axis, names, columns, ascii_only) for bar in bars]
    margin = " " * (names + 2)
    return [*lines, *(Content.styled(margin + line, "$text-muted") for line in _foot(axis, columns, ascii_only))]


class IntervalBars(Widget):
    """Bars on one axis; `show` them. As high as it has lines."""

    DEFAULT_CSS = "IntervalBars { height: auto; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (textual's own name)
        super().__init__(id=id)
        self._bars: Sequence[Bar] = ()
        self._axis: Axis | None = None
        self._signs: Signs = UNICODE

    def show(self, bars: Sequence[Bar], axis: Axis, signs: Signs) -> None:
        """Draw these."""
        self._bars, self._axis, self._signs = bars, axis, signs
        self.refresh(layout=True)

    def render(self) -> Content:
        """Draw as wide as there is room."""
        if self._axis is None:
            return Content("")
        lines = draw(self._bars, self._axis, self.content_size.width, ascii_only=self._signs.ascii_only)
        return Content("\n").join(lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as `draw` returns."""
        return len(self._bars) + 2 if self._axis else 0


def _line(bar: Bar, axis: Axis, names: int, columns: int, ascii_only: bool) -> Content:
    left, line, point, right, mark, crossing = "|-o|:+" if ascii_only else "├─●┤┊┼"
    low, at, high = (axis.column(value, columns) for value in (bar.low, bar.value, bar.high))
    cells = [" "] * columns
    cells[low : high + 1] = [line] * (high + 1 - low)
    if axis.mark is not None:
        across = axis.column(axis.mark, columns)
        cells[across] = crossing if low < across < high else mark
    cells[low], cells[high] = left, right
    cells[at] = point
    picture = "".join(cells)
    name = bar.name + " " * (names - cell_len(bar.name))
    chart = Content.styled(picture, bar.style) if bar.style else Content(picture)
    return Content.assemble((f"{name}  ", bar.style), chart, (f"  {bar.words}", bar.style))


def _foot(axis: Axis, columns: int, ascii_only: bool) -> tuple[str, str]:
    """The axis with its ticks, and under it as many labels as have room."""
    line, tick = "-+" if ascii_only else "─┴"
    drawn, labels = [line] * columns, ""
    for value in axis.ticks():
        at, text = axis.column(value, columns), axis.label(value)
        start = max(0, at - len(text) // 2)
        if start + len(text) > columns:
            start = columns - len(text)
        if labels and start < len(labels) + 2:
            continue
        drawn[at] = tick
        labels = labels.ljust(start) + text
    return "".join(drawn), labels


def _parts(low: float, high: float, step: float) -> int:
    return math.ceil(high / step - 1e-6) - math.floor(low / step + 1e-6)
