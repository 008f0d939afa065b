"""One surrogate for one thing: of the same shape, and nobody's.

    (415) 555-2671             →  (303) 555-0142              reserved for fiction
    4929 1234 5678 9012        →  9000 4417 2093 8817         of an issuer that cannot be (ISO/IEC 7812-1)
    DE89 3704 0044 0532 0130 00 →  DE00 7194 4823 0915 5526 08  check digits 00 are never right

Numbers are made so that they look right and no bank, network or office has given them to anybody.
"""

import random
import re
import string
from collections.abc import Callable

from chatforge.dialogues.privacy import pools
from chatforge.dialogues.privacy.checked import luhn
from chatforge.dialogues.privacy.found import Kind, squeezed
from chatforge.dialogues.privacy.words import word_set

ISSUER = "9000"
"""Cards that begin with 9 belong to the country whose three digits follow; there is no country 000."""

_STREET_WORDS = word_set(
    """
    street st road rd avenue ave av lane ln drive dr boulevard blvd court ct place pl terrace way parkway pkwy square sq
    highway hwy circle cir crescent close gardens grove hill row walk mews parade trail loop quay alley flat apartment
    apt unit suite ste room floor po p o box n s e w north south east west the am an auf im in zum zur der den dem die
    unter hinter bei ob vor straße strasse str platz allee weg d a ch
    """
)
_GERMAN_END = re.compile(r"\w+?(straße|strasse|str|gasse|platz|allee|damm|ring|ufer|chaussee|weg)\Z")
_PLACE = re.compile(
    r"(?P<british>\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}\b)|(?P<code>\b[0-9]{5}(?:-[0-9]{4})?\b)|(?P<number>[0-9]+)"
    r"|(?P<state>\b[A-Z]{2}\b)|(?P<word>[^\W\d_]+(?:[-'’][^\W\d_]+)*)"
)


def pour(layout: str, characters: str) -> str:
    """Put other letters and digits where those of a text are; dashes, spaces and brackets stay.

    pour("(415) 555-2671", "303-555-0142")  →  "(303) 555-0142"
    """
    following = filter(str.isalnum, characters)
    return "".join(next(following, "0") if character.isalnum() else character for character in layout)


def phone(text: str, rng: random.Random) -> str:
    """Return a number that is reserved for fiction, or that cannot be dialled where a country reserves none."""
    plain = squeezed(text)
    front = ""
    if "+" in text or plain.startswith("00"):
        front = "00" if plain.startswith("00") else ""
        rest = plain[len(front) :]
        code = next((rest[:size] for size in (1, 2, 3) if rest[:size] in pools.COUNTRY_NUMBERS), None)
        front += code + pools.COUNTRY_NUMBERS[code] if code else rest[:2] + "000"
    elif plain.startswith("0"):
        front = "07700900" if plain.startswith("07") else "03023125"
    elif len(plain) == 7:
        front = "55501"
    else:
        front = "1" * (len(plain) == 11) + rng.choice(pools.AREAS) + "55501"
    return pour(text, (front + _digits(rng, len(plain)))[: len(plain)])


def card(text: str, rng: random.Random) -> str:
    """Return a number with a right check digit, of an issuer that cannot be."""
    size = len(squeezed(text))
    front = ISSUER + _digits(rng, size - len(ISSUER) - 1)
    return pour(text, next(front + digit for digit in string.digits if luhn(front + digit)))


def iban(text: str, rng: random.Random) -> str:
    """Return an IBAN of the same country with the check digits 00, which no account has."""
    plain = squeezed(text).upper()
    return pour(text, f"{plain[:2]}00{_like(plain[4:], rng)}")


def social(text: str, rng: random.Random) -> str:
    """Return a number of an area that was never used: 000, or QQ in Britain."""
    plain = "".join(character for character in text if character.isalnum())
    front = "QQ" if plain[:1].isalpha() else "000"
    return pour(text, front + _like(plain[len(front) :], rng))


def record(text: str, rng: random.Random) -> str:
    """Return other digits and letters; up to three letters at the front stay, as they tell the sort of number."""
    plain = "".join(character for character in text if character.isalnum())
    front = re.match(r"[^\W\d_]{0,3}(?![^\W\d_])", plain)
    kept = front[0] if front else ""
    return pour(text, kept + _like(plain[len(kept) :], rng))


