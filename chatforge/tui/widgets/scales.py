"""Which values a chart shows, and where its ticks stand. Pure arithmetic."""

import math
from collections.abc import Iterable, Sequence

Point = tuple[float, float]
"""A step and its value; a value that is no number breaks the line."""

ABSURD = 1e9
"""No loss is as large; what is counts as no number."""


def is_number(value: float) -> bool:
    """Whether this is a value that a loss can have."""
    return abs(value) < ABSURD


def smoothed(points: Iterable[Point], weight: float = 0.6) -> list[Point]:
    """Return the moving average of a curve: each value keeps `weight` of what was before. No lag at the start."""
    total, norm = 0.0, 0.0
    found = []
    for x, y in points:
        if is_number(y):
            total, norm = weight * total + (1 - weight) * y, weight * norm + (1 - weight)
            found.append((x, total / norm))
        else:
            found.append((x, y))
    return found


def value_range(train: Sequence[Point], valid: Sequence[Point] = ()) -> tuple[float, float]:
    """Lowest and highest value to show: all but a spike in the first tenth, where training warms up."""
    values = [y for _, y in train if is_number(y)]
    marks = [y for _, y in valid if is_number(y)]
    head = max(3, len(values) // 10) if len(values) >= 10 else int(len(values) >= 4)
    body = values[head:] + marks or [0.0, 1.0]
    low, high = min(body), max(body)
    limit = high + 0.15 * (high - low)
    usual = [y for y in values[:head] if y <= limit]
    low, high = min([low, *usual]), max([high, *usual])
    if high - low < 1e-9:
        slack = 0.05 * abs(low) or 0.5
        return low - slack, high + slack
    return low, high


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` round values in a range, evenly spaced."""
    span = high - low
    if span <= 0 or most < 1:
        return []
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    for step in (power * nice for nice in (1, 2, 2.5, 5, 10, 20)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return [i * step for i in range(first, last + 1)]
    return []


def level(low: float, high: float, rows: int) -> tuple[float, float, list[float]]:
    """Widen a range of values so that its round ticks fall on rows, evenly; return it and the ticks.

    Args:
        low, high: what must be shown. rows: how many rows there are, from the lowest to the highest value.
    """
    if rows < 4:
        return low, high, ticks(low, high, 2)
    power = 10.0 ** math.floor(math.log10(high - low))
    found = []
    for step in (power * nice for nice in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10)):
        for every in (2, 3, 4, 5):
            unit = step / every
            bottom = math.floor(low / unit + 1e-6)
            top = bottom + rows - 1
            marks = [mark * step for mark in range(-(-bottom // every), top // every + 1)]
            if top * unit >= high - unit * 1e-6:
                # Few ticks cannot be read; then, the less of the height is left empty the better.
                found.append((len(marks) < min(3, rows // 3), unit, every, bottom * unit, top * unit, marks))
    return min(found)[-3:]


def axis_end(last: float, until: float | None = None) -> float:
    """Where an axis of steps ends: a round step after the last one, so that the picture rarely moves while it grows.

    `until` is the last step that there will be.
    """
    power = 10.0 ** math.floor(math.log10(max(last, 1.0)))
    end = next(power * nice for nice in (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if power * nice >= last)
    end = end if until is None or end < until else max(until, last)
    return max(end, 1.0)


def tick_labels(levels: Sequence[float]) -> list[str]:
    """Write values with as many digits as tell them apart."""
    if not levels:
        return []
    step = levels[1] - levels[0] if len(levels) > 1 else abs(levels[0]) or 1.0
    digits = next((d for d in range(7) if abs(step * 10**d - round(step * 10**d)) < 1e-6), 6)
    return [f"{level:.{digits}f}" for level in levels]
