"""Finding: what is found, what is left alone, and that no text does harm."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.dialogues.privacy import KINDS, find, find_all
from chatforge.dialogues.privacy.checked import luhn, mod_97
from chatforge.dialogues.privacy.found import Found, settle

HARMLESS = """
Is the tent back in May, and will April do? Bill me later.
Order total $1,249.99, 2 x 450 ml, 3-4 days, 10:45 on 12/11/2024 and 2024-11-15.
Firmware 2.4.1.10, error 0x80070057, EAN 5901234123457, page 12, figure 4.
Take 500 mg 2-4 times, 120/80, 98.6 F, since 3 May 2023, call 911 or 988.
Dear Customer, Hello Team, Hi There, I'm Sorry, Thanks Again, Best regards from Portland.
https://shop.example/help/contact?ref=mail and http://www.example.com/2024/05/tents.html
Victoria Falls, Jackson Street, St. Mary's, Addison's disease, the Mercy Hospital.
Wir haben 30 Zelte für 249,00 Euro, Größe 2.10 x 1.40 m, Termin am 12.05.2025 um 10:30 Uhr.
My name is misspelled on it. My name is not on the list.
""".strip().splitlines()


def kinds(text: str) -> list[tuple[str, str]]:
    return [(found.kind, found.text) for found in find(text)]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_left_alone(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("write to first_last+tag@mail.example.co.uk.", "email", "first_last+tag@mail.example.co.uk"),
        ("see https://shop.example/users/anna.k/orders, please", "url", "https://shop.example/users/anna.k/orders"),
        ("it is on twitter.com/anna_k now", "url", "twitter.com/anna_k"),
        ("logged in from 203.0.113.9.", "ip", "203.0.113.9"),
        ("and from 2001:db8::1 too", "ip", "2001:db8::1"),
        ("card 4111-1111-1111-1111 exp 05/24", "card", "4111-1111-1111-1111"),
        ("Amex 3714 496353 98431", "card", "3714 496353 98431"),
        ("to DE89 3704 0044 0532 0130 00 or by post", "iban", "DE89 3704 0044 0532 0130 00"),
        ("iban nl91abna0417164300, thanks", "iban", "nl91abna0417164300"),
        ("my SSN is 987-65-4320", "social", "987-65-4320"),
        ("social security: 987654320", "social", "987654320"),
        ("NI QQ 12 34 56 C", "social", "QQ 12 34 56 C"),
        ("Steuer-ID 47 036 892 816", "social", "47 036 892 816"),
        ("born on 5 June 1968", "birth", "5 June 1968"),
        ("DOB: 04/17/1956", "birth", "04/17/1956"),
        ("geb. 03.07.2015", "birth", "03.07.2015"),
        ("January 9, 1962 is my birthday", "birth", "January 9, 1962"),
        ("order number LP-204417", "record", "LP-204417"),
        ("MRN: 00481-77", "record", "00481-77"),
        ("NHS number 943 476 5919 please", "record", "943 476 5919"),
        ("policy no. HX 220 118 9", "record", "HX 220 118 9"),
        ("policy number is ABC 55 20 3", "record", "ABC 55 20 3"),
        ("order #30091", "record", "30091"),
        ("Kundennr. 100482", "record", "100482"),
        ("call 555-0142", "phone", "555-0142"),
        ("on (415) 555-0190 today", "phone", "(415) 555-0190"),
        ("+44 7700 900123", "phone", "+44 7700 900123"),
        ("or 030 23125 471", "phone", "030 23125 471"),
        ("or 01.99.00.12.34", "phone", "01.99.00.12.34"),
        ("0044 7700 900123 10 am", "phone", "0044 7700 900123"),
        ("call 4155550190", "phone", "4155550190"),
        ("to 42 Elm Street, Springfield, IL 62704.", "address", "42 Elm Street, Springfield, IL 62704"),
        ("Flat 12, 8 King's Parade, Cambridge CB2 1SJ", "address", "Flat 12, 8 King's Parade, Cambridge CB2 1SJ"),
        ("P.O. Box 118, Millbrook, NY 12545", "address", "P.O. Box 118, Millbrook, NY 12545"),
        ("wohnt Bahnhofstraße 5, 60313 Frankfurt am Main", "address", "Bahnhofstraße 5, 60313 Frankfurt am Main"),
        ("i live at 12 oak street", "address", "12 oak street"),
    ],
)
def test_what_is_found(text: str, kind: str, found: str) -> None:
    assert (kind, found) in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "card 4111-1111-1111-1112",
        "to DE89370400440532013001",
        "from 203.0.113.999",
        "version 1.2.3.4",
        "at 12:30:45",
    ],
)
def test_numbers_that_do_not_check(text: str) -> None:
    assert kinds(text) == []


def test_a_bar_code_is_a_card_only_where_one_is_spoken_of() -> None:
    assert luhn("4222222222222")
    assert kinds("the code is 4222222222222") == []
    assert kinds("paid by card 4222222222222") == [("card", "4222222222222")]


def test_check_digits() -> None:
    assert luhn("79927398713")
    assert not luhn("79927398710")
    assert mod_97("GB29 NWBK 6016 1331 9268 19") == 1


def test_a_question_helps_with_its_answer() -> None:
    asked = find_all(["Could I have your name and your order number?", "1009-4421", "Sure."])
    assert [[one.text for one in found] for found in asked] == [[], ["1009-4421"], []]
    (found,) = find_all(["May I have your name?", "Zorblax Quun"])[1]
    assert (found.text, found.start, found.end) == ("Zorblax Quun", 0, 12)


def test_nothing_is_found_across_two_texts() -> None:
    assert find_all(["send it to 42", "Elm Street"]) == [[], []]


def test_of_two_that_overlap_the_first_candidate_stands() -> None:
    longer, shorter, other = (
        Found("url", 0, 5, "abcde", "a"),
        Found("name", 3, 9, "defghi", "b"),
        Found("ip", 6, 8, "gh", "c"),
    )
    assert settle([longer, shorter, other], 10) == [longer, other]


def test_another_recogniser_fills_the_gaps() -> None:
    def also(text: str) -> list[Found]:
        return [Found("name", 0, 4, text[:4], "also"), Found("name", 9, 15, text[9:15], "also")]

    assert [(one.text, one.rule) for one in find("Anna and Yggdra", also)] == [
        ("Anna", "a common name"),
        ("Yggdra", "also"),
    ]


FRAGMENTS = """
my name is |Dear |Mr. |Anna|anna keller|O'Neill|van der |order number |#|LP-204417|call |+49|(415) 555-0142|555|-|.|/|
a@b.co|https://x.com/|born |4111 1111 1111 1111|DE89 3704|::|1:2:3|12 Elm St|PO Box 1|Straße 5,|12345 Köln|Regards,|@|
's|İ|ß|Ǆ|\u0301|😀
"""
PIECES = st.sampled_from([*FRAGMENTS.replace("\n", "").split("|"), "\n", "\n\n", "\ud800", "\x00"])
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=20).map(" ".join) | st.lists(PIECES, max_size=20).map("".join)


def check_any_text(text: str) -> None:
    """Findings lie in the text, in order, without overlap, and say what stands there."""
    at = 0
    for found in find(text):
        assert at <= found.start < found.end <= len(text)
        assert found.text == text[found.start : found.end]
        assert found.kind in KINDS
        assert found.rule
        assert sum(character.isalnum() for character in found.masked) <= 1
        at = found.end


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_any_text(text: str) -> None:
    check_any_text(text)


@pytest.mark.fuzz
@settings(max_examples=5_000, deadline=None)
@given(TEXTS)
def test_any_text_long(text: str) -> None:
    check_any_text(text)


@settings(max_examples=50, deadline=None)
@given(st.lists(TEXTS, max_size=4))
def test_any_texts(texts: list[str]) -> None:
    for text, some in zip(texts, find_all(texts), strict=True):
        assert all(one.text == text[one.start : one.end] for one in some)


REPEATED = """
a|A|Aa |Aa. |Aa-|Aa'|1 |1-|1 a|1a |0 |00|+1|(1|@|a@|a@a.|http://|http://u/|x.com/|1:|::|a:|1.1.1.1 |#1|order no. 1|
my name is a |Anna |anna |Anna Keller |Dr. |van |de la |12 Aa |12 Aa Street |12 aa |Flat 1, |A1 1A|Am Aa 1 |Astraße 1 |
12345 A|born 1/1/2000 |1/1/|may 1, 2000|DE89|4111 |41111111|12 34 56 A |ssn 1|call 1234567890 |😀
"""
UNITS = [*REPEATED.replace("\n", "").split("|"), "Regards,\n", "\n\n", "name?\n\nA"]


@pytest.mark.parametrize("unit", UNITS)
def test_a_long_text_of_anything_takes_linear_time(unit: str, in_linear_time: Callable[..., None]) -> None:
    in_linear_time(find, unit)
