"""Telephone numbers, as they are written in many countries, in North America, and after a leading zero."""

import re
from collections.abc import Iterator

from chatforge.dialogues.privacy.found import Found

_GAP = r"[ ().\u00a0/–-]{0,3}"
_END = r"(?!\w|[.-][0-9])"
_INTERNATIONAL = re.compile(rf"(?:\+ ?|00(?<![\w.,]00))[1-9](?:{_GAP}[0-9]){{7,13}}")
_LENGTHS = {
    "1": 10,
    "31": 9,
    "33": 9,
    "34": 9,
    "41": 9,
    "44": 10,
    "45": 8,
    "46": 9,
    "47": 8,
    "48": 9,
    "61": 9,
    "91": 10,
}
"""Digits after the country's code, where all its numbers have as many; what follows them is no part of the number."""

_AMERICAN = re.compile(rf"[2-9](?<![\w.-][2-9])[0-9]{{2}}(?:\)[ -]?|[ .-])[2-9][0-9]{{2}}[ .-][0-9]{{4}}{_END}")
_AMERICAN_FRONT = re.compile(r"(?<![\w.-])(?:\+?1[ .-]?)?\(?\Z")
_NATIONAL = re.compile(r"0(?<![\w.,+/-]0)[1-9][0-9]{0,4}\)?(?:[ /–-]{0,3}[0-9]){4,10}(?!\w|[.,/-][0-9])")
_DOTTED = re.compile(r"0(?<![\w.,/-]0)[1-9](?:[. ][0-9]{2}){4}(?!\w|\.[0-9])")
_SHORT = re.compile(r"[2-9](?<![\w.,/-][2-9])[0-9]{2}([ .-])[0-9]{4}(?![\w%€$]|[.,/-][0-9]| ?(?:mg|ml|g|kg|cm|mm)\b)")
_PLAIN = re.compile(r"[1-9](?<![\w.,/-][0-9])[0-9]{9}(?!\w|[.,/-][0-9])")
_WORD = re.compile(
    r"(?:phone|call|\btel|mobile|\bcell|\bfax|\btext\b|reach|ring|rang|dial|number|whatsapp|\bsms\b|contact|landline"
    r"|handy|telefon|anruf|rufen|nummer|festnetz|erreich)[^\n]{0,40}\Z",
    re.IGNORECASE,
)
_DATE = re.compile(r"[0-9]{1,2}([-/. ])[0-9]{1,2}\1[0-9]{4}(?![0-9])")
FEWEST, MOST = 9, 12
"""Digits of a number that begins with a zero."""
REACH = 50


def phones(text: str) -> Iterator[Found]:
    """Find telephone numbers; forms that other numbers have, too, only near a word such as "call"."""
    for match in _INTERNATIONAL.finditer(text):
        yield _found(text, match.start(), match.start() + _length(match[0]), "a country's code")
    for match in _AMERICAN.finditer(text):
        front = _AMERICAN_FRONT.search(text, max(0, match.start() - 4), match.start())
        yield _found(text, front.start() if front else match.start(), match.end(), "3-3-4 digits")
    for match in _DOTTED.finditer(text):
        yield _found(text, *match.span(), "five pairs of digits")
    for match in _NATIONAL.finditer(text):
        digits = sum(character.isdigit() for character in match[0])
        if FEWEST <= digits <= MOST and not _DATE.match(match[0]):
            bracket = text[match.start() - 1 : match.start()] == "("
            yield _found(text, match.start() - bracket, match.end(), "a leading zero")
    for match in _SHORT.finditer(text):
        if match[1] == "-" or _expected(text, match.start()):
            yield _found(text, *match.span(), "3-4 digits")
    for match in _PLAIN.finditer(text):
        if _expected(text, match.start()):
            yield _found(text, *match.span(), "after a word for it")


def _found(text: str, start: int, end: int, rule: str) -> Found:
    return Found("phone", start, end, text[start:end], rule)


def _expected(text: str, start: int) -> bool:
    return _WORD.search(text, max(0, start - REACH), start) is not None


def _length(written: str) -> int:
    """How much of an international number belongs to it, as far as its country tells."""
    digits = [i for i, character in enumerate(written) if character.isdigit()]
    plain = "".join(written[i] for i in digits)
    zeros = 2 if plain.startswith("00") else 0
    for size in (1, 2):
        length = _LENGTHS.get(plain[zeros : zeros + size])
        if length:
            trunk = plain[zeros + size] == "0"  # +44 (0)20 …
            return digits[min(len(digits), zeros + size + length + trunk) - 1] + 1
    return len(written)
