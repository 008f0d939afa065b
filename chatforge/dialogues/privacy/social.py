"""Social security and tax numbers of the United States, Britain and Germany."""

import re
from collections.abc import Iterator

from chatforge.dialogues.privacy.found import Found

_SHAPES = (
    (re.compile(r"[0-9](?<![\w.-][0-9])[0-9]{2}([-. ])[0-9]{2}\1[0-9]{4}(?!\w|[.-][0-9])"), "3-2-4 digits"),
    (
        re.compile(r"[0-9](?<![\w.-][0-9])[0-9] ?[0-9]{6} ?[A-Z] ?[0-9]{3}(?!\w)"),
        "a German pension insurance number",
    ),
)
_BRITISH = re.compile(r"[0-9](?<![0-9]{2})[0-9](?: ?[0-9]{2}){2} ?[A-Da-d](?!\w)")
_BRITISH_LETTERS = re.compile(r"(?<!\w)[A-Z]{2} ?\Z", re.IGNORECASE)
_PLAIN = re.compile(r"[0-9](?<![\w.-][0-9])(?:[ .-]?[0-9]){8,10}(?!\w|[.-][0-9])")
_WORD = re.compile(
    r"(?:\b(?:ssn|social(?: security)?|sin|itin|tin|tax(?:payer)?[ -]?(?:id|number|no)|national insurance|ni)\b"
    r"|steuer-?(?:id|identifikations)|\bidnr|sozialversicherungs|rentenversicherungs|\bsv-n)[^0-9\n]{0,24}\Z",
    re.IGNORECASE,
)
REACH = 50


def social_numbers(text: str) -> Iterator[Found]:
    """Find social security and tax numbers: by their shape, or after a word for them."""
    for pattern, rule in _SHAPES:
        for match in pattern.finditer(text):
            yield Found("social", match.start(), match.end(), match[0], rule)
    for match in _BRITISH.finditer(text):
        letters = _BRITISH_LETTERS.search(text, max(0, match.start() - 4), match.start())
        if letters:
            start, end = letters.start(), match.end()
            yield Found("social", start, end, text[start:end], "a British national insurance number")
    for match in _PLAIN.finditer(text):
        if _WORD.search(text, max(0, match.start() - REACH), match.start()):
            yield Found("social", match.start(), match.end(), match[0], "after a word for it")
