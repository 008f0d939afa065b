"""Draws curves with signs: points go in, rows of inked text come out. No screen, no colours, no clock.

    points ──Frame──► pixels (2 x 4 a cell in braille, 1 a cell in ASCII) ──► cells ──► rows

Several points in one column of pixels keep the lowest and the highest of them, so that no spike is lost.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from chatforge.tui.widgets.scales import Point, axis_end, is_number, level, tick_labels, ticks, value_range

Column = tuple[int, int, int, int, int]
"""Pixel column with the rows of its first, highest, lowest and last point; and how many points there are."""


class Ink(StrEnum):
    """What a sign stands for; the widget has a style for each."""

    AXIS = "axis"
    TRAIN = "train"
    VALID = "valid"
    CURSOR = "cursor"
    BAD = "bad"


Row = tuple[tuple[str, Ink], ...]


@dataclass(frozen=True)
class Curves:
    """What is drawn.

    Attributes:
        train: joined by a line, steps ascending. valid: marked with `o`, the `best` step with `O`.
        until: the last step there will be; None if nobody knows.
    """

    train: Sequence[Point] = ()
    valid: Sequence[Point] = ()
    best: float | None = None
    until: float | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(is_number(y) for _, y in (*self.train, *self.valid))

    @property
    def last(self) -> float:
        """The last step that is known."""
        return max((x for x, _ in (*self.train, *self.valid)), default=1.0)

    @property
    def end(self) -> float:
        """The step at which the axis ends."""
        return axis_end(self.last, self.until)


@dataclass(frozen=True)
class Frame:
    """Which values a grid of `width` x `height` shows: x from `x0` to `x1`, y from `y0` (below) to `y1`."""

    x0: float
    x1: float
    y0: float
    y1: float
    width: int
    height: int

    def column(self, x: float) -> int:
        """The column of a step; cut to the grid."""
        return _cut(round((x - self.x0) / (self.x1 - self.x0) * (self.width - 1)), self.width)

    def row(self, y: float) -> int:
        """The row of a value, from above; cut to the grid."""
        share = (self.y1 - y) / (self.y1 - self.y0)
        return _cut(round(min(2.0, max(-1.0, share)) * (self.height - 1)), self.height)


def paint(
    curves: Curves, width: int, height: int, *, ascii_only: bool = False, cursor: float | None = None
) -> list[Row]:
    """Draw curves with their axes: exactly `height` rows of `width` cells; no rows if nothing fits or is known.

    Args:
        curves: what to draw. width, height: in cells. ascii_only: no signs but ASCII's.
        cursor: a step to mark with a line from top to bottom.
    """
    across = height - 2 if height >= 5 else height
    low, high, levels = level(*value_range(curves.train, curves.valid), across)
    labels = tick_labels(levels)
    gutter = max((len(label) for label in labels), default=0) + 2
    if width - gutter < 4 or height < 2 or curves.empty:
        return []
    frame = Frame(0.0, curves.end, low, high, width - gutter, across)
    cells = _Cells(frame, ascii_only)
    cells.line(curves.train)
    cells.breaks(curves.train)
    cells.cursor(cursor)
    cells.marks(curves.valid, curves.best)
    upright, tick = ("|", "+") if ascii_only else ("│", "┤")
    named = {frame.row(value): label for value, label in zip(levels, labels, strict=True)}
    rows = []
    for number, inked in enumerate(cells.rows()):
        side = tick if number in named else upright
        rows.append(((f"{named.get(number, ''):>{gutter - 2}} {side}", Ink.AXIS), *inked))
    return rows if across == height else [*rows, *_foot(frame, gutter, ascii_only)]


class _Cells:
    """A grid of signs, each with its ink."""

    def __init__(self, frame: Frame, ascii_only: bool) -> None:
        self._frame, self._ascii = frame, ascii_only
        self._signs = [[" "] * frame.width for _ in range(frame.height)]
        self._inks = [[Ink.AXIS] * frame.width for _ in range(frame.height)]

    def line(self, points: Iterable[Point]) -> None:
        """Join points."""
        if self._ascii:
            for column, row in set(trace(points, self._frame)):
                self._put(column, row, "*", Ink.TRAIN)
            return
        frame = self._frame
        fine = Frame(frame.x0, frame.x1, frame.y0, frame.y1, frame.width * 2, frame.height * 4)
        dots = [[0] * frame.width for _ in range(frame.height)]
        for column, row in trace(points, fine):
            dots[row >> 2][column >> 1] |= _DOTS[row & 3][column & 1]
        for row, line in enumerate(dots):
            for column, dot in enumerate(line):
                if dot:
                    self._put(column, row, chr(0x2800 + dot), Ink.TRAIN)

    def marks(self, points: Iterable[Point], best: float | None) -> None:
        """Mark points, the best one with a larger sign."""
        for x, y in sorted(points, key=lambda point: point[0] == best):
            if is_number(y):
                self._put(self._frame.column(x), self._frame.row(y), "O" if x == best else "o", Ink.VALID)

    def breaks(self, points: Iterable[Point]) -> None:
        """Mark at the bottom where a value was no number."""
        for x, y in points:
            if not is_number(y):
                self._put(self._frame.column(x), self._frame.height - 1, "!", Ink.BAD)

    def cursor(self, x: float | None) -> None:
        """Draw a line from top to bottom, behind everything else."""
        if x is None:
            return
        column = self._frame.column(x)
        for row, line in enumerate(self._signs):
            if line[column] == " ":
                self._put(column, row, ":" if self._ascii else "┊", Ink.CURSOR)
            else:
                self._inks[row][column] = Ink.CURSOR

    def rows(self) -> Iterator[Row]:
        """The rows, neighbours of one ink together."""
        for signs, inks in zip(self._signs, self._inks, strict=True):
            pairs = groupby(zip(signs, inks, strict=True), key=lambda pair: pair[1])
            yield tuple(("".join(sign for sign, _ in group), ink) for ink, group in pairs)

    def _put(self, column: int, row: int, sign: str, ink: Ink) -> None:
        self._signs[row][column], self._inks[row][column] = sign, ink


_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def trace(points: Iterable[Point], frame: Frame) -> Iterator[tuple[int, int]]:
    """Yield the pixels (column, row) of a line through points, some of them twice."""
    before: Column | None = None
    for found in _columns(points, frame):
        if found is None:
            before = None
            continue
        column, first, high, low, last = found
        for row in range(high, low + 1):
            yield column, row
        if before is not None:
            yield from _join(before[0], before[4], column, first)
        before = (column, first, high, low, last)


def _columns(points: Iterable[Point], frame: Frame) -> Iterator[Column | None]:
    """Gather points by column of pixels: (column, first, highest, lowest, last row); None where the line breaks."""
    now: Column | None = None
    for x, y in points:
        if not is_number(y):
            if now is not None:
                yield now
            yield None
            now = None
            continue
        column, row = frame.column(x), frame.row(y)
        if now is not None and now[0] == column:
            now = (column, now[1], min(now[2], row), max(now[3], row), row)
            continue
        if now is not None:
            yield now
        now = (column, row, row, row, row)
    if now is not None:
        yield now


def _join(column: int, row: int, to_column: int, to_row: int) -> Iterator[tuple[int, int]]:
    """Pixels between two points of neighbouring columns or columns far apart, without gaps."""
    length = max(1, to_column - column)
    at = row
    for i in range(1, length + 1):
        following = round(row + (to_row - row) * i / length)
        # The way up or down is shared between the two columns.
        half = (at + following) // 2
        yield from ((column + i - 1, one) for one in _between(at, half))
        yield from ((column + i, one) for one in _between(half, following))
        at = following


def _between(one: int, other: int) -> range:
    return range(min(one, other), max(one, other) + 1)


def _foot(frame: Frame, gutter: int, ascii_only: bool) -> list[Row]:
    """The axis below, and the steps under its ticks."""
    corner, line, tick = ("+", "-", "+") if ascii_only else ("└", "─", "┬")
    steps = [step for step in ticks(0, frame.x1, max(2, frame.width // 9)) if step == int(step)]
    axis = [line] * frame.width
    words = [" "] * (gutter + frame.width)
    end = len(words) - len(" step")
    for step in steps:
        column, label = frame.column(step), f"{step:.0f}"
        axis[column] = tick
        begin = gutter + column - len(label) // 2
        if begin + len(label) <= end and not "".join(words[max(0, begin - 1) : begin + len(label)]).strip():
            words[begin : begin + len(label)] = label
    words[end:] = " step"
    return [((" " * (gutter - 1) + corner + "".join(axis), Ink.AXIS),), (("".join(words), Ink.AXIS),)]


def _cut(number: int, size: int) -> int:
    return min(size - 1, max(0, number))
