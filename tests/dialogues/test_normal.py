"""The normal form: what is the same for it, what is not, and that it holds against any text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.normal import digest, key_of, normal_form, prints_of


def talk(*turns: str, system: str = "") -> Conversation:
    """User and assistant in turns."""
    said = tuple(Message("assistant" if i % 2 else "user", turn) for i, turn in enumerate(turns))
    return Conversation("t", (Message("system", system), *said) if system else said)


LONG = (
    "Hi, I'm Anna Reyes. My tent came without its pegs. Can you send them to me?",
    "Of course, Anna. We will send the pegs out today. They are free.",
    "Great, and when will they be here with me in the end?",
    "They take three days, Anna. You will get a message when they leave us.",
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Is it FREE?", "is it free"),
        ("don't", "don’t"),
        ("don't", "dont"),
        ("don´t", "don't"),
        ("check-up", "check up"),
        ("a  b\n\tc", "a b c"),
        ("Order #4711, please.", "order 0 please"),
        ("order {{Order Number}}", "order 4711"),
        ("order {number}", "order 4711"),
        ("order <order_id>", "order [number]"),
        ("call 555-0134", "call 555 0199"),
        ("$1,250.50", "7"),
        ("3pm", "4 pm"),
        ("see https://a.example/x?y=1", "see www.b.example"),
        ("write to a.b@c.example!", "write to {{mail}}"),
        ("Straße", "STRASSE"),
        ("ﬁne", "fine"),
        ("wide", "ｗｉｄｅ"),
        ("so\u00adft", "soft"),
        ("re\u200bturn", "return"),
        ("٤٢ days", "42 days"),
        ("¿Qué?", "qué"),
    ],
)
def test_the_same(left: str, right: str) -> None:
    assert normal_form(left) == normal_form(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("yes", "no"),
        ("it is not free", "it is free"),
        ("हिन्दी", "हनद"),
        ("👍", "👎"),
        ("où", "ou"),
        ("a < b", "a b and c > d"),
        ("tents", "tent"),
        ("你好", "您好"),
    ],
)
def test_not_the_same(left: str, right: str) -> None:
    assert normal_form(left) != normal_form(right)


def test_as_the_module_draws_it() -> None:
    assert normal_form("Hi Anna, order #4711 isn't here!") == "hi anna order 0 isnt here"


@given(st.text(max_size=80))
def test_a_normal_form_is_its_own_normal_form(text: str) -> None:
    form = normal_form(text)
    assert normal_form(form) == form
    assert form == " ".join(form.split())
    digest(form)


@pytest.mark.parametrize(
    "piece", ["a", "<", "[", "{", "<a", "[a ", "{a", "1,", "a@", "a.", "a@a.", "www.", "x://", "1 "]
)
def test_no_text_takes_long(piece: str) -> None:
    begun = time.process_time()
    normal_form(piece * (50_000 // len(piece)))
    assert time.process_time() - begun < 0.5


def test_the_key_is_context_and_reply() -> None:
    assert key_of(talk("Hi!", "Hello.")) == "hi\nhello"
    assert key_of(talk("Hi!", "Hello.", system="Be kind.")) == "hi\nhello"
    assert key_of(talk("Hi!", "Hello.", "And now?")) == "hi\nhello"
    assert key_of(talk("Hi!", "Hello.", "And now?", "Well.")) == "hi\nhello\nand now\nwell"


def test_a_beginning_is_known() -> None:
    whole, start = prints_of(talk(*LONG)), prints_of(talk(*LONG[:2]))
    assert whole.starts == (start.exact,)
    assert start.starts == ()
    assert prints_of(talk("hi", "hello", *LONG[:2])).starts == ()


def test_another_order_is_known() -> None:
    moved = talk("Can you send them to me? My tent came without its pegs. Hi, I'm Anna Reyes.", *LONG[1:])
    assert prints_of(moved).exact != prints_of(talk(*LONG)).exact
    assert prints_of(moved).reordered == prints_of(talk(*LONG)).reordered


def test_other_names_are_known() -> None:
    other = talk(*(turn.replace("Anna", "Ben").replace("Reyes", "van Dyk".title()) for turn in LONG))
    assert prints_of(other).reordered != prints_of(talk(*LONG)).reordered
    assert prints_of(other).swapped == prints_of(talk(*LONG)).swapped is not None


def test_few_words_say_too_little() -> None:
    short = prints_of(talk("Hi", "How can I help you?"))
    assert (short.reordered, short.swapped) == (None, None)
    assert prints_of(talk("WHERE IS MY ORDER NOW PLEASE TELL ME", "It Is On Its Way")).swapped is None
