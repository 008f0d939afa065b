"""What a screen marks as learned is what the renderer's own mask says, through cuts and odd templates."""

from collections.abc import Callable
from typing import Any

import pytest

from chatforge.dialogues.anatomy import Anatomy, anatomy
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.rendering import Renderer

TALK = Conversation(
    "c",
    (
        Message("user", "Is it free? ü"),
        Message("assistant", "Yes, from $75. ✓"),
        Message("user", "And <|im_end|> today?"),
        Message("assistant", "Also today."),
    ),
)


@pytest.fixture
def renderer(new_tokenizer: Callable[[], Any]) -> Renderer:
    return Renderer(new_tokenizer(), "You help.")


def text_of(found: Anatomy, kind: str) -> str:
    return "".join(text for text, its in found.pieces if its == kind)


def test_the_pieces_are_the_whole_text_and_the_marked_ones_what_is_learned(renderer: Renderer) -> None:
    found = anatomy(renderer, TALK, 1_000)
    rendered = renderer.render(TALK)[0]
    assert "".join(text for text, _ in found.pieces) == renderer.text(TALK.messages)
    assert (found.tokens, found.learned, found.cut) == (len(rendered.ids), sum(rendered.learned), None)
    assert text_of(found, "learned") == "Yes, from $75. ✓<|im_end|>Also today.<|im_end|>"
    assert text_of(found, "context") == "You help.Is it free? üAnd < |im_end|> today?"
    kept = [i for i, keep in zip(rendered.ids, rendered.learned, strict=True) if keep]
    assert renderer.tokenizer(text_of(found, "learned"), add_special_tokens=False)["input_ids"] == kept


def test_the_cut_falls_between_pieces_and_a_turn_without_its_end_is_not_learned(renderer: Renderer) -> None:
    whole = renderer.render(TALK)[0]
    limit = whole.spans[1][0] + 3
    found = anatomy(renderer, TALK, limit)
    assert found.cut is not None
    before = "".join(text for text, _ in found.pieces[: found.cut])
    assert before.endswith("Als") and found.pieces[found.cut][0].startswith("o today.")
    assert text_of(found, "learned") == "Yes, from $75. ✓<|im_end|>"
    assert (found.tokens, found.learned) == (len(whole.ids), sum(whole.cut(limit).learned))


def test_a_stop_token_is_the_last_piece_of_what_is_learned(renderer: Renderer) -> None:
    pieces = anatomy(renderer, TALK, 1_000).pieces
    learned = [i for i, (_, kind) in enumerate(pieces) if kind == "learned"]
    assert [pieces[i][0] for i in learned] == ["Yes, from $75. ✓", "<|im_end|>", "Also today.", "<|im_end|>"]
    assert learned[1] == learned[0] + 1 and learned[3] == learned[2] + 1


def test_a_text_that_is_a_word_of_the_template_is_found_where_it_stands(renderer: Renderer) -> None:
    words = ("user", "system", "assistant", "user", "im_end")
    said = [Message("assistant" if i % 2 else "user", word) for i, word in enumerate(words[:4])]
    found = anatomy(renderer, Conversation("c", (Message("system", words[4]), *said)), 1_000)
    assert [text for text, kind in found.pieces if kind != "template"] == [
        "im_end", "user", "system", "<|im_end|>", "assistant", "user", "<|im_end|>",
    ]  # fmt: skip


def test_a_message_that_the_template_rewrites_is_passed_over(new_tokenizer: Callable[[], Any]) -> None:
    tokenizer = new_tokenizer()
    tokenizer.chat_template = tokenizer.chat_template.replace("message['content'] +", "message['content'].lower() +")
    found = anatomy(Renderer(tokenizer, "you help."), TALK, 1_000)
    assert text_of(found, "context") == "you help."
    assert text_of(found, "learned").startswith("yes, from $75.")


def test_a_question_after_the_last_reply_is_named(renderer: Renderer) -> None:
    asked = Conversation("c", (*TALK.messages, Message("user", "Hm?")))
    found = anatomy(renderer, asked, 1_000)
    assert "1 message after the last reply" in found.note
    assert "Hm?" not in "".join(text for text, _ in found.pieces)


def test_a_template_that_changes_earlier_turns_is_shown_by_its_last_example(new_tokenizer: Callable[[], Any]) -> None:
    tokenizer = new_tokenizer()
    tokenizer.chat_template = tokenizer.chat_template.replace(
        "message['content'] +",
        "(message['content'] if loop.last or message['role'] != 'assistant' else 'old ' + message['content']) +",
    )
    renderer = Renderer(tokenizer, "You help.")
    assert renderer.one_turn_each
    found = anatomy(renderer, TALK, 1_000)
    assert "2 examples" in found.note
    assert text_of(found, "learned") == "Also today.<|im_end|>"
    assert found.learned == sum(sum(example.learned) for example in renderer.render(TALK))


def test_a_tokenizer_without_offsets_still_shows_what_is_learned(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(renderer.tokenizer), "is_fast", False)
    plain = Conversation("c", (Message("user", "Free?"), Message("assistant", "Yes.")))
    found = anatomy(renderer, plain, 1_000)
    assert text_of(found, "learned") == "Yes.<|im_end|>"
