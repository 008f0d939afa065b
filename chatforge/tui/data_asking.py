"""The shape of what the stage Data asks: one safe answer under `k`, a few others; fields of the recipe follow."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual.app import App

from chatforge.dialogues.containers.folder import ENDINGS, PACKED
from chatforge.tui.modals.pick import PickFile
from chatforge.tui.modals.question import Answer, Question

Fields = Mapping[str, Any]
"""What is to be set in the recipe; nothing where it stays as it is."""

CONVERSATIONS = (*ENDINGS, *PACKED)
"""Endings of files of conversations."""

AS_IT_IS = "Leave it as it is"


async def ask(app: App[Any], title: str, words: str, safe: str, *others: Answer) -> str:
    """Ask; return the value of the answer, "" for the safe one.

    Args:
        safe: its words.
    """
    return await app.push_screen_wait(Question(title, words, [Answer("", "k", safe), *others]))


async def pick(app: App[Any], recipe: Path, title: str, suffixes: tuple[str, ...] = CONVERSATIONS) -> Path | None:
    """Let a file be chosen, beginning beside the recipe; None if none is."""
    return await app.push_screen_wait(PickFile(title, recipe.absolute().parent, suffixes))
