"""Numbers under which somebody is kept: of an order, a customer, a patient, a policy, a case."""

import re
from collections.abc import Iterator

from chatforge.dialogues.privacy.found import Found
from chatforge.dialogues.privacy.words import word_set

_THINGS = word_set(
    """
    account booking case chart claim client complaint confirmation contract customer delivery employee file group
    hospital insurance invoice licence license loyalty medicaid medicare member membership nhs order package parcel
    passport patient payment plan policy prescription purchase receipt record records ref reference referral
    registration request reservation return rewards rma rx shipment student subscriber ticket tracking transaction
    transfer user aktenzeichen auftrag bestellung fall konto rechnung sendung vertrag vorgang
    """
)
_NUMBER = word_set("number numbers no num nr id ids code nummer kennung")
_ALONE = word_set("mrn ref reference rma rx aktenzeichen")
"""Words that need no "number" after them."""

_OWNERS = word_set(". ! my your his her their the an")
"""Words before "ID" that make it somebody's; the ID of anything else is nobody's."""

_GERMAN = re.compile(
    r"(?:akten|auftrags|ausweis|bestell|buchungs|fall|kunden|konto|mitglieds|paket|patienten|personal|policen|"
    r"rechnungs|referenz|reservierungs|sendungs|ticket|versicherten|versicherungs|vertrags|vorgangs)"
    r"-?(?:nummer|nr|id|kennung)\Z"
)
_LINKS = word_set("is was are ist war lautet the please bitte")
_WORDS = re.compile(r"[^\W\d_]+|[0-9]+|[.!;€$%]")
_LETTERS = re.compile(r"\b[A-Z]{1,4} \Z")
_TOKEN = re.compile(r"[0-9]\S*")
_FRONT = re.compile(r"\S*\Z")
_EDGES = "\"'“”„()[]<>,.;:!?"
_MORE = re.compile(r" (?:[A-Z]{0,3}[0-9]{1,6}[A-Z]{0,2}|[A-Z]{1,2})(?![\w:/]|[.,-][0-9])")
_ORDINARY = re.compile(
    r"[$€£]|[0-9]+(?:st|nd|rd|th|x|%|mg|ml|kg|cm|mm|am|pm|h|g|l|lb|lbs|oz|min|days?)\Z|[0-9]{1,2}:[0-9]{2}"
    r"|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}\Z|[0-9]{4}-[0-9]{2}-[0-9]{2}\Z|[0-9]*[.,][0-9]{1,3}\Z",
    re.IGNORECASE,
)
"""Prices, amounts, times and dates."""
REACH = 48
MOST_GROUPS = 5


def records(text: str) -> Iterator[Found]:
    """Find numbers of records: what follows "order number", "MRN:", "Kundennummer", or a # and four digits."""
    for match in _TOKEN.finditer(text):
        if match.start() > 1 and text[match.start() - 1] == " " and text[match.start() - 2].isdigit():
            continue  # amid a row of numbers
        front = _FRONT.search(text, max(0, match.start() - REACH), match.start())
        whole = (front[0] if front else "") + match[0]
        token = whole.strip(_EDGES)
        if len(token) > REACH or _ORDINARY.match(token):
            continue
        start = match.end() - len(whole) + whole.index(token)
        found = _judge(text, token, start)
        if found:
            yield found


def _judge(text: str, token: str, start: int) -> Found | None:
    letters = _LETTERS.search(text, max(0, start - REACH), start)
    digits = sum(character.isdigit() for character in token)
    begin, end = start + (token[0] == "#"), start + len(token)
    said = _said(text, start)
    if said == "number":
        return _numbered(text, begin, end)
    if letters and _said(text, letters.start()) == "number":
        return _numbered(text, letters.start(), end)
    if (digits > 3 and token[0] == "#") or (said == "thing" and _looks_kept(token, digits)):
        return Found("record", begin, end, text[begin:end], "after a word for it")
    return None


def _numbered(text: str, start: int, end: int) -> Found | None:
    end = _spaced(text, end)
    if sum(character.isdigit() for character in text[start:end]) < 3:
        return None
    return Found("record", start, end, text[start:end], "after a word for it and “number”")


def _said(text: str, start: int) -> str | None:
    """What stands before a number: "number" (of a thing), "thing" (alone), or None."""
    before = text[max(0, start - REACH) : start].casefold()
    if before.endswith("\n\n"):  # the answer to what was asked
        before = before.rstrip("\n .!")
    words = _WORDS.findall(before)
    while words and words[-1] in _LINKS:
        words.pop()
    if len(words) > 1 and words[-1] == "." and (words[-2] in _NUMBER | _ALONE or words[-2].endswith("nr")):
        words.pop()
    if not words:
        return None
    if words[-1] in _ALONE or _GERMAN.match(words[-1]):
        return "number"
    if words[-1] in _NUMBER:
        return "number" if _of_somebody(words) else None
    return "thing" if words[-1] in _THINGS else None


def _of_somebody(words: list[str]) -> bool:
    """Whether words end with a number of something that is somebody's: "order number", "my id", not "device id"."""
    owner = words[-2] if len(words) > 1 else "."
    return owner in _THINGS or (words[-1] == "id" and (owner in _OWNERS or owner.isdigit()))


def _looks_kept(token: str, digits: int) -> bool:
    return digits > 4 or (digits > 2 and any(character.isupper() or character in "-/" for character in token))


def _spaced(text: str, end: int) -> int:
    """Where a number ends that is written in groups: "943 476 5919"."""
    for _ in range(MOST_GROUPS):
        group = _MORE.match(text, end)
        if group is None:
            break
        end = group.end()
    return end
