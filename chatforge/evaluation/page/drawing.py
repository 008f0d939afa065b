"""Drawings that keep their letters' size at any width: what lies across is in percent, what lies down in pixels.

    value  -0.10        0          0.25          `Axis.at` gives the percent, `Axis.value` goes back
             ├──────────┼────────────┤
    percent  4                      96

An SVG without a viewBox is as wide as its page, and its texts are as large as the page's.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatforge.evaluation.page.markup import Child, Markup, joined, number, tag

EDGE = 4.0
"""Percent left free on either side, so that what stands at an end is not cut."""

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""What ticks are apart, times a power of ten."""


@dataclass(frozen=True)
class Axis:
    """What lies across a drawing: values from `low` to `high`, which must be below one another."""

    low: float
    high: float

    @classmethod
    def around(cls, values: Iterable[float], *, room: float = 0.05) -> "Axis":
        """The axis that holds all values, with some room on both sides."""
        found = [value for value in values if math.isfinite(value)] or [0.0]
        low, high = min(found), max(found)
        more = (high - low) * room or 0.05
        return cls(low - more, high + more)

    def at(self, value: float) -> float:
        """Return where a value lies, in percent of the width; what is beyond an end lies at it."""
        share = (value - self.low) / (self.high - self.low)
        return EDGE + min(1.0, max(0.0, share)) * (100.0 - 2 * EDGE)

    def value(self, at: float) -> float:
        """Return the value that lies there."""
        return self.low + (at - EDGE) / (100.0 - 2 * EDGE) * (self.high - self.low)

    def ticks(self, most: int = 5) -> list[float]:
        """Return round values to write along the axis, in order; at most so many parts between them."""
        span = self.high - self.low
        power = 10.0 ** math.floor(math.log10(span / most))
        step = next(size * power for size in STEPS if span / (size * power) <= most or size == STEPS[-1])
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [i * step for i in range(first, last + 1)]


def svg(title: str, height: float, *children: Child) -> Markup:
    """Return a drawing as wide as its place.

    Args:
        title: what is seen, for those who do not see it.
        height: in pixels.
    """
    return tag("svg", tag("title", title), *children, width="100%", height=height, role="img")


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Return a line between two places; x in percent, y in pixels. `kind` is its class."""
    return tag("line", class_=kind, x1=f"{number(x1)}%", y1=y1, x2=f"{number(x2)}%", y2=y2)


def box(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    """Return a rectangle; x and width in percent, y and height in pixels."""
    return tag("rect", class_=kind, x=f"{number(x)}%", y=y, width=f"{number(width)}%", height=height)


def dot(x: float, y: float, kind: str, radius: float = 5.0) -> Markup:
    """Return a point; x in percent, y and radius in pixels."""
    return tag("circle", class_=kind, cx=f"{number(x)}%", cy=y, r=radius)


def square(x: float, y: float, kind: str, half: float = 5.0) -> Markup:
    """Return a square point; x of its middle in percent, y of its middle and half a side in pixels."""
    return tag(
        "rect", class_=kind, x=f"{number(x)}%", y=y - half, width=2 * half, height=2 * half,
        transform=f"translate(-{number(half)} 0)",
    )  # fmt: skip


def label(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> Markup:
    """Return a text; x in percent, y (of its line) in pixels. `anchor`: "start", "middle" or "end" stands at x."""
    return tag("text", text, class_=kind or None, x=f"{number(x)}%", y=y, text_anchor=anchor)


def scale_below(axis: Axis, y: float, said: Sequence[tuple[float, str]], title: str) -> Markup:
    """Return an axis with its ticks, their words and what it is about; it takes 40 pixels below y."""
    marks = [
        part
        for value, words in said
        for part in (
            line(axis.at(value), y, axis.at(value), y + 5, "axis"),
            label(axis.at(value), y + 18, words, "tick", "middle"),
        )
    ]
    return joined((line(EDGE, y, 100 - EDGE, y, "axis"), *marks, label(50, y + 36, title, "tick", "middle")))
