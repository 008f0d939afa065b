"""What may stand beside a number, and what it makes of it: 30 minutes, 5 ml, $18, 20 %, twice a day, free of charge."""

import re

from chatforge.evaluation.flags.quantity import Kind

DAY = 24.0
DURATIONS = {
    "second|sec": 1 / 3600, "minute|min": 1 / 60, "hour|hr": 1.0, "day": DAY, "week|wk": 7 * DAY, "month": 30 * DAY,
    "year|yr": 360 * DAY,
}  # fmt: skip
"""In hours. A month counts 30 days and a year 12 months, so that "30 days" and "a month" are the same."""

OTHERS: dict[str, tuple[Kind, str, float]] = {
    "microgram|mcg|µg|μg": ("dose", "mg", 0.001),
    "milligram|mg": ("dose", "mg", 1.0),
    "gram|g": ("dose", "mg", 1000.0),
    "millilit(?:er|re)|ml|cc": ("dose", "ml", 1.0),
    "tablet|pill": ("dose", "tablet", 1.0),
    "capsule": ("dose", "capsule", 1.0),
    "puff": ("dose", "puff", 1.0),
    "drop": ("dose", "drop", 1.0),
    "unit": ("dose", "unit", 1.0),
    "scoop": ("dose", "scoop", 1.0),
    "sachet": ("dose", "sachet", 1.0),
    "dose": ("dose", "dose", 1.0),
    "teaspoon|tsp": ("dose", "teaspoon", 1.0),
    "tablespoon|tbsp": ("dose", "tablespoon", 1.0),
    "years?[- ]old": ("number", "years old", 1.0),
    "kilogram|kilo|kg": ("number", "kg", 1.0),
    "pound|lb": ("number", "lb", 1.0),
    "ounce|oz": ("number", "oz", 1.0),
    "lit(?:er|re)": ("number", "litre", 1.0),
    "millimet(?:er|re)|mm": ("number", "m", 0.001),
    "centimet(?:er|re)|cm": ("number", "m", 0.01),
    "met(?:er|re)|m": ("number", "m", 1.0),
    "kilomet(?:er|re)|km": ("number", "m", 1000.0),
    "inch|inche": ("number", "inch", 1.0),
    "foot|feet|ft": ("number", "foot", 1.0),
    "mile": ("number", "mile", 1.0),
    "degree": ("number", "degree", 1.0),
    "dollar|buck|usd": ("amount", "USD", 1.0),
    "cent": ("amount", "USD", 0.01),
    "euro|eur": ("amount", "EUR", 1.0),
    "gbp": ("amount", "GBP", 1.0),
}  # fmt: skip
TABLE = OTHERS | {words: ("number", "hour", length) for words, length in DURATIONS.items()}
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP"}

_WORDS = "|".join(f"(?P<u{i}>{words})" for i, words in enumerate(TABLE))
AFTER = re.compile(
    rf"[\s-]*(?:(?:business|working)\s+|fl\s)?(?:{_WORDS})s?(?![A-Za-z])|\s*(?P<percent>%|per\s?cent\b)|\s*(?P<degree>°)"
    r"|\s*(?P<sign>[€£])"
    r"|\s*(?:x|times?)\s*(?:a|per|each|every|in\s+an?)?\s*(?P<often>da(?:y|ily)|week|hour|month|year)(?:ly)?\b",
    re.IGNORECASE,
)
BEFORE = re.compile(
    r"(?:(?P<sign>[$€£])|\b(?P<code>USD|EUR|GBP)|\b(?P<dose>dose)|\b(?P<every>every))\s*$", re.IGNORECASE
)

OFTEN = re.compile(
    r"\b(?P<times>once|twice)\s*(?:a|per|each|every|in\s+an?)?\s*(?P<per>da(?:y|ily)|week|hour|month|year)(?:ly)?\b",
    re.IGNORECASE,
)
ONE = re.compile(rf"(?<!\0 )\b(?:an?|the\s+(?:past|last))\s+(?P<one>(?!sec)(?:{'|'.join(DURATIONS)}))\b", re.IGNORECASE)
"""A duration without a number: "a week", "the past year"; not after what was read before, as in "$5 a day"."""

FREE = re.compile(
    r"(?<!feel )(?<!'re )(?<!are )(?<!not )(?<!n't )(?<!-)\bfree\b(?!-)(?!\s+of\s+(?!charge))(?!\s+from\s+(?![$€£\d]))"
    r"|\b(?:no|without(?:\s+any)?|at\s+no)\s+(?:extra\s+)?(?:charge|cost|fee)\b"
    r"|\b(?:costs?|pay|charged?)\s+(?:you\s+)?nothing\b|\bnothing\s+to\s+pay\b",
    re.IGNORECASE,
)


def unit_of(found: re.Match[str]) -> tuple[Kind, str, float]:
    """Return kind, base unit and factor of a match of `AFTER`."""
    if found["often"]:
        return *often(found["often"]), 1.0
    if found["percent"] or found["degree"]:
        return "number", "%" if found["percent"] else "degree", 1.0
    if found["sign"]:
        return "amount", SIGNS[found["sign"]], 1.0
    return next(told for i, told in enumerate(TABLE.values()) if found[f"u{i}"])


def often(word: str) -> tuple[Kind, str]:
    """Return kind and unit of a frequency: of "daily", "day" or "week"."""
    day = word.lower() in ("day", "daily")
    return ("dose", "times a day") if day else ("number", f"times a {word.lower()}")


def hours(word: str) -> float:
    """Return how long a "day" or a "wk" is."""
    return next(length for words, length in DURATIONS.items() if word.lower() in words.split("|"))
