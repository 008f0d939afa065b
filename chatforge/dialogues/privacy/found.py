"""What was found in a text, and which of two findings stands where they overlap."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from chatforge.dialogues.privacy.words import PARTICLES

Kind = Literal[
    "name", "email", "phone", "address", "card", "iban", "record", "birth", "url", "ip", "social"
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)

WORDS: dict[Kind, str] = {
    "name": "names",
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "address": "postal addresses",
    "card": "card numbers",
    "iban": "bank accounts (IBAN)",
    "record": "order, customer and patient numbers",
    "birth": "dates of birth",
    "url": "web addresses with a user's name",
    "ip": "IP addresses",
    "social": "social security and tax numbers",
}
"""What the kinds are called in front of people."""

AFTER_TITLE = "after a title"
"""The rule of a name such as Keller in "Mr Keller"."""

NAME_PART = re.compile(r"[^\W\d_]+(?:[-'’](?!s\b)[^\W\d_]+)*")
"""A word of a name: "Anne-Marie", "O'Neill"; without the ending of "Anna's"."""

DOTS = 5


@dataclass(frozen=True, slots=True)
class Found:
    """One thing in a text that tells who somebody is.

    Attributes:
        start, end: where, as indices of characters; `text` is what stands there.
        rule: what gave it away, such as "after 'my name is'" or "check digits".
    """

    kind: Kind
    start: int
    end: int
    text: str
    rule: str

    @property
    def masked(self) -> str:
        """What may be shown of it."""
        return masked(self.text)


def masked(text: str) -> str:
    """Return the first letter or digit of a text, and dots."""
    first = next((character for character in text if character.isalnum()), "")
    return first + "•" * DOTS


def settle(candidates: Iterable[Found], length: int) -> list[Found]:
    """Return findings in order of the text; of any that overlap, the one that came first as a candidate stands.

    Args:
        length: how many characters the text has.
    """
    taken = bytearray(length)
    kept = []
    for found in candidates:
        if found.start < found.end and taken.find(1, found.start, found.end) < 0:
            taken[found.start : found.end] = b"\x01" * (found.end - found.start)
            kept.append(found)
    return sorted(kept, key=lambda found: found.start)


def squeezed(text: str) -> str:
    """Return the letters and digits of a text, in small letters."""
    return "".join(character for character in text.casefold() if character.isalnum())


def name_parts(text: str) -> list[str]:
    """Return the words of a name in small letters, without "van", "de" and the like."""
    return [part for part in map(str.casefold, NAME_PART.findall(text)) if part not in PARTICLES]
