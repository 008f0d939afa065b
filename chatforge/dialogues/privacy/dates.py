"""Dates of birth: a date beside a word for birth. Other dates are left alone."""

import re
from collections.abc import Iterator

from chatforge.dialogues.privacy.found import Found

MONTHS = (
    "jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz?|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|"
    "sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?"
)
_DATES = (
    re.compile(r"[0-9](?<![\w.,/-][0-9])[0-9]?([./-]) ?[0-9]{1,2}\1 ?(?:[0-9]{4}|[0-9]{2})(?!\w|[/-][0-9])"),
    re.compile(r"[0-9](?<![\w.,/-][0-9])[0-9]{3}([./-])[0-9]{1,2}\1[0-9]{1,2}(?!\w|[/-][0-9])"),
    re.compile(
        rf"[0-9](?<!\w[0-9])[0-9]?(?:st|nd|rd|th|\.)?[ -](?:of )?(?:{MONTHS})\b\.?,?[ -](?:[0-9]{{4}}|[0-9]{{2}})\b",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?:{MONTHS})\b\.? [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{4}}\b", re.IGNORECASE),
)
_SIGNS = ("born", "birth", "dob", "d.o.b", "bday", "gebor", "geb.", "geb ", "geburts", "*")
_BEFORE = re.compile(
    r"(?:\bborn\b|\bd\.?o\.?b\b|\bbirth ?da(?:te|y)s?\b|\bdate of birth\b|\bbday\b|\bgeboren|\bgeb\b|geburtsdatum"
    r"|geburtstag|\*)[^0-9\n]{0,30}\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(r"[\s,)]{0,3}(?:is my (?:birthday|dob|date of birth)|\(?(?:dob|born|geboren)\b)", re.IGNORECASE)
REACH = 50


def births(text: str) -> Iterator[Found]:
    """Find dates of birth."""
    low = text.casefold()
    if not any(sign in low for sign in _SIGNS):
        return
    for pattern in _DATES:
        for match in pattern.finditer(text):
            before = _BEFORE.search(text, max(0, match.start() - REACH), match.start())
            if before or _AFTER.match(text, match.end()):
                yield Found("birth", match.start(), match.end(), match[0], "a date beside a word for birth")
