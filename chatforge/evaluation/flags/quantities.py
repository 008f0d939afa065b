"""The quantities of a text: numbers with what they count, money, doses, times and dates, codes. English, no model.

"Open from 9 to noon, $5 a pair." ──► clock 9:00, clock 12:00, 5 USD
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from chatforge.evaluation.flags import units
from chatforge.evaluation.flags.codes import read_codes, uncounted
from chatforge.evaluation.flags.moments import beside, read_moments, read_months
from chatforge.evaluation.flags.numerals import Numeral, read_numerals
from chatforge.evaluation.flags.quantity import HALF_DAY, Quantity

NOON = 12

_BESIDE = 16
"""Characters before a number in which what it means may stand."""

_RANGE = re.compile(r"\s*(?:-|to|and|or|till?|until|through)\s*(?:[$€£]\s*)?", re.IGNORECASE)
_AND_CENTS = re.compile(r"\s*(?:and\s*)?", re.IGNORECASE)
_TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "−": "-", "\u00a0": " ", "\u202f": " "})


def read_quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text in order; several may share their characters ("Monday to Friday" is five days).

    Never raises. Not read: years and fractions in words, "a few", other languages.
    """
    text = straight(text).replace("\0", " ")
    text = _blank(text, uncounted(text))
    found: list[Quantity] = []
    for reader in (read_codes, read_moments, _unnumbered, _numbered, _single, read_months):
        read = list(reader(text))
        found += read
        text = _blank(text, ((one.start, one.end) for one in read))
    found.sort(key=lambda one: (one.start, one.value))
    return tuple(_cents(_ranges(found, text), text))


def straight(text: str) -> str:
    """Return a text with plain apostrophes, hyphens and spaces, every character in its place."""
    return text.translate(_TYPOGRAPHY)


def _blank(text: str, spans: Iterator[tuple[int, int]]) -> str:
    """Put a sign that no reader reads in place of what has been read."""
    parts, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            parts += [text[at:start], "\0" * (end - max(at, start))]
            at = end
    return "".join([*parts, text[at:]])


def _unnumbered(text: str) -> Iterator[Quantity]:
    """What counts without a number: "free", "twice a day"."""
    for found in units.FREE.finditer(text):
        yield Quantity("amount", 0.0, "USD", *found.span())
    for found in units.OFTEN.finditer(text):
        kind, unit = units.often(found["per"])
        times = 1.0 if found["times"].lower() == "once" else 2.0
        yield Quantity(kind, times, unit, *found.span(), written=times)


def _single(text: str) -> Iterator[Quantity]:
    for found in units.ONE.finditer(text):
        yield Quantity("number", units.hours(found["one"]), "hour", *found.span(), written=1.0)


def _numbered(text: str) -> Iterator[Quantity]:
    end = 0
    for number in read_numerals(text):
        if number.start >= end:
            one = beside(text, number) or _counted(text, number)
            end = one.end
            yield one


def _counted(text: str, number: Numeral) -> Quantity:
    """A number with its unit, if it has one on either side."""
    begin = max(0, number.start - _BESIDE)
    before, after = units.BEFORE.search(text[begin : number.start]), units.AFTER.match(text, number.end)
    if before and (sign := before["sign"] or before["code"]):
        unit = units.SIGNS.get(sign, sign.upper())
        return Quantity("amount", number.value, unit, begin + before.start(), number.end, number.value)
    if after:
        kind, unit, factor = units.unit_of(after)
        start = number.start
        if before and before["every"] and unit == "hour" and number.value * factor <= units.DAY:
            kind, unit, start = "dose", "hours between", begin + before.start()
        return Quantity(kind, number.value * factor, unit, start, after.end(), number.value)
    if before and before["dose"]:
        return Quantity("dose", number.value, "dose", begin + before.start(), number.end, number.value)
    return Quantity("number", number.value, "", number.start, number.end, number.value)


def _ranges(found: list[Quantity], text: str) -> list[Quantity]:
    """Give a bare number at one end of a range the unit of the other: "3 to 5 days", "$200-250", "9 to noon"."""
    whole = list(found)
    for i in range(len(whole) - 2, -1, -1):
        left, right = whole[i], whole[i + 1]
        if left.written is None or right.written is None or not _RANGE.fullmatch(text[left.end : right.start]):
            continue
        if not left.unit and right.unit == "clock" and left.written <= NOON:
            whole[i] = _before(left, right)
        elif not left.unit and right.unit and right.dimension not in ("day", "clock"):
            whole[i] = replace(left, kind=right.kind, unit=right.unit, value=_scaled(left.written, right))
        elif left.kind == "amount" and not right.unit:
            whole[i + 1] = replace(right, kind="amount", unit=left.unit)
    return whole


def _before(hour: Quantity, end: Quantity) -> Quantity:
    """The last time before the end of a range that its bare beginning can mean: 9 in "9 to 6 pm" is in the morning."""
    minutes = 60 * (hour.value % NOON)
    late = minutes + HALF_DAY
    return replace(hour, kind="date", unit="clock", value=late if late < end.value else minutes)


def _scaled(written: float, like: Quantity) -> float:
    return written * like.value / like.written if like.written else written


def _cents(found: list[Quantity], text: str) -> Iterator[Quantity]:
    """Make one amount of "62 dollars and 50 cents"."""
    held: Quantity | None = None
    for one in found:
        if held:
            cents = one.unit == held.unit and one.written is not None and one.value < 1 <= one.written
            if cents and held.kind == "amount" and _AND_CENTS.fullmatch(text[held.end : one.start]):
                held = replace(held, value=held.value + one.value, end=one.end)
                continue
            yield held
        held = one
    if held:
        yield held
