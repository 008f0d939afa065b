"""Pieces of text are whole characters, and together they are the text."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models

from chatforge.chat.detokenize import REPLACEMENT, Detokenizer


class Bytes:
    """One token a byte, as in GPT-2's and SmolLM2's vocabulary at its most broken up."""

    def decode(self, ids: list[int], **_: Any) -> str:
        return bytes(i for i in ids if i < 256).decode("utf-8", "replace")


@cache
def sentencepiece() -> Any:
    """A tokenizer in the manner of Llama 2: leading space dropped, rare characters as bytes."""
    words = ["▁Hello", "▁world", "!", "▁", *(f"<0x{i:02X}>" for i in range(256))]
    core = Tokenizer(models.BPE(vocab={word: i for i, word in enumerate(words)}, merges=[], byte_fallback=True))
    core.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(content=" ", left=1, right=0),
        ]
    )

    class Wrapped:
        def decode(self, ids: list[int], **_: Any) -> str:
            return core.decode(ids)

    return Wrapped()


def pieces(tokenizer: Any, ids: list[int]) -> list[str]:
    text = Detokenizer(tokenizer)
    return [*(text.add(i) for i in ids), text.flush()]


@given(st.text())
def test_no_piece_ends_inside_a_character(text: str) -> None:
    ids = list(text.encode("utf-8", "replace"))
    got = pieces(Bytes(), ids)
    assert "".join(got) == bytes(ids).decode()
    assert REPLACEMENT in text or not any(REPLACEMENT in piece for piece in got)


@given(st.lists(st.integers(0, 259), max_size=40))
def test_together_the_pieces_are_the_text_even_if_it_is_broken(ids: list[int]) -> None:
    assert "".join(pieces(Bytes(), ids)) == Bytes().decode(ids)


def test_every_whole_character_comes_at_once() -> None:
    assert pieces(Bytes(), list("aé😊".encode())) == ["a", "", "é", "", "", "", "😊", ""]


def test_what_was_cut_in_the_middle_comes_broken_at_the_end() -> None:
    assert pieces(Bytes(), list("a😊".encode())[:-1]) == ["a", "", "", "", REPLACEMENT]


@pytest.mark.parametrize(
    ("ids", "want"),
    [
        ([0, 1, 2], ["Hello", " world", "!", ""]),
        ([0, 3, *(4 + b for b in "€".encode()), 2], ["Hello", " ", "", "", "€", "!", ""]),
        ([0, *(4 + b for b in "€é😊".encode()), 2], ["Hello", "", "", "€", "", "é", "", "", "", "😊", "!", ""]),
    ],
)
def test_a_tokenizer_that_drops_the_first_space_keeps_the_others(ids: list[int], want: list[str]) -> None:
    assert pieces(sentencepiece(), ids) == want


def test_a_long_reply_costs_no_more_per_token() -> None:
    lengths = []

    class Watched(Bytes):
        def decode(self, ids: list[int], **_: Any) -> str:
            lengths.append(len(ids))
            return super().decode(ids)

    pieces(Watched(), list(b"x" * 500))
    assert max(lengths) <= 3
