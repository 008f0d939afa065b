"""Held-out conversations that perhaps say what a training conversation says: a worker encodes, we compare.

find_leakage ──► Leakage ──► look_alike ──► the same, with what is to be looked at        (see `dialogues.lookalikes`)
"""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.grouping import group
from chatforge.dialogues.leakage import Leakage
from chatforge.dialogues.lookalikes import FEWEST, look, said, threshold_of
from chatforge.runs.pipe import Pipe

if TYPE_CHECKING:  # numpy takes longer to import than the screens may wait
    import numpy as np
    from numpy.typing import NDArray

PROGRAM = ("-m", "chatforge.workers.encode")

Told = Callable[[int, int], object]
"""Hears (texts encoded, texts in all)."""


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
    import numpy as np

    with tempfile.TemporaryDirectory(prefix="chatforge-encode-") as scratch:
        given, made = Path(scratch, "texts.jsonl"), Path(scratch, "vectors.npy")
        with given.open("w", encoding="ascii") as file:
            file.writelines(json.dumps(text) + "\n" for text in texts)
        pipe = Pipe(
            [*PROGRAM, str(encoder), str(given), str(made)],
            Path(scratch, "worker.log"),
            _read,
            name="the process that compares meanings",
            hint="go without --meaning",
        )
        try:
            while "cut" not in (heard := pipe.receive()):
                told(heard["done"], heard["total"])
            return np.load(made, allow_pickle=False), heard["cut"]
        finally:
            pipe.close(0)


def _read(line: bytes) -> Mapping[str, int] | None:
    try:
        values = json.loads(line)
    except ValueError:
        return None
    return values if isinstance(values, dict) else None
