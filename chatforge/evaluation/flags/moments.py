"""Clock times and dates as people write them: "2:30 pm", "half past nine", "noon", "May 12", "weekdays"."""

import re
from collections.abc import Iterator

from chatforge.evaluation.flags.numerals import SMALL, Numeral
from chatforge.evaluation.flags.quantity import HALF_DAY, Quantity

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONG_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
MONTHS = tuple(month[:3] for month in LONG_MONTHS)
NOON = 12 * 60

_DAY = rf"(?:(?i:{'|'.join(DAYS)})|[Mm]on|[Tt]ues?|Wed|[Tt]h(?:urs|ur|u)|[Ff]ri|Sat|Sun)"
_MONTH = rf"(?:{'|'.join(LONG_MONTHS)}|sept|{'|'.join(MONTHS)})"
_LONG_MONTH = "|".join(month.title() for month in LONG_MONTHS if month != "may")
_HALF = (
    r"(?P<half>[ap]\.m\.?|[ap]m\b|o'clock(?!\s+(?:in|at))"
    r"|(?:o'clock\s+)?(?:(?:in\s+the|this)\s+(?:morning|afternoon|evening)|at\s+night|tonight))"
)
_HOUR = "|".join(word for word, hour in SMALL.items() if 0 < hour <= 12)

_DATE = re.compile(r"\b(?:(\d{4})-(0\d|1[0-2])-([0-3]\d)|(0?[1-9]|1[0-2])/([0-3]?\d)/(\d{4}|\d\d))\b")
_PAST = re.compile(rf"\b(half|(?:a\s+)?quarter)\s+(past|to)\s+(\d\d?|{_HOUR})\b(?:\s*{_HALF})?", re.IGNORECASE)
_TIME = re.compile(rf"(?<![\d:.])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])(?:\s*{_HALF})?", re.IGNORECASE)
_NOON = re.compile(r"\b(?:12\s+|twelve\s+)?(noon|midday|midnight)\b", re.IGNORECASE)
_WEEKDAYS = re.compile(
    rf"\b(?P<begin>{_DAY})s?\b(?:\.?\s*(?:-|to|through|thru|until|till)\s*(?P<end>{_DAY})s?\b)?"
    r"|\b(?P<some>(?i:week\s?days?|weekends?))\b"
)
_MONTH_ALONE = re.compile(rf"\b(?:{_LONG_MONTH}|(?:(?<=\bin )|(?<=\bto )|(?<=\bof )|(?<=\bsince )|(?<=\buntil ))May)\b")
_AFTER_HOUR = re.compile(rf"\s*{_HALF}", re.IGNORECASE)
_MONTH_AFTER = re.compile(rf"\s+(?:of\s+)?({_MONTH})\b", re.IGNORECASE)
_MONTH_BEFORE = re.compile(rf"\b({_MONTH})\.?\s+(?:the\s+)?$", re.IGNORECASE)
_LONGEST_MONTH = 20
"""Characters before a day in which its month stands."""


def read_moments(text: str) -> Iterator[Quantity]:
    """Yield times and dates that have a form of their own; those that are a number with a word come from `beside`."""
    for found in _DATE.finditer(text):
        month, day = (int(part) for part in (found.group(2, 3) if found[1] else found.group(4, 5)))
        year = float(found[1] or found[6]) + (0 if len(found[1] or found[6]) > 2 else 2000)
        yield _day(month, day, *found.span())
        yield Quantity("number", year, "", *found.span(), written=year)
    for found in _TIME.finditer(text):
        yield _clock(int(found[1]), int(found[2]), found["half"], *found.span())
    for found in _PAST.finditer(text):
        hour = int(found[3]) if found[3].isdigit() else SMALL[found[3].lower()]
        minutes = 60 * hour + (30 if found[1].lower() == "half" else 15) * (1 if found[2].lower() == "past" else -1)
        yield _clock(*divmod(minutes % (24 * 60), 60), found["half"], *found.span())
    for found in _NOON.finditer(text):
        yield Quantity("date", 0 if found[1].lower() == "midnight" else NOON, "clock", *found.span(), written=12)
    for found in _WEEKDAYS.finditer(text):
        for day in _days(found):
            yield Quantity("date", day, "weekday", *found.span())


def read_months(text: str) -> Iterator[Quantity]:
    """Yield months that stand alone, with a capital: "in March". Blank what dates were read of before."""
    for found in _MONTH_ALONE.finditer(text):
        yield Quantity("date", _month(found[0]), "month", *found.span())


def beside(text: str, number: Numeral) -> Quantity | None:
    """Return the time or date that a number is part of: 2 in "2 pm", 30 in "June 30" and "the 30th of June"."""
    whole = number.value == int(number.value)
    if whole and 0 <= number.value <= 12 and (found := _AFTER_HOUR.match(text, number.end)):
        return _clock(int(number.value), 0, found["half"], number.start, found.end())
    if whole and 1 <= number.value <= 31:
        begin = max(0, number.start - _LONGEST_MONTH)
        if found := _MONTH_BEFORE.search(text[begin : number.start]):
            return _day(_month(found[1]), int(number.value), begin + found.start(), number.end)
        if found := _MONTH_AFTER.match(text, number.end):
            return _day(_month(found[1]), int(number.value), number.start, found.end())
    return None


def _clock(hour: int, minute: int, half: str | None, start: int, end: int) -> Quantity:
    """`half` says which half of the day: "p.m.", "in the morning", None."""
    told = (half or "").lower().replace(".", "")
    value = float(60 * hour + minute)
    written = None if minute else float((hour - 1) % 12 + 1)
    known = hour > 12 or hour == 0
    if told == "am" or told.endswith("morning"):
        value, known = value % HALF_DAY if hour <= 12 else value, True
    elif told == "pm" or told.endswith(("afternoon", "evening", "night")):
        value, known = value % HALF_DAY + HALF_DAY, True
    return Quantity("date", value, "clock" if known else "clock?", start, end, written)


def _day(month: int, day: int, start: int, end: int) -> Quantity:
    return Quantity("date", 100 * month + day, "day", start, end, float(day))


def _month(word: str) -> int:
    return MONTHS.index(word[:3].lower()) + 1


def _days(found: re.Match[str]) -> list[int]:
    """The days of the week that are named: all five of "Monday to Friday"."""
    if found["some"]:
        return [5, 6] if found["some"].lower().startswith("weekend") else [0, 1, 2, 3, 4]
    begin, end = _weekday(found["begin"]), _weekday(found["end"] or found["begin"])
    return [day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)]


def _weekday(word: str) -> int:
    return next(i for i, day in enumerate(DAYS) if day.startswith(word[:3].lower()))
