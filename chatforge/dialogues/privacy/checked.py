"""Numbers that check themselves: payment cards (Luhn) and bank accounts (mod 97)."""

import re
from collections.abc import Iterator

from chatforge.dialogues.privacy.found import Found

_CARD = re.compile(
    r"[2-6](?<![\w.-][2-6])(?:"
    r"[0-9]{3}([ .\u00a0-]?)[0-9]{4}\1[0-9]{4}\1[0-9]{4}"
    r"|[0-9]{3}([ .\u00a0-]?)[0-9]{6}\2[0-9]{4,5}"
    r"|[0-9]{12}|[0-9]{16,18})(?!\w|[.-][0-9])"
)
_CARD_WORD = re.compile(r"card|visa|master|amex|charge|pay|paid|debit|credit|karte|bezahl|abgebucht", re.IGNORECASE)
_OLD_CARD = 13
"""Digits of a card that are as many as those of a bar code: they count only after a word such as "card"."""

_IBAN_START = re.compile(r"[0-9](?<=[A-Za-z]{2}[0-9])[0-9](?=[ -]?[A-Za-z0-9]{2})")
_IBAN_REST = re.compile(r"(?:[ -]?[A-Za-z0-9])*")
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "BA": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28,
    "IE": 22, "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19,
    "SK": 24, "SM": 27, "TR": 26, "UA": 29, "XK": 20,
}  # fmt: skip
"""Letters and digits of an IBAN, by country (SWIFT's registry)."""
_LONGEST = 2 * max(_IBAN_LENGTHS.values())

REACH = 50


def cards(text: str) -> Iterator[Found]:
    """Find numbers of payment cards: 13 to 19 digits as cards are written, with a right check digit."""
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        told = len(digits) > _OLD_CARD or _CARD_WORD.search(text, max(0, match.start() - REACH), match.start())
        if told and luhn(digits):
            yield Found("card", match.start(), match.end(), match[0], "check digit of a card (Luhn)")


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    total = 0
    for i, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + i % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def ibans(text: str) -> Iterator[Found]:
    """Find numbers of bank accounts: of the length of their country, with right check digits."""
    for match in _IBAN_START.finditer(text):
        start = match.start() - 2
        length = _IBAN_LENGTHS.get(text[start : start + 2].upper())
        if length is None or text[start - 1 : start].isalnum():
            continue
        end = _end(text, start, length)
        if end and mod_97(text[start:end]) == 1:
            yield Found("iban", start, end, text[start:end], "check digits of an IBAN")


def _end(text: str, start: int, length: int) -> int | None:
    """Where so many letters and digits end, with at most one space or dash between two of them."""
    rest = _IBAN_REST.match(text, start, start + _LONGEST)
    places = [i for i in range(start, rest.end()) if text[i].isalnum()] if rest else []
    if len(places) < length:
        return None
    end = places[length - 1] + 1
    return None if text[end : end + 1].isalnum() else end


def mod_97(iban: str) -> int:
    """The remainder that is 1 for a right IBAN (ISO 7064)."""
    plain = re.sub(r"[^A-Za-z0-9]", "", iban).upper()
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97
