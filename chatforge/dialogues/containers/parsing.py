"""Hostile JSON to values: why something is no JSON, in words; never evaluated, whatever it looks like."""

import json
import re
from typing import Any

_HALF_PAIR = re.compile("[\ud800-\udfff]")

HALF_PAIR = "half a surrogate pair (a \\ud… alone): the export cut an emoji in two"

DECODER = json.JSONDecoder(parse_constant=lambda name: None)
"""Reads NaN and Infinity, which are no JSON but stand in many exports, as null."""


def why_broken(error: ValueError | RecursionError) -> str:
    """Say in words, without a place, what `DECODER` found."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return "no closing quotation mark" if error.msg.startswith("Unterminated") else error.msg
    return "a number with thousands of digits"


def is_python(error: ValueError | RecursionError) -> bool:
    """Whether `DECODER` failed at what Python prints and JSON does not know: ``'a'``, ``None``, ``True``, ``False``."""
    return isinstance(error, json.JSONDecodeError) and error.doc.startswith(("'", "None", "True", "False"), error.pos)


PYTHON = "Python text, not JSON: write it with json.dumps(row), not with print(row) or str(row)"


def has_half_pair(value: Any, text: str, start: int = 0, end: int | None = None) -> bool:
    """Whether a value read from ``text[start:end]`` holds half a surrogate pair: it can be neither saved nor shown."""
    if text.find("\\ud", start, end) < 0 and text.find("\\uD", start, end) < 0:
        return False
    return _HALF_PAIR.search(json.dumps(value, ensure_ascii=False)) is not None


def without_half_pairs(name: str) -> str:
    """Put U+FFFD, the sign for damage, in place of each half of a surrogate pair."""
    return _HALF_PAIR.sub("\ufffd", name)
