"""A tiny model in memory, its renderer, and rendered conversations."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.reading import read_files
from chatforge.dialogues.rendering import Renderer
from chatforge.models.loading import load_base, load_tokenizer


@pytest.fixture
def tokenizer(tiny_model: Path) -> Any:
    return load_tokenizer(tiny_model)


@pytest.fixture
def renderer(tokenizer: Any) -> Renderer:
    return Renderer(tokenizer, "You help.")


@pytest.fixture
def model(tiny_model: Path) -> Any:
    return load_base(tiny_model, dtype="float32", device=torch.device("cpu"))


@pytest.fixture
def conversations(tmp_path: Path, write_conversations: Callable[..., Path]) -> tuple[Conversation, ...]:
    return read_files([write_conversations(tmp_path / "some.jsonl", 12)]).conversations
