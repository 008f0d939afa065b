"""Held-out conversations that perhaps say what a training conversation says: a worker encodes, we compare.

find_leakage ──► Leakage ──► look_alike ──► the same, with what is to be looked at        (see `dialogues.lookalikes`)
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.grouping import group
from chatforge.dialogues.leakage import Leakage
from chatforge.dialogues.lookalikes import FEWEST, look, said, threshold_of
from chatforge.project import encoder_client
from chatforge.project.encoder_client import Told

if TYPE_CHECKING:  # numpy takes longer to import than the screens may wait
    import numpy as np
    from numpy.typing import NDArray


def look_alike(
    leakage: Leakage,
    held_out: Sequence[Conversation],
    train: Sequence[Conversation],
    encoder: Path,
    told: Told = lambda done, total: None,
) -> tuple[Leakage, list[str]]:
    """Add to what is a leak what is to be looked at; return it with what should be known besides.

    Args:
        held_out, train: as `leakage` was found in. encoder: folder of the embedding model.
        told: hears (texts encoded, texts in all).

    Raises:
        UserError: the encoder cannot be used, or its process died. OSError: no process can be started.
    """
    vectors, cut = encode(encoder, [said(one) for one in (*held_out, *train)], told)
    longer = f"{cut:,} {'conversation is' if cut == 1 else 'conversations are'} longer than the encoder reads"
    notes = [f"{longer}: only the beginning was compared"] if cut else []
    mine, theirs = vectors[: len(held_out)], vectors[len(held_out) :]
    threshold = threshold_of(theirs, group(train).of)
    if threshold is None:
        return leakage, [f"fewer than {FEWEST} training conversations: too few to tell likeness from chance", *notes]
    return look(leakage, mine, theirs, threshold, (held_out, train)), notes


def encode(encoder: Path, texts: Sequence[str], told: Told) -> "tuple[NDArray[np.float32], int]":
    """Return one unit vector a text, shape (N, D), and how many texts were longer than the encoder reads.

    Raises:
        UserError: the worker died. OSError: it cannot be started.
    """
    name, hint = "the process that compares meanings", "go without --meaning"
    return encoder_client.ask("encode", encoder, texts, _vectors, told, name=name, hint=hint)


def _vectors(path: Path) -> "NDArray[np.float32]":
    import numpy as np

    with path.open("rb") as file:
        vectors: NDArray[np.float32] = np.load(file, allow_pickle=False)
    return vectors
