"""What comes with ChatForge besides its code: ready recipes and our own dialogues."""

from pathlib import Path

import chatforge
from chatforge.errors import UserError


def folder() -> Path:
    """Folder that holds `recipes` and `data`: inside the package as it is installed, beside it in a clone.

    Raises:
        UserError: they are in neither place.
    """
    package = Path(chatforge.__file__).parent
    for place in (package / "shipped", package.parent):
        if (place / "recipes").is_dir() and (place / "data").is_dir():
            return place
    raise UserError(
        "ChatForge's recipes and data are not part of this installation", hint="install ChatForge from its wheel"
    )


def general_chat() -> Path:
    """The conversations that `data.replay` mixes in.

    Raises:
        UserError: they are not there.
    """
    return folder() / "data" / "general_chat" / "replay.jsonl"


def probes(name: str) -> Path:
    """A set of probes: what a model is asked in evaluation and never in training.

    Raises:
        UserError: they are not there.
    """
    return folder() / "data" / "probes" / f"{name}.jsonl"
