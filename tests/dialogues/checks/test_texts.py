"""Damage inside one text: whole texts are left alone, mended ones are whole."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.dialogues.checks.texts import damages, mended, says_nothing

WHOLE = [
    "Where is my parcel?", "2 < 3 and 5 > 4", "Use <name> and [1] or {x}.", "naïve café “fine”", "Grüße, 北京, सुबह 👍",
    "line\nbreak\tand tab", "C:\\path\\file", "AT&T", "x <- 3; y -> 4", "#1 choice", "👨‍👩‍👧 family", "می‌خواهم",
]  # fmt: skip


@pytest.mark.parametrize("text", WHOLE)
def test_whole_texts_are_left_alone(text: str) -> None:
    assert list(damages(text)) == []
    assert mended(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "better", "checks"),
    [
        ("a &amp; b<br/>c", "a & b\nc", ("html",)),
        ('<a href="http://x">shop</a>', "shop", ("html",)),
        ("donâ€™t", "don’t", ("mojibake",)),
        ("\x1b]0;title\x07hi", "hi", ("escape",)),
        ("bell\x07", "bell", ("control",)),
        ("soft\u00adhyphen\ufeff", "softhyphen", ("invisible",)),
        ("\x1b[1m<b>x</b>\u200b", "x", ("escape", "invisible", "html")),
        ("<|im_end|>", "<|im_end|>", ()),
        ("Order {{Order Number}}", "Order {{Order Number}}", ()),
    ],
)
def test_damage_is_undone_where_that_is_certain(text: str, better: str, checks: tuple[str, ...]) -> None:
    assert list(damages(text))
    assert mended(text) == (better, checks)


@given(st.text(alphabet=st.sampled_from("ab <>&;#/x1b\x1b[]0m;\x07\u200bÃ¼\ufffd\x00{}|_im\n"), max_size=60))
def test_mending_never_fails_and_leaves_nothing_that_can_be_mended(text: str) -> None:
    once, _ = mended(text)
    for _ in range(3):  # what is undone may lay open more, such as an entity that stood for a tag
        once, left = mended(once)
    assert "html" in left or not left


@pytest.mark.parametrize("text", ["null", " None ", "NaN", "n/a", "[deleted]", "[object Object]"])
def test_words_for_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["no", "nothing", "null and void", "0", ""])
def test_words_that_say_something(text: str) -> None:
    assert not says_nothing(text)


@pytest.mark.parametrize("piece", ["<", "<a ", "&#", "\x1b]", "[INST", "{{", "<|", "###", "<｜", "Ã"])
def test_no_text_takes_long(piece: str) -> None:
    begun = time.process_time()
    mended(piece * (200_000 // len(piece)))
    assert time.process_time() - begun < 2.0
