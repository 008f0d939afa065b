"""Whole conversations: nothing of the original stays, nothing else changes."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.dialogues.conversation import Conversation, Message, Role
from chatforge.dialogues.privacy import Found, anonymise, find_all


def talk(*said: str, name: str = "talk-1", **meta: Any) -> Conversation:
    roles: tuple[Role, ...] = ("user", "assistant")
    return Conversation(name, tuple(Message(roles[i % 2], text) for i, text in enumerate(said)), meta)


def words(conversation: Conversation) -> str:
    """Everything in it, as a file would have it."""
    return json.dumps([conversation.id, [m.content for m in conversation.messages], dict(conversation.meta)])


def test_one_name_one_surrogate_through_the_conversation() -> None:
    result, log = anonymise(
        talk(
            "My name is Anna Keller, order number LP-204417.",
            "Thanks, Anna! LP-204417 left today.",
            "great. ANNA KELLER is on it, or annakeller?",
            "Mrs. Keller's parcel has anna_keller92 on it.",
        ),
        seed=7,
    )
    first = re.fullmatch(r"My name is (\w+) (\w+), order number (LP-\d{6})\.", result.messages[0].content)
    assert first
    given_, family, order = first.groups()
    assert result.messages[1].content == f"Thanks, {given_}! {order} left today."
    assert result.messages[2].content.startswith(f"great. {given_.upper()} {family.upper()} is on it")
    assert result.messages[3].content == f"Mrs. {family}'s parcel has {given_.lower()}_{family.lower()}92 on it."
    assert {(one.kind, one.original) for one in log} >= {("name", "Anna Keller"), ("record", "LP-204417")}
    assert "Anna" not in str(log[0])


def test_a_conversation_without_findings_is_the_same_object() -> None:
    plain = talk("Is it free?", "Yes, from $75.", intent="price")
    assert anonymise(plain, 1) == (plain, [])
    assert anonymise(plain, 1)[0] is plain


def test_id_and_meta_are_searched_too() -> None:
    result, _ = anonymise(
        talk(
            "I'm Anna Keller.",
            "Hello!",
            name="anna.keller@firm.de",
            customer_name="Zorblax Quun",
            order_id=204417,
            notes=["spoke with Anna", {"Anna Keller": 4155552671, "phone": "415-555-2671"}],
            score=0.5,
            open=True,
            intent="greeting",
        ),
        seed=1,
    )
    for original in ("anna", "keller", "zorblax", "quun", "204417", "4155552671", "415-555-2671", "firm.de"):
        assert original not in words(result).lower()
    assert (result.meta["score"], result.meta["open"], result.meta["intent"]) == (0.5, True, "greeting")
    assert isinstance(result.meta["notes"][1], dict)


def test_what_is_said_last_does_not_speak_of_the_id() -> None:
    plain = talk("hi", "Here is your order", name="dlg-881444f3", orig_id="conv_2476", id=4471, source="x 2024-11")
    assert anonymise(plain, 1)[0] is plain


def test_a_question_and_its_answer() -> None:
    result, _ = anonymise(talk("hello", "Your order number, please?", "1009-4421", "Found it: 1009-4421."), seed=1)
    assert "4421" not in words(result)


def test_scenarios_stay_together() -> None:
    one, two, other = (
        anonymise(talk("I'm Anna Keller", text, name=text, scenario=scenario), 5)[0].scenario
        for text, scenario in (("a", "anna@firm.de"), ("b", "anna@firm.de"), ("c", "otto@firm.de"))
    )
    assert one == two != other
    assert "anna" not in one
    assert anonymise(talk("I'm Otto Meier", "Hi", scenario="lost-parcel"), 5)[0].scenario == "lost-parcel"


def test_what_is_kept() -> None:
    keep = ["Fern", "555-0134", "48 Millrace Lane, Ashford Falls", "help@shop.example"]
    said = "I'm Fern. Call 555-0134, write to help@shop.example or come to 48 Millrace Lane."
    result, log = anonymise(talk("I'm Anna Keller", said), 1, keep=keep)
    assert result.messages[1].content == said
    assert [one.original for one in log] == ["Anna Keller"]


def test_it_is_done_once() -> None:
    once, _ = anonymise(talk("I'm Anna Keller, DE89 3704 0044 0532 0130 00, 12 Elm Street", "Hi Anna"), 1)
    again, log = anonymise(once, 2)
    assert again == once
    assert log == []


def test_something_new_in_what_was_anonymised_is_replaced() -> None:
    once, _ = anonymise(talk("I'm Anna Keller", "Hi Anna"), 1)
    more = Conversation(once.id, (*once.messages, Message("user", "Otto Meier here")), once.meta)
    again, log = anonymise(more, 1)
    assert again.messages[:2] == once.messages
    assert [one.original for one in log] == ["Otto Meier"]


def test_strange_meta_does_no_harm() -> None:
    for made in ("x", 5, None, {"a": 1}, [1, None, "", "Wren"]):
        result, _ = anonymise(talk("I'm Anna Keller", "Hi", surrogates=made, deep=[[[{}]]], huge=10**50), 1)
        assert "Anna" not in words(result)
        assert result.meta["huge"] == 10**50


def test_deep_meta_does_no_harm() -> None:
    deep: Any = "Anna Keller"
    for _ in range(5_000):
        deep = [deep]
    result, _ = anonymise(talk("I'm Anna Keller", "Hi", deep=deep), 1)
    assert "Anna" not in words(result)
    plain = talk("Is it free?", "Yes", deep=deep)
    assert anonymise(plain, 1)[0] is plain


def test_another_recogniser() -> None:
    def also(text: str) -> list[Found]:
        at = text.find("Yggdra")
        return [Found("name", at, at + 6, "Yggdra", "also")] if at >= 0 else []

    result, _ = anonymise(talk("so Yggdra it is", "Yes"), 1, also=also)
    assert "Yggdra" not in words(result)


SAYINGS = """
my name is Anna Keller|Anna|anna keller here|Mr. Keller|I'm Wren Ashgrove|Dear Marlow,|Zorblax|order number LP-204417|
lp 204417|204417|call (415) 555-2671|4155552671|+49 171 1234567|555-0142|anna.keller@firm.de|wren12@example.com|
https://shop.de/users/anna|from 84.12.3.9|2001:db8::1|card 4111 1111 1111 1111|IBAN DE89 3704 0044 0532 0130 00|
SSN 123-45-6789|born 14/08/1979|48 Millrace Lane, Ashford Falls, OR 97520|Lindenstraße 5, 50667 Köln|my wife Ngozi|
9 Chapel Street, Leeds LS1 4AP|PO Box 118, Millbrook, NY 12545|Will Keller|will|van der Berg|İ|ß|?
"""
SAID = st.sampled_from([*SAYINGS.replace("\n", "").split("|"), "\n"])
TEXTS = st.lists(SAID | st.text(max_size=6), min_size=1, max_size=6).map(" ".join)
TALKS = st.builds(
    lambda said, name, note: talk(*said, name=name, note=note),
    st.lists(TEXTS, min_size=2, max_size=4),
    TEXTS,
    st.recursive(
        TEXTS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2), max_leaves=4
    ),
)


def check_any_talk(original: Conversation) -> None:
    """Form stays, originals go, and a second time changes nothing."""
    result, log = anonymise(original, seed=3)
    assert [message.role for message in result.messages] == [message.role for message in original.messages]
    assert (result.file, result.line) == (original.file, original.line)
    assert (result, log) == anonymise(original, seed=3)
    assert all(one.surrogate.casefold() != one.original.casefold() for one in log)
    if not log:
        assert result is original
    again, more = anonymise(result, seed=4)
    assert more == []
    assert again == result
    texts = [message.content for message in result.messages]
    left = {one.text for found in find_all(texts) for one in found} & {
        one.original for one in log if len(one.original) > 2
    }
    assert left == set()


@settings(max_examples=150, deadline=None)
@given(TALKS)
def test_any_conversation(original: Conversation) -> None:
    check_any_talk(original)


@pytest.mark.fuzz
@settings(max_examples=1_500, deadline=None)
@given(TALKS)
def test_any_conversation_long(original: Conversation) -> None:
    check_any_talk(original)
