"""What is read of one file of texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CHARACTERS_PER_TOKEN = 4
"""English through a small model's tokenizer; only estimates, never cuts."""


@dataclass(frozen=True)
class Document:
    """One file of texts.

    Attributes:
        passages: paragraphs in the file's order, none of them empty.
        left_out: what of the file is not in them, and how often ("repeated lines at the edge of a page").
        notes: what was guessed or should be known, one sentence each.
    """

    file: Path
    passages: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def characters(self) -> int:
        """Signs in all passages."""
        return sum(map(len, self.passages))

    @property
    def tokens(self) -> int:
        """About how many tokens that is."""
        return round(self.characters / CHARACTERS_PER_TOKEN)
