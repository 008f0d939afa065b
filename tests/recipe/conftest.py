"""A recipe file made of text, with the data files that it names."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.errors import Problem, UserError
from chatforge.recipe.batches import Facts
from chatforge.recipe.files import load_recipe

Write = Callable[..., Path]

LAPTOP = Facts(
    parameters=134_515_008,
    conversations=126,
    tokens=44_000,
    cores=2,
    ram_bytes=16_000_000_000,
    gpu_bytes=None,
)
"""SmolLM2-135M, 126 conversations of about 350 tokens, two cores, no GPU."""


@pytest.fixture
def laptop() -> Facts:
    """The machine and data that `balanced` was made for."""
    return LAPTOP


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a recipe and the three data files beside it; returns the recipe's path."""

    def make(text: str, name: str = "recipe.yaml", data: bool = True) -> Path:
        for split in ("train", "valid", "test") if data else ():
            (tmp_path / f"{split}.jsonl").write_text("{}\n")
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


@pytest.fixture
def problems(write: Write) -> Callable[[str], tuple[Problem, ...]]:
    """Load a recipe that must be refused; returns its problems."""

    def load(text: str) -> tuple[Problem, ...]:
        with pytest.raises(UserError) as caught:
            load_recipe(write(text))
        return caught.value.problems

    return load
