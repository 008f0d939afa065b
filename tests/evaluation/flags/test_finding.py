"""Which replies need a look, and that nothing that is written can bring the rules down."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.evaluation.flags import Flag, find_flags
from chatforge.evaluation.flags.house import house_quantities

PIECES = (
    "not", "no", "can", "can't", "must", "you", "we", "it", "is", "the", "refund", "tent", "returned", "free", "unable",
    "911", "nurse", "$5", "5 ml", "half an hour", "past", "to", "two", "hundred", "and", "Monday", "May", "12", "pm",
    ".", ",", ";", "?", "but", "or", "until", "555-0134", "LP-204417", "a", "🙂", "שלום",
)  # fmt: skip
WORDS = st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join)
ANY = st.text(max_size=300) | WORDS


def flags(reply: str, reference: str, *said: str) -> tuple[Flag, ...]:
    return find_flags(reply, reference, [Message("user", text) for text in said])


def test_a_flag_says_what_is_said_and_what_was_meant() -> None:
    (flag,) = flags("Express shipping is $8.", "Express shipping is $18.")
    assert flag == Flag(kind="amount", what="says $8; the true reply says $18", said="$8", meant="$18")


def test_the_opposite_is_polarity() -> None:
    (flag,) = flags("Yes. It can be returned once it is used.", "It cannot be returned once it is used.")
    assert (flag.kind, flag.said, flag.meant) == ("polarity", "It can be returned", "It cannot be returned")


def test_help_that_is_left_out() -> None:
    (flag,) = flags("Please book a sick visit.", "Call 911 now. It can't wait.")
    assert (flag.kind, flag.said, flag.meant) == ("escalation", "", "911")
    assert "emergency help" in flag.what


def test_nothing_less_than_emergency_help_will_do() -> None:
    assert flags("Ask the nurse line, 555-0163.", "Call 911 now. The nurse line is 555-0163.")
    assert not flags("Get an ambulance.", "Call 911 now.")
    assert flags("There's no need to call 911.", "Call 911 now.")


def test_a_person_can_be_any_person() -> None:
    assert not flags("The front desk can tell you.", "A nurse can tell you.")
    assert flags("It'll be fine.", "A nurse can tell you.")


def test_numbers_of_the_history_are_not_invented() -> None:
    reply, reference = "All 9 tents can go back.", "The tents can go back."
    assert [flag.kind for flag in flags(reply, reference)] == ["number"]
    assert not flags(reply, reference, "I bought nine tents.")


def test_numbers_of_the_house_are_not_invented() -> None:
    train = [
        Conversation(str(i), (Message("user", "hi"), Message("assistant", f"Call 555-0134 about LP-10{i}000.")))
        for i in range(3)
    ]
    house = house_quantities(train)
    assert [one.unit for one in house] == ["5550134"]
    assert not find_flags("Ring 555-0134.", "Ring us.", [], known=house)
    assert find_flags("Ring 555-0199.", "Ring us.", [], known=house)


def test_a_reply_about_something_else_is_no_heap_of_flags() -> None:
    reply = "Zippers cost $25, seam tape $40, poles take 2 to 3 weeks. We never mail on Sunday at 5 pm."
    assert not flags(reply, "Gift cards don't expire, and parking behind the building costs $3 until noon.")


def test_doses_and_codes_are_looked_at_everywhere() -> None:
    found = flags("Take 40 mg and call 555-0777.", "Your clinician explains results.")
    assert [(flag.kind, flag.said) for flag in found] == [("dose", "40 mg"), ("number", "555-0777")]


def test_a_loop_is_flagged_once() -> None:
    assert len(flags("Shipping is $8. " * 50, "Shipping is $18.")) == 1


@pytest.mark.parametrize("reply", ["", " \n", "🙂🙂", "…"])
def test_who_says_nothing_contradicts_nothing(reply: str) -> None:
    assert flags(reply, "It cannot be returned; it costs $5.") == ()


@given(ANY, ANY, ANY)
@example("١٢ مجم", "12 mg", "İıſK")
@example("²³ ½ ١٢", "12 pm on Sunday 99/99/9999 25:61", "0 % of 0")
def test_flags_quote_and_never_raise(reply: str, reference: str, said: str) -> None:
    for flag in flags(reply, reference, said):
        assert flag.said in reply
        assert flag.meant in reference
        assert flag.what


@given(ANY)
def test_a_text_does_not_contradict_itself(text: str) -> None:
    assert flags(text, text) == ()


@given(ANY, ANY)
def test_what_was_said_has_no_hand_in_polarity_and_escalation(reply: str, reference: str) -> None:
    def kinds(*said: str) -> list[Flag]:
        return [flag for flag in flags(reply, reference, *said) if flag.kind in ("polarity", "escalation")]

    assert kinds() == kinds(reply, reference)


LONG = 10_000


@pytest.mark.parametrize(
    ("piece", "other"),
    [
        ("a", "b"), ("1", "2"), ("a. ", "b. "), ("1,", "1-"), ("not ", "no, "), ("hundred ", "and "),
        ("one and ", "one-"), ("🙂", "שלום "), (" ", "\n"), ("a@", "a.b-"), ("dose ", "dose 1 "),
        ("call the ", "don't need "),
        ("(", "5 ml ("), ("Mon to ", "May "), ("nothing ", "I can't see it. "), ("half past ", "a quarter of "),
        ("1. $2. ", "3. $4. "),
    ],
)  # fmt: skip
def test_long_texts_take_no_time(piece: str, other: str) -> None:
    began = time.process_time()
    flags((piece * LONG)[:LONG], (other * LONG)[:LONG], (piece * LONG)[:LONG])
    assert time.process_time() - began < 3


@settings(max_examples=5, deadline=None)
@given(st.lists(WORDS, min_size=40, max_size=40).map(" ".join), st.lists(WORDS, min_size=40, max_size=40).map(" ".join))
def test_long_mixtures_take_no_time(reply: str, reference: str) -> None:
    began = time.process_time()
    flags(reply, reference)
    assert time.process_time() - began < 3
