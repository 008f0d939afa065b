"""Postal addresses: a street with a number, in English and German forms, with the town and postcode that follow."""

import re
from collections.abc import Iterator

from chatforge.dialogues.privacy.found import Found

_CAP = r"[A-ZÀ-ÖØ-Þ][\w'’-]*"
_TYPES = (
    "Street|St|Road|Rd|Avenue|Ave|Av|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Terrace|Way|Parkway|Pkwy|"
    "Square|Sq|Highway|Hwy|Circle|Cir|Crescent|Close|Gardens|Grove|Hill|Row|Walk|Mews|Parade|Trail|Loop|Quay|Alley"
)
_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_BRITISH_CODE = r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}\b"
_FLAT = r"(?:Flat|Apartment|Apt|Unit|Suite|Ste|Room|Floor|#)\.? ?#?[0-9A-Z]{1,5}\b"
_TOWN = rf"{_CAP}\.?(?: {_CAP}){{0,2}}"
_TAIL = (
    rf"(?:,? +{_FLAT})?"
    rf"(?:,?[ \n]+{_TOWN},? (?:{_STATES})\b(?: [0-9]{{5}}(?:-[0-9]{{4}})?\b)?"
    rf"|,?[ \n]+(?:{_TOWN},? )?{_BRITISH_CODE}"
    rf"|,?[ \n]+{_TOWN},? [0-9]{{5}}\b)?"
)
_STREET = re.compile(
    rf"[0-9](?<![\w.,][0-9])[0-9]{{0,4}}[A-Za-z]?(?:[-/][0-9]{{1,5}})? (?:[NSEW]\.? )?"
    rf"(?:(?:{_CAP}\.?|[0-9]{{1,3}}(?:st|nd|rd|th)) ){{1,4}}?(?:{_TYPES})\b(?!['’])\.?{_TAIL}"
)
_FLAT_FRONT = re.compile(rf"\b{_FLAT},? \Z")
_SMALL = re.compile(
    r"[0-9](?<![\w.,][0-9])[0-9]{0,4}[a-z]? (?:[a-z']{2,20} ){1,3}?"
    r"(?:street|road|rd|avenue|ave|lane|drive|boulevard|blvd|court|terrace)\b"
    rf"(?:,? [a-z]{{3,20}})?(?:,? {_BRITISH_CODE}|,? [0-9]{{5}}\b)?"
)
_LIVES = re.compile(r"\b(?:live|address|ship|deliver|send|moved?|house|home|at|to|from)\b[^\n]{0,30}\Z", re.IGNORECASE)
_NO_STREET = re.compile(r"[0-9]+ (?:Minute|Hour|Day|Season|Way|Star|Mile|Piece|Pack|Years?|Weeks?|Months?)\b", re.I)

_BOX = re.compile(rf"\b[Pp]\.? ?[Oo]\.? ?[Bb][Oo][Xx] [0-9]{{1,6}}{_TAIL}")
_CODE = re.compile(r"[0-9][A-Z]{2}\b")
_CODE_FRONT = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]? ?\Z")

_GERMAN_SIGN = re.compile(r"[0-9](?<=(?:ße|se|r\.|tz|ee|eg|mm|er|ng) [0-9])")
_GERMAN_CODE = re.compile(r"[0-9][0-9]{4} [A-ZÄÖÜ]")
_NOUN = r"[A-ZÄÖÜ][\wäöüß-]*"
_GERMAN_STREET = (
    rf"\b(?:{_NOUN}\.? ){{0,2}}(?:{_NOUN}(?:str(?:a(?:ß|ss)e|\.)|gasse|platz|allee|damm|ring|ufer|chaussee|weg)"
    r"|(?:Straße|Strasse|Str\.|Platz|Allee|Weg))"
)
_NAMED_STREET = (
    rf"\b(?:Am|An der|An den|Auf der|Auf dem|Im|In der|Zum|Zur|Unter den|Hinter der)(?: {_NOUN}){{1,3}}"
    r"(?= [0-9]{1,4} ?[a-z]?,? [0-9]{5}\b)"
)
_GERMAN = re.compile(
    rf"(?:{_GERMAN_STREET}|{_NAMED_STREET}) [0-9]{{1,4}}(?: ?[a-z])?\b(?:-[0-9]{{1,4}})?"
    rf"(?:,?[ \n]+(?:D-|A-|CH-)?[0-9]{{4,5}} {_NOUN}(?: (?:am|an der|im|in|bei|ob der|vor der) {_NOUN})?)?"
)
REACH = 50


def addresses(text: str) -> Iterator[Found]:
    """Find postal addresses; a town alone is none."""
    for match in _STREET.finditer(text):
        if not _NO_STREET.match(match[0]):
            flat = _FLAT_FRONT.search(text, max(0, match.start() - 20), match.start())
            yield _found(text, flat.start() if flat else match.start(), match.end(), "a number and a street")
    for match in _BOX.finditer(text) if "ox" in text or "OX" in text else ():
        yield _found(text, *match.span(), "a post-office box")
    for match in _GERMAN.finditer(text) if _GERMAN_SIGN.search(text) or _GERMAN_CODE.search(text) else ():
        yield _found(text, *match.span(), "a street and a number")
    for match in _CODE.finditer(text):
        front = _CODE_FRONT.search(text, max(0, match.start() - 6), match.start())
        if front:
            yield _found(text, front.start(), match.end(), "a British postcode")
    for match in _SMALL.finditer(text):
        if _LIVES.search(text, max(0, match.start() - REACH), match.start()):
            yield _found(text, *match.span(), "a number and a street")


def _found(text: str, start: int, end: int, rule: str) -> Found:
    written = text[start:end].rstrip(" ,\n")
    if written.endswith(".") and not written.endswith(("St.", "Str.", "Ave.", "Rd.", "Dr.", "Blvd.", "Ln.")):
        written = written[:-1]
    return Found("address", start, start + len(written), written, rule)
