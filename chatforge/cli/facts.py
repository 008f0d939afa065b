"""Gathers what presets look at (model size, data, machine) without loading anything heavy."""

from pathlib import Path

from chatforge import paths
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.formats import messages
from chatforge.errors import UserError
from chatforge.models.catalog import find
from chatforge.models.machine import look
from chatforge.models.sources import count_parameters
from chatforge.models.store import Store
from chatforge.recipe.batches import Facts
from chatforge.recipe.files import LoadedRecipe

_CHARACTERS_PER_TOKEN = 4.2  # English through a small model's tokenizer; only chooses batches, never cuts


def gather(loaded: LoadedRecipe, home: Path | None = None) -> Facts:
    """Look at the recipe's base, its train files and this machine.

    Lines that cannot be read are left out of the count; checking them is the data worker's task.

    Args:
        home: ChatForge's folder; default is `paths.home()`.

    Raises:
        UserError: a train file cannot be read as text at all.
    """
    machine = look()
    conversations, tokens = _count(loaded)
    return Facts(
        parameters=_parameters(loaded.recipe.model.base, paths.store(home or paths.home())),
        conversations=conversations,
        tokens=tokens,
        cores=machine.cores,
        ram_bytes=machine.ram_bytes,
        gpu_bytes=machine.gpu.total_bytes if machine.gpu else None,
    )


def _count(loaded: LoadedRecipe) -> tuple[int, int]:
    """Conversations in the train files and about how many tokens they are with the system message."""
    count, characters = 0, 0
    for path in loaded.recipe.data.train:
        for item in messages.read(path):
            if isinstance(item, Conversation):
                count += 1
                characters += len(loaded.recipe.data.system) + sum(len(m.content) + 20 for m in item.messages)
    return count, round(characters / _CHARACTERS_PER_TOKEN)


def _parameters(base: str, store: Path) -> int | None:
    """Size of the base from the catalogue, the store or its own files; None if none of them knows."""
    try:
        return find(base, store).parameters
    except UserError:
        stored = Store(store).find(base)
        return stored.parameters if stored else _parameters_of_files(Path(base))


def _parameters_of_files(folder: Path) -> int | None:
    """Weights of a folder by its safetensors files; None if it has none that can be read."""
    try:
        return count_parameters(folder) or None
    except UserError:
        return None
