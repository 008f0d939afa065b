"""Cutting bytes into lines, wherever the pieces end."""

from hypothesis import given
from hypothesis import strategies as st

from chatforge.dialogues.containers.raw_lines import raw_lines

BYTES = st.lists(st.sampled_from([b"a", b"bb", b"\n", b"\r", b"\r\n"]), max_size=30).map(b"".join)


@given(BYTES, st.integers(1, 5))
def test_lines_are_those_of_the_whole(text: bytes, size: int) -> None:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert list(raw_lines(pieces, limit=100)) == text.splitlines(keepends=True)


def test_a_line_that_is_too_long_is_told_and_let_go() -> None:
    pieces = [b"ab\n", *[b"x" * 10] * 5, b"x\ncd\n", b"123456789\n", b"y" * 10]
    assert list(raw_lines(pieces, limit=8)) == [b"ab\n", None, b"cd\n", None, None]


def test_nothing() -> None:
    assert list(raw_lines([], limit=8)) == []
    assert list(raw_lines([b""], limit=8)) == []
