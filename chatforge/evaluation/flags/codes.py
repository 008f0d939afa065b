"""Telephone and order numbers, in which every sign counts; and what looks like a number and is none."""

import re
from collections.abc import Iterator

from chatforge.evaluation.flags.quantity import Quantity

_ONLINE = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+|\b(?:https?://|www\.)\S+|\b24/7\b", re.IGNORECASE)
_LIST = re.compile(r"^\s*\d{1,2}[.)](?=\s)", re.MULTILINE)
_PHONE = re.compile(
    r"(?<![\w-])(?:\+?1[ .-])?(?:\(\d{3}\)\s?|\d{3}[ .-])?\d{3}[ .-]\d{4}(?![\w-])|\(\d{3}\)\s?\d{4}(?!\w)"
)
_EMERGENCY = re.compile(r"\b(?:911|988)\b|\bnine[- ](?:one[- ]one|eight[- ]eight)\b", re.IGNORECASE)
_RECORD = re.compile(r"\b[A-Za-z]{1,5}[-#]?\d{3,15}\b|\b\d{1,4}[A-Z]\b|(?<![\w.,])\d{8,30}\b(?![.,]\d)")
_SPOKEN = {"nineoneone": "911", "nineeighteight": "988"}


def uncounted(text: str) -> Iterator[tuple[int, int]]:
    """Yield where signs stand that count nothing: mail and web addresses, "24/7", the numbers of a list."""
    for pattern in (_ONLINE, _LIST):
        for found in pattern.finditer(text):
            yield found.span()


def read_codes(text: str) -> Iterator[Quantity]:
    """Yield telephone numbers, 911 and 988, order numbers and the like."""
    for pattern in (_PHONE, _EMERGENCY, _RECORD):
        for found in pattern.finditer(text):
            signs = "".join(filter(str.isalnum, found[0])).upper()
            yield Quantity("code", 0.0, _SPOKEN.get(signs.lower(), signs), *found.span())
