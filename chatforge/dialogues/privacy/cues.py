"""What comes before a name: "my name is", "Dear", "my wife", "ask for".

A cue is kept by its last word, so that a look at the text before a candidate costs one look in a dictionary.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from chatforge.dialogues.privacy.words import TITLES, word_set

Strength = Literal["strong", "soft", "wide"]

_KIN = word_set(
    "wife husband son daughter mother father mom mum dad brother sister partner boyfriend girlfriend fiancé"
    " fiancée aunt uncle cousin nephew niece grandma grandpa granddaughter grandson friend neighbour neighbor colleague"
)
_WHOSE = ("my", "your", "his", "her", "our", "their")
_TALK = word_set("speak spoke spoken speaking talk talked talking chat chatted chatting met")


def _phrases(text: str) -> list[str]:
    return [phrase.strip() for phrase in text.split("|")]


STRONG = [
    *_phrases(
        """
        my name is|my name's|my names|name is|the name's|name's|name was|names is|call me|first name|last name|surname|
        surname is|full name|signed|signed by|signed for by|spelled|spelt|spells it|ask for|asked for|asking for|dear|
        attn|attention|c/o|on behalf of|in the name of|under the name|under the name of|
        ich heiße|ich heisse|mein name ist|name ist|name lautet|namens|auf den namen|liebe|lieber|liebes|meine frau|
        mein mann|mein sohn|meine tochter|meine mutter|mein vater|mein bruder|meine schwester|mein kollege|
        meine kollegin|ihr kollege|ihre kollegin|kontoinhaber|kontoinhaberin|z.hd
        """
    ),
    *TITLES,
    *(f"{whose} {kin}" for whose in _WHOSE for kin in _KIN),
    *(f"{talk} {link}" for talk in _TALK for link in ("to", "with")),
]
"""After these even an unknown word is a name, if it begins with a capital and is no everyday word."""

SOFT = [
    *_phrases(
        """
        hi|hello|hey|hiya|howdy|good morning|good afternoon|good evening|morning|greetings|thanks|thank you|thx|ty|
        cheers|bye|goodbye|regards|wishes|i'm|i am|im|i’m|this is|it's|it’s|its|you are|you're|
        called|named|name as|name to|name|account is|written to|wrote to|heard from|email from|call from|message from|
        letter from|visit with|appointment with|appt with|appt w|made out to|addressed to|belongs to|registered to|
        issued to|placed by|delivered by|helped by|account holder|holder is|holder|cardholder|contact|
        emergency contact|next of kin|subscriber|patient|customer|client|caller|tenant|passenger|beneficiary|recipient|
        user|agent|manager|courier|driver|
        hallo|guten tag|guten morgen|guten abend|moin|servus|danke|vielen dank|ich bin|hier ist|hier spricht|hier|
        patientin|kundin|inhaber|inhaberin|grüße|gruß
        """
    ),
    *_KIN,
]
"""After these a known name counts, also one that is an everyday word, and so do two words with capitals."""

WIDE = word_set("for with ask tell told saw mit von für bei")
"""These stand before anything: after them only a name whose every word is known counts."""

GREETINGS = word_set(
    "hi hello hey hiya howdy hallo moin servus thanks thx danke regards wishes cheers greetings bye"
) | {*_phrases("thank you|good morning|good afternoon|good evening|vielen dank|guten tag|guten morgen|grüße|gruß")}

CLOSINGS = (
    *_phrases(
        "regards|best|best wishes|all the best|sincerely|yours|yours faithfully|respectfully|cheers|cordially|love"
    ),
    *_phrases("take care|thanks|thank you|grüßen|gruß|grüße|mfg|lg|vg|ihr|ihre|dein|deine"),
)
"""What the line before a signature ends with."""

REACH = 40
"""How many characters before a name are looked at."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Words before a name, and how much they say."""

    phrase: str
    strength: Strength


def _by_last_word(cues: Mapping[Strength, Iterable[str]]) -> dict[str, tuple[Cue, ...]]:
    found: dict[str, list[Cue]] = {}
    for strength, phrases in cues.items():
        for phrase in phrases:
            found.setdefault(phrase.rsplit(None, 1)[-1], []).append(Cue(phrase, strength))
    return {last: tuple(sorted(some, key=lambda cue: -len(cue.phrase))) for last, some in found.items()}


_CUES = _by_last_word({"strong": STRONG, "soft": SOFT, "wide": WIDE})
_BETWEEN = ' \t\n,:."“„«(-<'
_ASKED = Cue("name?", "soft")
_SHORT = word_set("mr mrs ms mx dr prof hr fr z.hd attn")
"""Words that a full stop may follow without ending the sentence."""


def cue_before(text: str, start: int) -> Cue | None:
    """Return the cue that ends where a name begins; None if there is none.

    "… my name is |Anna"  →  "my name is"
    """
    before = text[max(0, start - REACH) : start].casefold()
    bare = before.rstrip(_BETWEEN)
    gap = before[len(bare) :]
    if "\n\n" in gap:
        return _ASKED if "name" in bare else None
    words = bare.rsplit(None, 1)
    if not words:
        return None
    last = words[-1].lstrip('"“„(')
    if (last in TITLES and gap not in {" ", ". ", " . "}) or ("." in gap and last not in _SHORT):
        return None
    for cue in _CUES.get(last, ()):
        if bare.endswith(cue.phrase) and not bare[-len(cue.phrase) - 1 : -len(cue.phrase)].isalnum():
            return cue
    return None


def closing_before(text: str, start: int) -> bool:
    """Whether the line before is the end of a letter ("Kind regards,")."""
    before = text[max(0, start - REACH) : start].casefold()
    line = before.rstrip(" \n\t,.!-–—")
    return "\n" in before[len(line) :] and line.rsplit("\n", 1)[-1].strip(" ,.!").endswith(CLOSINGS)
