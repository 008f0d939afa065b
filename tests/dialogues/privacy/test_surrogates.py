"""Surrogates: one for each original, of its shape, nobody's."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.dialogues.privacy import KINDS, Found, Kind, Surrogates, find
from chatforge.dialogues.privacy.checked import luhn, mod_97
from chatforge.dialogues.privacy.found import AFTER_TITLE
from chatforge.dialogues.privacy.made import Made
from chatforge.dialogues.privacy.shapes import pour


def found(text: str, kind: Kind = "name", rule: str = "") -> Found:
    return Found(kind, 0, len(text), text, rule)


def surrogate(text: str, kind: Kind, seed: int = 1) -> str:
    return Surrogates(seed, "talk").of(found(text, kind))


def shape(text: str) -> str:
    """Digits as 0, letters as a, all else as it is."""
    return re.sub(r"[^\W\d_]", "a", re.sub("[0-9]", "0", text))


def test_a_name_is_the_same_whole_in_part_and_in_any_case() -> None:
    names = Surrogates(1, "talk")
    names.learn([found("Keller", rule=AFTER_TITLE), found("Anna Keller"), found("anna")])
    given, family = names.of(found("Anna Keller")).split()
    assert names.of(found("anna")) == given.lower()
    assert names.of(found("ANNA KELLER")) == f"{given} {family}".upper()
    assert names.of(found("Keller", rule=AFTER_TITLE)) == family
    assert names.of(found("A. Keller")) == f"{given[0]}. {family}"
    assert names.of(found("Bruno Keller")).split()[1] == family
    assert names.of(found("Anna van der Keller")) == f"{given} van der {family}"


def test_two_names_never_become_one() -> None:
    names = Surrogates(1, "talk")
    originals = [f"Q{a}{b}x" for a in "abcdefghij" for b in "abcdefghij"]
    assert len({names.of(found(name)) for name in originals}) == len(originals)


def test_seed_and_conversation_decide() -> None:
    assert surrogate("Anna Keller", "name") == surrogate("Anna Keller", "name")
    others = {Surrogates(seed, talk).of(found("Anna Keller")) for seed in range(5) for talk in "ab"}
    assert len(others) > 5


def test_the_original_decides_nothing_but_the_shape() -> None:
    assert surrogate("Anna Keller", "name") == surrogate("Otto Meier", "name")
    assert surrogate("4111 1111 1111 1111", "card") == surrogate("5555 5555 5555 4444", "card")


def test_an_original_is_nobodys_surrogate() -> None:
    names = Surrogates(1, "talk")
    taken = names.of(found("Anna Keller"))
    again = Surrogates(1, "talk")
    again.learn([found(taken), found("Anna Keller")])
    assert set(again.of(found("Anna Keller")).split()).isdisjoint(taken.split())


def test_the_same_number_however_it_is_written() -> None:
    numbers = Surrogates(1, "talk")
    written = numbers.of(found("(415) 555-2671", "phone"))
    plain = "".join(filter(str.isdigit, written))
    assert numbers.of(found("4155552671", "phone")) == plain
    assert numbers.of(found("415-555-2671", "phone")) == pour("415-555-2671", plain)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("(415) 555-2671", r"\(\d{3}\) 555-01\d\d"),
        ("1-800-232-4636", r"1-\d{3}-555-01\d\d"),
        ("555-2671", r"555-01\d\d"),
        ("+1 (415) 555-2671", r"\+1 \(\d{3}\) 555-01\d\d"),
        ("+44 7911 123456", r"\+44 7700 900\d\d\d"),
        ("07911 123456", r"07700 900\d\d\d"),
        ("+49 30 1234567", r"\+49 30 23125\d\d"),
        ("0221 1234567", r"0302 3125\d\d\d"),
        ("+39 06 1234 5678", r"\+39 00 0\d\d\d \d{4}"),
    ],
)
def test_telephones_are_reserved_for_fiction(text: str, pattern: str) -> None:
    assert re.fullmatch(pattern, surrogate(text, "phone"))


@pytest.mark.parametrize("text", ["4111 1111 1111 1111", "3714-496353-98431", "4222222222222"])
def test_cards_check_and_have_no_issuer(text: str) -> None:
    card = surrogate(text, "card")
    assert shape(card) == shape(text)
    assert card.startswith("9000")
    assert luhn("".join(filter(str.isdigit, card)))


def test_accounts_never_check() -> None:
    text = "GB29 NWBK 6016 1331 9268 19"
    for seed in range(20):
        iban = surrogate(text, "iban", seed)
        assert (shape(iban), iban[:4]) == (shape(text), "GB00")
        assert mod_97(iban) != 1 or iban[2:4] == "00"


@pytest.mark.parametrize(
    ("kind", "text", "pattern"),
    [
        ("email", "anna.keller@firm.de", r"[a-z]+\d+@example\.(com|org|net)"),
        ("ip", "84.12.3.9", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+"),
        ("ip", "2a02:8109::1", r"2001:db8::[0-9a-f]+:[0-9a-f]+"),
        ("url", "https://shop.de/users/anna", r"https://example\.(com|org|net)/users/[a-z]+\d+"),
        ("url", "twitter.com/anna", r"example\.(com|org|net)/users/[a-z]+\d+"),
        ("social", "123-45-6789", r"000-\d\d-\d{4}"),
        ("social", "AB 12 34 56 C", r"QQ \d\d \d\d \d\d [A-Z]"),
        ("record", "LP-204417", r"LP-\d{6}"),
        ("record", "MORGA657054", r"[A-Z]{5}\d{6}"),
        ("birth", "14/08/1979", r"(0[1-9]|1[0-2])/(0[1-9]|1[0-2])/1979"),
        ("birth", "1979-08-14", r"1979-(0[1-9]|1[0-2])-(0[1-9]|1[0-2])"),
        ("birth", "2 November 1951", r"[1-9] [A-Z][a-z]+ 1951"),
        ("birth", "5. März 1968", r"[1-9]\. \w+ 1968"),
        ("address", "48 Millrace Lane, Ashford Falls, OR 97520", r"\d\d \w+ Lane, \w+, OR 000\d\d"),
        ("address", "Flat 2, 9 Chapel Street, Leeds LS1 4AP", r"Flat \d, \d \w+ Street, \w+ ZZ\d \dZZ"),
        ("address", "Lindenstraße 14a, 50667 Köln", r"\w+straße \d\da, 000\d\d \w+"),
        ("address", "12 oak street", r"\d\d [a-z]+ street"),
    ],
)
def test_shapes(kind: Kind, text: str, pattern: str) -> None:
    for seed in range(10):
        other = surrogate(text, kind, seed)
        assert re.fullmatch(pattern, other), other
        assert other != text


def test_an_address_and_its_street_agree() -> None:
    places = Surrogates(1, "talk")
    whole = places.of(found("48 Millrace Lane, Ashford Falls", "address"))
    assert whole.startswith(places.of(found("48 Millrace Lane", "address")))


def test_the_mail_of_a_person_follows_the_name() -> None:
    names = Surrogates(1, "talk")
    given, family = names.of(found("Anna Keller")).lower().split()
    assert re.fullmatch(rf"{given}\.{family}\d\d@example\.\w+", names.of(found("anna.keller82@firm.de", "email")))


def test_where_nothing_else_is_left_the_kind_stands() -> None:
    numbers = Surrogates(1, "talk")
    numbers.learn([found(f"555-01{i:02}", "phone") for i in range(100)])
    assert numbers.of(found("555-9999", "phone")) == "[phone]"


def test_what_is_made_up_is_known_again() -> None:
    made = Made(["Wren", "Ashgrove", "(303) 555-0142", "IBAN DE00 0302 3125 41"])
    text = "Wren Ashgrove, WREN, W. Ashgrove and Anna: 303-555-0142, DE00 0302 3125 41"
    some = [Found("name", *span, text[slice(*span)], "") for span in ((0, 13), (15, 19), (21, 32), (37, 41))]
    numbers = [Found("phone", *span, text[slice(*span)], "") for span in ((43, 55),)]
    assert [one.text for one in made.others(text, [*some, *numbers])] == ["Anna"]


KNOWN = """
Anna Keller|Wren|O'Neill|Ashgrove|anna|LP-204417|12|(415) 555-2671|+39 06 1|ß|1/1/11|DE89 3704|4111 1111 1111 1111|
a@b.co|::1|Flat 2, 9 Chapel St, Leeds LS1 4AP|https://x.com/a
"""
ORIGINALS = st.sampled_from(KNOWN.replace("\n", "").split("|")) | st.text(min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KINDS), ORIGINALS), max_size=6))
def test_no_surrogate_is_an_original(pairs: list[tuple[Kind, str]]) -> None:
    some = [found(text, kind) for kind, text in pairs if any(map(str.isalnum, text))]
    names = Surrogates(3, "talk")
    names.learn(some)
    for one in some:
        other = names.of(one)
        assert other == names.of(one)
        if max(map(len, re.findall(r"[^\W_]+", one.text))) > 1:
            assert other.casefold() not in {original.text.casefold() for original in some}


def test_find_knows_the_words_of_a_title() -> None:
    (one,) = find("Mr Keller left")
    assert one.rule == AFTER_TITLE
