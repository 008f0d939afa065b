from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.evaluation.words_difference import Piece, alike, beginning, marked, pieces, readable, summary_text

WORDS = st.lists(
    st.sampled_from(["the", "refund", "Refund", "isn't", "5", "$8.50", "日本", "🙂", "_", "\n", " ", ", "]), max_size=20
)
TEXTS = st.one_of(st.text(max_size=60), WORDS.map(" ".join), WORDS.map("".join))


def side(found, kind):
    return "".join(piece.text for piece in found if piece.kind in ("same", kind))


@given(TEXTS, TEXTS)
def test_it_gives_back_both_texts(first, second):
    found = pieces(first, second)
    assert (side(found, "missing"), side(found, "added")) == (first, second)
    assert all(piece.text for piece in found)
    assert alike(found) is None or 0 <= alike(found) <= 1


@given(TEXTS)
def test_the_same_text_has_no_difference(text):
    found = pieces(text, text)
    assert {piece.kind for piece in found} <= {"same"}
    assert alike(found) == (1 if any(map(str.isalnum, text)) else None)


def test_words_are_changed_whole_and_drawn_together():
    found = pieces("It takes 15 days, I am afraid.", "It takes five working days, I am afraid.")
    assert [(piece.kind, piece.text) for piece in found] == [
        ("same", "It takes "), ("missing", "15"), ("added", "five working"), ("same", " days, I am afraid."),
    ]  # fmt: skip
    found = pieces("You can't, sorry.", "They won't, sorry.")
    assert [(piece.kind, piece.text) for piece in found][:2] == [("missing", "You can't"), ("added", "They won't")]


def test_marks_hold_no_blanks_at_their_ends():
    found = list(marked(pieces("It takes 15 days ", "It takes five\n\ndays now")))
    assert found[:4] == [
        Piece("same", "It takes "), Piece("missing", "15"), Piece("same", " "), Piece("added", "five"),
    ]  # fmt: skip
    assert all(piece.text == piece.text.strip() for piece in found if piece.kind != "same")


def test_nothing_in_common():
    assert alike(pieces("one two", "three")) == 0
    assert alike(pieces("", "three")) == 0


@pytest.mark.parametrize(("first", "second"), [("🙂", "💥"), ("!!!", "???"), ("_", "-"), ("", "!")])
def test_without_words_there_is_no_share_of_them(first, second):
    found = pieces(first, second)
    assert alike(found) is None and not readable(found)
    assert "%" not in summary_text(found) and "the same" not in summary_text(found)


def test_all_words_are_said_to_be_the_same_only_where_they_are():
    assert "the same words, with other signs" in summary_text(pieces("Yes, please!", "Yes - please?"))
    assert "99%" in summary_text(pieces("word " * 250 + "end", "word " * 250 + "stop"))
    assert alike(pieces("🙂", "hello")) == 0
    assert alike(pieces("a _b_", "a _b_")) == 1 and alike(pieces("a _b_", "a _c_")) == 0.5


def test_the_beginning_has_so_many_characters():
    found = [Piece("same", "abc"), Piece("missing", "de"), Piece("added", "fg")]
    assert list(beginning(found, 4)) == [Piece("same", "abc"), Piece("missing", "d")]
    assert list(beginning(found, 3)) == [Piece("same", "abc")]
    assert list(beginning(found, 99)) == found


def test_endless_texts_take_no_time():
    start = monotonic()
    first, second = "a b " * 20_000, "b c " * 20_000
    found = pieces(first, second)
    assert side(found, "added") == second
    assert monotonic() - start < 3
