"""Numbers as people write them: "49", "1,200", "2nd", "forty-nine", "half an", "a hundred and twenty". English only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth",
)  # fmt: skip

SMALL = {word: i for i, word in enumerate(_SMALL)}
TENS = {word: 10 * i for i, word in enumerate(_TENS, 2)}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
ORDINALS = {word: i for i, word in enumerate(_ORDINALS, 1)} | {"thirtieth": 30}

_CARDINAL = "|".join(sorted([*SMALL, *TENS, *SCALES], key=len, reverse=True))
_ORDINAL = "|".join(sorted(ORDINALS, key=len, reverse=True))
_SPOKEN = rf"(?:a\s+(?=hundred|thousand|million))?(?:{_CARDINAL})(?:(?:-|\s+and\s+|\s+)(?:{_CARDINAL}))*"
_FOUND = re.compile(
    r"(?<![\w.])(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?P<th>(?:st|nd|rd|th)\b)?(?P<half>\s+1/2)?"
    rf"|\b(?P<tensth>{'|'.join(TENS)})[- ](?P<unitth>{_ORDINAL})\b"
    rf"|(?<=\bthe\s)(?P<early>first|second)\b|\b(?P<ordinal>(?!first|second)(?:{_ORDINAL})\b)"
    rf"|\b(?P<spoken>{_SPOKEN})\b(?P<ahalf>\s+and\s+a\s+half)?"
    r"|\b(?P<part>half|(?:a\s+)?quarter\s+of)\s+an?\b|\b(?P<dozen>(?:a|one)\s+dozen)\b",
    re.IGNORECASE,
)
_LONGEST = 15
"""More digits than a number has whose value matters; what is longer is a code."""


@dataclass(frozen=True)
class Numeral:
    """A number in a text, characters `start` to `end`; `ordinal` of "2nd", "ninth"."""

    value: float
    start: int
    end: int
    ordinal: bool = False


def read_numerals(text: str) -> Iterator[Numeral]:
    """Yield the numbers of a text in order, in digits or in words.

    "first" and "second" are read after "the" only: elsewhere they seldom count anything.
    """
    for found in _FOUND.finditer(text):
        start, end = found.span()
        if found["digits"]:
            if len(found["digits"]) <= _LONGEST:
                half = 0.5 if found["half"] else 0.0
                yield Numeral(float(found["digits"].replace(",", "")) + half, start, end, bool(found["th"]))
        elif found["spoken"]:
            yield from _spoken(found)
        elif found["part"]:
            yield Numeral(0.5 if found["part"].lower() == "half" else 0.25, start, end)
        elif found["dozen"]:
            yield Numeral(12.0, start, end)
        else:
            tens = TENS[found["tensth"].lower()] if found["tensth"] else 0
            word = found["unitth"] or found["early"] or found["ordinal"]
            yield Numeral(float(tens + ORDINALS[word.lower()]), start, end, ordinal=True)


def _spoken(found: re.Match[str]) -> Iterator[Numeral]:
    """The numbers of a run of number words: "forty-nine" is one, "two, three" and "nine one one" are several."""
    offset = found.start("spoken")
    words = [(m[0].lower(), offset + m.start(), offset + m.end()) for m in re.finditer(r"[A-Za-z]+", found["spoken"])]
    at = 0
    while at < len(words):
        value, after = _one_number(words, at)
        if after > at:
            last = after == len(words)
            half = last and found["ahalf"] is not None
            yield Numeral(value + 0.5 * half, words[at][1], found.end() if half else words[after - 1][2])
        at = max(after, at + 1)


def _one_number(words: list[tuple[str, int, int]], at: int) -> tuple[float, int]:
    """Read the longest number that begins at a word: its value, and the place after it."""
    total, group, room, begun = 0.0, 0.0, 100, at
    while at < len(words):
        word = words[at][0]
        if word == "hundred" and group < SCALES["hundred"]:
            group, room = max(group, 1.0) * SCALES["hundred"], 100
        elif word in ("thousand", "million") and group < SCALES["thousand"]:
            total, group, room = total + max(group, 1.0) * SCALES[word], 0.0, 100
        elif word in TENS and room > SMALL["ten"]:
            group, room = group + TENS[word], 10
        elif word in SMALL and SMALL[word] < room:
            group, room = group + SMALL[word], 0
        elif word != "a" and (word != "and" or words[at - 1][0] not in SCALES):
            break
        at += 1
    while at > begun and words[at - 1][0] == "and":
        at -= 1
    return total + group, at
