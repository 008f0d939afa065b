"""Packing: nothing lost, nothing longer than allowed, everything in its order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.dialogues.texts import pack

END, BEGIN = 0, 1
DOCUMENTS = st.lists(st.lists(st.lists(st.integers(2, 300), max_size=40), max_size=8), max_size=6)


@given(DOCUMENTS, st.integers(2, 50), st.booleans())
def test_nothing_is_lost_or_too_long_and_the_order_stays(
    documents: list[list[list[int]]], most: int, begins: bool
) -> None:
    begin = (BEGIN,) if begins else ()
    packed = pack(documents, most, END, begin)
    expected = [token for one in documents if any(one) for token in [*(t for p in one for t in p), END]]
    assert [token for piece in packed for token in piece[len(begin) :]] == expected
    assert all(len(begin) < len(piece) <= most and piece[: len(begin)] == begin for piece in packed)


@given(DOCUMENTS, st.integers(2, 50))
def test_passages_that_fit_are_never_cut(documents: list[list[list[int]]], most: int) -> None:
    numbered = [[[1 + i] * len(p) for i, p in enumerate(one) if len(p) < most] for one in documents]
    for piece, following in zip(packed := pack(numbered, most, END), packed[1:], strict=False):
        assert piece[-1] == END or piece[-1] != following[0]


def test_as_drawn() -> None:
    a, b, c, d = [2] * 3, [3] * 2, [4] * 4, [5]
    assert pack([[a, b], [c, d]], 6, END) == [(2, 2, 2, 3, 3, END), (4, 4, 4, 4, 5, END)]


def test_what_is_too_long_alone_is_cut_in_equal_parts() -> None:
    assert [len(piece) for piece in pack([[[2] * 9]], 9, END)] == [5, 5]


def test_a_beginning_that_leaves_no_room() -> None:
    with pytest.raises(ValueError, match="leave no room"):
        pack([], 2, END, (BEGIN, BEGIN))
