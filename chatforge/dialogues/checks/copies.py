"""Copies of dialogue files beside their originals: mended, or with other names, numbers and addresses in them.

    train.jsonl ──► train.fixed.jsonl         + train.fixed.jsonl.log.jsonl: what was changed or left out, line by line
    chat.txt    ──► chat.anonymised.jsonl     + its log

The original is never touched, and no file is written over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatforge.dialogues.containers.folder import PACKED
from chatforge.dialogues.reading import Source

if TYPE_CHECKING:
    from chatforge.dialogues.checks.mend import Mended
    from chatforge.dialogues.checks.rewrite import Mender, Rewritten
    from chatforge.dialogues.draft import Draft

SEED = 7
"""Draws the words that are put in the place of personal details."""

Told = Callable[[], object]
"""Called before each conversation; what it raises breaks off."""

TIDIED = frozenset({"order", "assistant-first", "user-last", "empty", "tool"})
"""What is put right as a file is read, unless it is in ChatForge's own form: no reason for a copy."""


@dataclass(frozen=True)
class Purpose:
    """What a copy is made for.

    Attributes:
        ending: stands in its name. mender: returns what is done with each conversation.
        unique: whether what was there before is left out.
    """

    ending: str
    mender: Callable[[], "Mender"]
    unique: bool


def _mending() -> "Mender":
    from chatforge.dialogues.checks.mend import mend

    return mend


def _anonymising() -> "Mender":
    from chatforge.dialogues.checks.rewrite import anonymising

    return anonymising(SEED)


MENDED = Purpose("fixed", _mending, unique=True)
ANONYMISED = Purpose("anonymised", _anonymising, unique=False)
PURPOSES = {one.ending: one for one in (MENDED, ANONYMISED)}
"""By the ending in the name."""


def copy_of(path: Path, purpose: Purpose) -> Path:
    """Where the copy of a file is written."""
    name = path.name
    for packed in PACKED:
        name = name.removesuffix(packed)
    return path.with_name(f"{Path(name).stem}.{purpose.ending}.jsonl")


def preview(source: Source, purpose: Purpose, told: Told = lambda: None) -> "Rewritten":
    """Say what `write` would do; nothing is written. Reads all of the file.

    Raises:
        UserError: the source cannot be read on.
    """
    from chatforge.dialogues.checks import rewrite

    to = copy_of(source.path, purpose)
    return rewrite.preview(source, to, _mender(purpose, told), unique=purpose.unique)


def differs(source: Source, found: "Rewritten") -> bool:
    """Whether a copy would be another than what is read of the source as it is."""
    return bool(found.counts and (source.is_plain or set(found.counts) - TIDIED))


def write(source: Source, purpose: Purpose, told: Told = lambda: None) -> "Rewritten":
    """Write the copy.

    Raises:
        UserError: there is such a file already, or it cannot be written; the source cannot be read on.
    """
    from chatforge.dialogues.checks import rewrite

    to = copy_of(source.path, purpose)
    return rewrite.rewrite(source, to, _mender(purpose, told), unique=purpose.unique)


def _mender(purpose: Purpose, told: Told) -> "Mender":
    mender = purpose.mender()

    def mend(draft: "Draft") -> "Mended":
        told()
        return mender(draft)

    return mend
