"""Conversations measured by the real worker with a tiny tokenizer, and without any."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.checks.truncation import measured
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.rendering import Renderer
from chatforge.errors import UserError
from chatforge.project.lengths import WAITING, lengths


def talks(count: int) -> list[Conversation]:
    said = [(Message("user", f"Question {i}?"), Message("assistant", "Yes. " * (i % 50))) for i in range(count)]
    return [Conversation(str(i), messages) for i, messages in enumerate(said)]


def test_the_worker_measures_in_order_what_the_renderer_does(
    tiny_model: Path, new_tokenizer: Callable[[], Any]
) -> None:
    asked = talks(2 * WAITING + 5)
    found = list(lengths(iter(asked), tiny_model, "You help.", 100))
    assert [conversation for conversation, _ in found] == asked
    renderer = Renderer(new_tokenizer(), "You help.")
    assert [length for _, length in found] == [measured(renderer, one, 100) for one in asked]
    assert any(length.examples for _, length in found)


def test_a_conversation_that_cannot_be_rendered_does_not_stop_the_others(tiny_model: Path) -> None:
    bad = Conversation("bad", (Message("user", "only a question"),))
    first, second = lengths([bad, *talks(1)], tiny_model, "", 100)
    assert first[1].problem and second[1].tokens


def test_without_a_model_the_length_is_guessed_and_a_wrong_folder_is_told(tmp_path: Path) -> None:
    (found,) = lengths(talks(1), None, "You help.", 100)
    assert found[1].tokens > 0
    with pytest.raises(UserError, match="tokenizer"):
        list(lengths(talks(1), tmp_path, "", 100))
