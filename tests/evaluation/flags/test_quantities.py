"""What is read as a quantity, and which two are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.evaluation.flags.numerals import read_numerals
from chatforge.evaluation.flags.quantities import read_quantities
from chatforge.evaluation.flags.quantity import Known, same

SAME = [
    ("2 pm", "14:00"),
    ("2 pm", "two in the afternoon"),
    ("9 pm", "nine at night"),
    ("half past nine", "9:30"),
    ("a quarter to eight", "7:45"),
    ("noon", "12 pm"),
    ("7 days", "a week"),
    ("12 months", "the past year"),
    ("30 minutes", "half an hour"),
    ("fifteen minutes", "a quarter of an hour"),
    ("one-month", "30 days"),
    ("forty-nine", "49"),
    ("a hundred and twenty dollars", "$120.00"),
    ("$1,200", "one thousand two hundred dollars"),
    ("62 dollars and 50 cents", "$62.50"),
    ("90 cents", "$0.90"),
    ("free", "no charge"),
    ("€20", "20 euros"),
    ("5 ml", "5mL"),
    ("0.25 mg", "250 micrograms"),
    ("1 gram", "1,000 mg"),
    ("half a milligram", "0.5 mg"),
    ("twice a day", "two times daily"),
    ("every eight hours", "every 8 hours"),
    ("dose 2", "the second dose"),
    ("five percent", "5 %"),
    ("June 30", "the 30th of June"),
    ("3/14/2026", "March 14"),
    ("2026-02-05", "5 Feb"),
    ("Thursday", "Thu"),
    ("555-0134", "(415) 555-0134"),
    ("LP-204417", "lp204417"),
]
OTHER = [
    ("2 pm", "3 pm"),
    ("2 pm", "2 am"),
    ("10 hours", "10 days"),
    ("$5", "5 %"),
    ("$5", "€5"),
    ("5 ml", "5 mg"),
    ("0.5 mg", "5 mg"),
    ("sixty", "sixteen"),
    ("May 12", "May 21"),
    ("Tuesday", "Thursday"),
    ("555-0134", "555-0143"),
    ("free", "$5"),
    ("17 years", "17-year-old"),
    ("twice a day", "twice a week"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_however_it_is_written(one: str, other: str) -> None:
    (a, *_), (b, *_) = read_quantities(one), read_quantities(other)
    assert same(a, b)
    assert a in Known([b])
    assert b in Known([a])


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_differs(one: str, other: str) -> None:
    (a,), (b,) = read_quantities(one), read_quantities(other)
    assert not same(a, b)
    assert a not in Known([b])


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("$200-250", ["USD", "USD"]),
        ("between ten and five hundred dollars", ["USD", "USD"]),
        ("3 to 5 business days", ["hour", "hour"]),
        ("7 to 9 pm", ["clock", "clock"]),
        ("9 to noon", ["clock", "clock"]),
        ("Monday to Friday", ["weekday"] * 5),
        ("weekends", ["weekday"] * 2),
    ],
)
def test_ranges_give_their_unit_to_both_ends(text: str, units: list[str]) -> None:
    assert [one.unit for one in read_quantities(text)] == units


def test_the_beginning_of_a_range_lies_before_its_end() -> None:
    assert [one.value for one in read_quantities("9 to 6 pm, 2 to 5 pm")] == [540, 1080, 840, 1020]


@pytest.mark.parametrize(
    "text",
    [
        "See a doctor first.", "feel free to ask", "step-free", "free of pain", "may I march on", "once more",
        "a second parcel", "write to help2@shop.example", "we're here 24/7", "1. \n2. ",
    ],
)  # fmt: skip
def test_what_counts_nothing(text: str) -> None:
    assert read_quantities(text) == ()


@given(st.integers(0, 999_999))
def test_number_words_are_read_as_digits_are(number: int) -> None:
    (read,) = read_numerals(spelled(number))
    assert read.value == number


@given(st.text())
def test_quantities_lie_within_the_text_in_order(text: str) -> None:
    found = read_quantities(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert list(found) == sorted(found, key=lambda one: one.start)
    assert all(one in Known(found) for one in found)


SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def spelled(number: int) -> str:
    """A number below a million in words."""
    if number >= 1000:
        rest = f" {spelled(number % 1000)}" if number % 1000 else ""
        return f"{spelled(number // 1000)} thousand{rest}"
    if number >= 100:
        rest = f" and {spelled(number % 100)}" if number % 100 else ""
        return f"{SMALL[number // 100]} hundred{rest}"
    if number >= 20:
        return TENS[number // 10] + (f"-{SMALL[number % 10]}" if number % 10 else "")
    return SMALL[number]