def birth(text: str, rng: random.Random) -> str:
    """Return another day and month of the same year, so that the age stays about right."""
    year = max(re.finditer("[0-9]+", text), key=lambda number: (len(number[0]), number.start()), default=None)

    def other(match: re.Match[str]) -> str:
        if year and match.start() == year.start():
            return match[0]
        return f"{rng.randint(1, 12 if len(match[0]) > 1 else 9):0{len(match[0])}}"

    return re.sub(r"[^\W\d_]{3,}", lambda match: _month(match[0], rng), re.sub("[0-9]+", other, text))


def _month(word: str, rng: random.Random) -> str:
    for months in pools.MONTHS:
        if word.title() in months:
            return in_case_of(word, rng.choice(months))
    return word


def ip(text: str, rng: random.Random) -> str:
    """Return an address of the networks that are reserved for documentation."""
    if ":" in text:
        return f"2001:db8::{rng.randrange(1, 1 << 16):x}:{rng.randrange(1, 1 << 16):x}"
    return rng.choice(pools.NETWORKS) + str(rng.randint(1, 254))


def email(text: str, rng: random.Random) -> str:
    """Return an address at a domain that is reserved for examples."""
    return f"{rng.choice(pools.GIVEN).lower()}{rng.randint(10, 9999)}@{rng.choice(pools.DOMAINS)}"


def url(text: str, rng: random.Random) -> str:
    """Return a page of another user, at a domain that is reserved for examples."""
    scheme = re.match(r"https?://", text, re.IGNORECASE)
    user = f"{rng.choice(pools.GIVEN).lower()}{rng.randint(10, 9999)}"
    return f"{scheme[0] if scheme else ''}{rng.choice(pools.DOMAINS)}/users/{user}"


def address(text: str, rng: random.Random, known: dict[str, str]) -> str:
    """Return an address with other names and numbers; words such as "Street" and "Flat" and the state stay.

    48 Millrace Lane, Ashford Falls, OR 97520  →  31 Fennick Lane, Quillhaven, OR 00042

    Args:
        known: what words and numbers of addresses have become so far; added to.
    """
    names = iter([rng.choice(pools.STREETS), *rng.sample(pools.TOWNS, len(pools.TOWNS))])
    out, at, in_name = "", 0, False
    for match in _PLACE.finditer(text):
        between, at = text[at : match.start()], match.end()
        word = match[0].casefold()
        named = match.lastgroup == "word" and word not in _STREET_WORDS
        if not named:
            out += between + known.setdefault(match[0], _other_number(match, rng))
        elif not (in_name and between == " "):  # two words of one name become one
            end = _GERMAN_END.match(match[0])
            ending = end[1] if end else ""
            stem = word.removesuffix(ending)
            if stem not in known:
                known[stem] = next(names, "Elsewhere")
            out += between + in_case_of(match[0], known[stem] + ending)
        in_name = named
    return out + text[at:]


def _other_number(match: re.Match[str], rng: random.Random) -> str:
    written = match[0]
    if match.lastgroup == "number":
        return _like(written, rng)
    if match.lastgroup == "code":  # no postcode begins with 000
        return "000" + _digits(rng, 2) + "-0000" * ("-" in written)
    if match.lastgroup == "british":  # no place has ZZ
        return "".join(" " if c == " " else rng.choice("123456789") if c.isdigit() else "Z" for c in written)
    return written


MAKERS: dict[Kind, Callable[[str, random.Random], str]] = {
    "phone": phone, "card": card, "iban": iban, "social": social, "record": record, "birth": birth, "ip": ip,
    "email": email, "url": url,
}  # fmt: skip
"""How each kind is made; names and addresses are not here: they are drawn word by word."""


def in_case_of(pattern: str, word: str) -> str:
    """Return a word in capitals or small letters, as another is."""
    if pattern.isupper() and len(pattern) > 1:
        return word.upper()
    return word.lower() if pattern.islower() else word


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=max(0, count)))


def _like(text: str, rng: random.Random) -> str:
    """Other digits for digits, other letters for letters; a leading zero stays one."""
    out = []
    for i, character in enumerate(text):
        if character.isdigit():
            zero = i == 0 and character == "0"
            out.append("0" if zero else rng.choice(string.digits[i == 0 :]))
        else:
            letter = rng.choice(string.ascii_uppercase)
            out.append(letter if character.isupper() else letter.lower())
    return "".join(out)
