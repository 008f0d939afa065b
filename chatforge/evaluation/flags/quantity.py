"""One quantity of a text, and when two of them are the same."""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "amount", "dose", "date", "code"]
"""Of a date is also a clock time; a code is a telephone or order number, in which every sign counts."""

HALF_DAY = 720
"""Minutes."""

SHORTEST_PHONE = 7
"""Digits without which a number may be left out of a longer one: 555-0134 in (415) 555-0134."""


@dataclass(frozen=True)
class Quantity:
    """A quantity, characters `start` to `end` of its text.

    Attributes:
        value: in the base of its unit (see `unit`); 0 of a code.
        unit: "" if none stands there; "hour" (durations), "mg", "ml", "tablet" …, "USD" …, "%", "times a day",
            "clock" (minutes since midnight), "clock?" (the same, but before noon or after it is not said),
            "day" (of the year: 100 times the month plus the day), "month" (of the year), "weekday" (0 is Monday);
            of a code its letters and digits.
        written: the number as it stands there (2 in "2 weeks" and "2 pm"); None where there is none.
    """

    kind: Kind
    value: float
    unit: str
    start: int
    end: int
    written: float | None = None

    @property
    def dimension(self) -> str:
        """What it can be exchanged with: two of one dimension answer the same "how much"."""
        if self.kind == "code":
            return "telephone" if self.unit.isdigit() else "id"
        return {"clock?": "clock", "month": "day"}.get(self.unit, self.unit)


def same(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities may mean the same: "14:00" and "two", "7 days" and "a week", "$5" and "five"."""
    if "code" in (a.kind, b.kind):
        return a.kind == b.kind and _same_code(a.unit, b.unit)
    if not a.unit or not b.unit:
        return a.written is not None and a.written == b.written
    if a.dimension != b.dimension:
        return a.kind == b.kind == "amount" and a.value == b.value == 0
    if a.dimension == "clock" and a.unit != b.unit:
        return a.value % HALF_DAY == b.value % HALF_DAY
    if a.dimension == "day" and a.unit != b.unit:
        return max(a.value, b.value) // 100 == min(a.value, b.value)
    return math.isclose(a.value, b.value)


def _same_code(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return a == b or (short.isdigit() and len(short) >= SHORTEST_PHONE and long.endswith(short))


class Known:
    """Quantities that can be asked for: `one in known` is true if one of them is the same. Takes the same time for few
    and for many."""

    def __init__(self, quantities: Iterable[Quantity]) -> None:
        self._found: defaultdict[Hashable, set[Quantity]] = defaultdict(set)
        for one in quantities:
            for key in _keys(one):
                self._found[key].add(one)

    def __contains__(self, one: Quantity) -> bool:
        return any(same(one, other) for key in _keys(one) for other in self._found.get(key, ()))


def _keys(one: Quantity) -> Iterator[Hashable]:
    """Two quantities that are the same have one of these in common."""
    if one.kind == "code":
        yield one.unit[-SHORTEST_PHONE:]
        return
    if one.written is not None:
        yield one.written
    if one.value == 0:
        yield one.kind
    rest = {"clock": one.value % HALF_DAY, "day": one.value if one.unit == "month" else one.value // 100}
    yield one.dimension, float(f"{rest.get(one.dimension, one.value):.6g}")
