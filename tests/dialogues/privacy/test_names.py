"""Names: where one is expected, where one is known, and what only looks like one."""

import pytest

from chatforge.dialogues.privacy import find


def names(text: str) -> list[str]:
    return [found.text for found in find(text) if found.kind == "name"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, my name is Zorblax Quun.", ["Zorblax Quun"]),
        ("my name is thandiwe nkosi and i wait", ["thandiwe nkosi"]),
        ("I'm Rajesh Iyer, hello", ["Rajesh Iyer"]),
        ("Dear Ms. Abbott,", ["Abbott"]),
        ("Dear Zorblax,", ["Zorblax"]),
        ("Mrs van der Berg called", ["van der Berg"]),
        ("mr whitcombe was here", ["whitcombe"]),
        ("Dr. J. R. Okonjo will see you", ["J. R. Okonjo"]),
        ("My wife Ngozi and my son Bao", ["Ngozi", "Bao"]),
        ("I spoke to Nkechi twice", ["Nkechi"]),
        ("ask Anne-Marie O'Neill about it", ["Anne-Marie O'Neill"]),
        ("Can Priya see Anna's chart?", ["Priya", "Anna"]),
        ("MARIA GONZALEZ signed", ["MARIA GONZALEZ"]),
        ("tom bradley, room 4", ["tom bradley"]),
        ("hi josh, thanks", ["josh"]),
        ("Kind regards,\nWendelgard", ["Wendelgard"]),
        ("Bob: is it back?\nAgent: Not yet.", ["Bob"]),
        ("Jens hier, guten Tag", ["Jens"]),
        ("Zorblax Quun speaking, hello", ["Zorblax Quun"]),
        ("Rose: is it back?", ["Rose"]),
        ("Sehr geehrte Frau Baumgärtner", ["Baumgärtner"]),
        ("ich heiße Ödön", ["Ödön"]),
        ("Will Keller is here. Ask Will.", ["Will Keller", "Will"]),
        ("I am Zorblax Quun. Zorblax paid, not Mr Quun. ZORBLAX!", ["Zorblax Quun", "Zorblax", "Quun", "ZORBLAX"]),
    ],
)
def test_names_that_are_found(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Will that do? Mark it, Bill us, and let Grace decide in June.",
        "I'm Diabetic and this is Urgent.",
        "Thanks! Great service. Hello Again.",
        "Thank you, I'll wait. Sir, I've paid.",
        "my name is not on it",
        "HEY HO, LETS GO",
        "liebe Kolleginnen, sehr geehrte Damen und Herren",
        "the dr will see you",
        "San Antonio, Mount Elisabeth and Victoria Falls",
    ],
)
def test_what_is_no_name(text: str) -> None:
    assert names(text) == []
