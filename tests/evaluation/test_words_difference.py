from time import monotonic

from hypothesis import given
from hypothesis import strategies as st

from chatforge.evaluation.words_difference import Piece, alike, marked, pieces

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
    assert 0 <= alike(found) <= 1


@given(TEXTS)
def test_the_same_text_has_no_difference(text):
    found = pieces(text, text)
    assert {piece.kind for piece in found} <= {"same"}
    assert alike(found) == 1


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


def test_endless_texts_take_no_time():
    start = monotonic()
    first, second = "a b " * 20_000, "b c " * 20_000
    found = pieces(first, second)
    assert side(found, "added") == second
    assert monotonic() - start < 3
