"""Gathers what presets look at (model size, data, machine) without loading anything heavy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chatforge import included, paths
from chatforge.dialogues.canaries import planted
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.mixing import GENERAL_SYSTEM, replayed_count, weighted_count
from chatforge.dialogues.reading import open_source
from chatforge.errors import UserError
from chatforge.models.catalog import find
from chatforge.models.machine import Machine, look
from chatforge.models.sources import count_parameters
from chatforge.models.store import Store
from chatforge.recipe.batches import Facts
from chatforge.recipe.files import LoadedRecipe
from chatforge.recipe.presets import kept_for_training
from chatforge.recipe.schema import Data

_CHARACTERS_PER_TOKEN = 4.2  # English through a small model's tokenizer; only chooses batches, never cuts
_CHARACTERS_PER_MESSAGE = 20  # what a chat template writes around each


@dataclass(frozen=True)
class Sizes:
    """How much a few dialogue files hold; tokens are estimated from characters.

    Attributes:
        longest: tokens of the longest conversation. learned_share: share of the tokens in the assistant's turns.
    """

    conversations: int
    tokens: int
    longest: int
    learned_share: float


def gather(loaded: LoadedRecipe, home: Path | None = None) -> Facts:
    """Look at the recipe's base, its train files and this machine.

    Lines that cannot be read are left out of the count; checking them is the data worker's task.

    Args:
        home: ChatForge's folder; default is `paths.home()`.

    Raises:
        UserError: a train file cannot be read as text at all.
    """
    data = loaded.recipe.data
    sizes = weigh(data, data.train)
    return facts_for(loaded, sizes, look(), home or paths.home(), weigh_beside(data, sizes.conversations))


def facts_for(
    loaded: LoadedRecipe, sizes: Sizes | None, machine: Machine, home: Path, beside: Sizes | None = None
) -> Facts:
    """Put together what presets look at.

    Args:
        sizes: of the train files, None if they could not be read. beside: what `weigh_beside` says.
    """
    return Facts(
        parameters=_parameters(loaded.recipe.model.base, paths.store(home)),
        conversations=sizes.conversations if sizes else None,
        tokens=sizes.tokens if sizes else None,
        cores=machine.cores,
        ram_bytes=machine.ram_bytes,
        gpu_bytes=machine.gpu.total_bytes if machine.gpu else None,
        beside=beside.conversations if beside else 0,
    )


def weigh(data: Data, files: Sequence[Path]) -> Sizes:
    """Count the conversations of some files of a recipe's data, and about how many tokens they are.

    Raises:
        UserError: a file cannot be read at all.
    """
    return _weigh(files, data.system, data.type, Choices(data.assistant, data.columns))


def weigh_beside(data: Data, train: int) -> Sizes | None:
    """Count what a pass learns beside train: further datasets by weight, general chat, canaries; None if nothing.

    Args:
        train: conversations in the train files, before anything is split off.

    Raises:
        UserError: a file cannot be read at all.
    """
    found: list[Sizes] = []
    for one in data.mix:
        sizes = _weigh(one.files, one.system or data.system, one.type, Choices(one.assistant, one.columns))
        found.append(_times(sizes, weighted_count(sizes.conversations, one.weight)))
    if data.replay:
        sizes = _weigh([included.general_chat()], GENERAL_SYSTEM, "messages", Choices())
        others = kept_for_training(data, train) + sum(one.conversations for one in found)
        found.append(_times(sizes, replayed_count(data.replay, others)))
    if data.canaries:
        found.append(_sizes((one.conversation for one in planted(data.canaries, 0)), data.system))
    return _together(found) if found else None


def _times(sizes: Sizes, count: int) -> Sizes:
    """So many conversations of such sizes."""
    return replace(sizes, conversations=count, tokens=round(sizes.tokens * count / max(1, sizes.conversations)))


def _together(sizes: Sequence[Sizes]) -> Sizes:
    tokens = sum(one.tokens for one in sizes)
    learned = sum(one.learned_share * one.tokens for one in sizes)
    longest = max(one.longest for one in sizes)
    return Sizes(sum(one.conversations for one in sizes), tokens, longest, learned / tokens if tokens else 0.0)


def _weigh(files: Sequence[Path], system: str, form: str, choices: Choices) -> Sizes:
    items = (item for path in files for item in open_source(path, form, choices).read())
    return _sizes((item.conversation for item in items if not isinstance(item, BadLine)), system)


def _sizes(conversations: Iterable[Conversation], system: str) -> Sizes:
    count, total, longest, learned = 0, 0, 0, 0
    for conversation in conversations:
        said = conversation.messages
        characters = len(system) + sum(len(m.content) + _CHARACTERS_PER_MESSAGE for m in said)
        count, total, longest = count + 1, total + characters, max(longest, characters)
        learned += sum(len(m.content) for m in said if m.role == "assistant")
    return Sizes(count, _tokens(total), _tokens(longest), learned / total if total else 0.0)


def _tokens(characters: int) -> int:
    return round(characters / _CHARACTERS_PER_TOKEN)


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
