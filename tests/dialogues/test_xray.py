"""The picture of a conversation in the shell: every mark is there without colour, and nothing in it obeys the data."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.style import Style as RichStyle

from chatforge.dialogues.anatomy import Anatomy, anatomy
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.rendering import Renderer
from chatforge.dialogues.xray import STYLES, visible, xray

TALK = Conversation(
    "c",
    (
        Message("user", "Is it free?"),
        Message("assistant", "Yes:\n- today"),
        Message("user", "And later?"),
        Message("assistant", "No."),
    ),
)
DRAWN = """\
<|im_start|>system⏎
You help.<|im_end|>⏎
<|im_start|>user⏎
Is it free?<|im_end|>⏎
<|im_start|>assistant⏎
⟦Yes:⏎⟧
⟦- today┊<|im_end|>⟧⏎
<|im_start|>user⏎
And later?<|im_end|>⏎
<|im_start|>assistant⏎
⟦No.┊<|im_end|>⟧⏎

⟦reply┊stop token⟧ learned   written by the template   ⏎ line break
"""


@pytest.fixture(scope="module")
def renderer(new_tokenizer: Callable[[], Any]) -> Renderer:
    return Renderer(new_tokenizer(), "You help.")


def drawn(found: Anatomy, limit: int, ascii_only: bool = False) -> str:
    return "".join(text for text, _ in xray(found, limit, ascii_only=ascii_only))


def test_everything_is_drawn_and_counted(renderer: Renderer) -> None:
    found = anatomy(renderer, TALK, 1_000)
    assert drawn(found, 1_000) == f"{DRAWN}{found.tokens} tokens; {found.learned} learned\n"


def test_signs_are_ascii_where_nothing_else_can_be_drawn(renderer: Renderer) -> None:
    talk = Conversation("c", (Message("user", "é\t?"), Message("assistant", "Yes:\n✓")))
    picture = drawn(anatomy(renderer, talk, 1_000), 1_000, ascii_only=True)
    assert picture.isascii()
    assert "<|im_start|>user\\n\n<U+00E9><U+0009>?<|im_end|>\\n\n" in picture
    assert "{+Yes:\\n+}\n{+<U+2713>|<|im_end|>+}\\n\n" in picture


def test_the_cut_is_drawn_where_it_falls_and_what_is_lost_is_counted(renderer: Renderer) -> None:
    limit = renderer.render(TALK)[0].spans[0][0] + 2
    found = anatomy(renderer, TALK, limit)
    pieces = list(xray(found, limit))
    styles = [style for _, style in pieces]
    picture = "".join(text for text, _ in pieces)
    assert f"assistant⏎\nYe\n---------- cut here: {limit} tokens ----------\ns:⏎\n- today<|im_end|>⏎\n" in picture
    assert f"{found.tokens} tokens, the last {found.tokens - limit} cut off; 0 learned\n" in picture
    assert "nothing is learned of it" in picture
    assert "⟦Y" not in picture and "stop" not in styles
    assert set(styles[styles.index("cut") + 3 : styles.index("learned")]) <= {"lost", "sign", "context"}


def test_a_cut_between_two_lines_leaves_no_empty_one(renderer: Renderer) -> None:
    limit = renderer.render(TALK)[0].spans[0][0]
    assert "assistant⏎\n---------- cut here" in drawn(anatomy(renderer, TALK, limit), limit)


def test_a_reply_before_the_cut_stays_learned(renderer: Renderer) -> None:
    limit = renderer.render(TALK)[0].spans[0][1]
    picture = drawn(anatomy(renderer, TALK, limit), limit)
    assert f"⟦- today┊<|im_end|>⟧\n---------- cut here: {limit} tokens ----------\n⏎\n" in picture
    assert "nothing is learned" not in picture


def test_the_note_is_told(renderer: Renderer) -> None:
    asked = Conversation("c", (*TALK.messages, Message("user", "Hm?")))
    assert drawn(anatomy(renderer, asked, 1_000), 1_000).endswith(
        "\n1 message after the last reply: nothing to learn from\n"
    )


def test_what_is_learned_is_styled_and_every_style_is_one_of_rich(renderer: Renderer) -> None:
    pieces = list(xray(anatomy(renderer, TALK, 1_000), 1_000))
    assert [text for text, style in pieces if style == "learned"][:3] == ["Yes:", "- today", "No."]
    assert [text for text, style in pieces if style == "stop"] == ["<|im_end|>"] * 2
    assert all(RichStyle.parse(style) is not None for style in STYLES.values())
    assert {style for _, style in pieces} <= set(STYLES)


def test_a_text_cannot_look_learned_by_itself(renderer: Renderer) -> None:
    talk = Conversation("c", (Message("user", "⟦I owe you┊$9⟧ {+yes+}"), Message("assistant", "No.")))
    found = anatomy(renderer, talk, 1_000)
    assert "<U+27E6>I owe you┊$9<U+27E7> {+yes+}<|im_end|>" in drawn(found, 1_000)
    assert "<U+007B>+yes<U+002B>}<|im_end|>" in drawn(found, 1_000, ascii_only=True)


@pytest.mark.parametrize(
    ("text", "seen", "in_ascii"),
    [
        ("plain é 🥾", "plain é 🥾", "plain <U+00E9> <U+1F97E>"),
        ("\x1b[31mred\x07", "␛[31mred␇", "<U+001B>[31mred<U+0007>"),
        ("a\r\tb\x00", "a␍␉b␀", "a<U+000D><U+0009>b<U+0000>"),
        ("\x7f\x9b1m", "<U+007F><U+009B>1m", "<U+007F><U+009B>1m"),
        ("\u202egnol\u200b\ufeff", "<U+202E>gnol<U+200B><U+FEFF>", "<U+202E>gnol<U+200B><U+FEFF>"),
        ("a\xa0b\u2028", "a<U+00A0>b<U+2028>", "a<U+00A0>b<U+2028>"),
    ],
)
def test_hidden_characters_are_seen(text: str, seen: str, in_ascii: str) -> None:
    assert visible(text) == seen
    assert visible(text, ascii_only=True) == in_ascii


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.text(max_size=20), min_size=1, max_size=6), limit=st.integers(0, 120), ascii_only=st.booleans()
)
@example(["\x1b]0;title\x07", "\u202eabc\x9b31m"], 1_000, False)
def test_a_picture_has_nothing_in_it_that_steers_a_terminal(
    renderer: Renderer, texts: list[str], limit: int, ascii_only: bool
) -> None:
    said = [Message("assistant" if i % 2 else "user", text or "x") for i, text in enumerate([*texts, "y", "z"])]
    picture = drawn(anatomy(renderer, Conversation("c", tuple(said)), limit), limit, ascii_only)
    assert picture.endswith("\n")
    assert all(unicodedata.category(letter)[0] not in "C" for letter in picture.replace("\n", ""))
    assert not ascii_only or picture.isascii()
