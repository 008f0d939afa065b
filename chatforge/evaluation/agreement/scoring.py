"""What our axes say of texts that people have scored. Loads no model, but is given one: only for workers."""

from collections.abc import Callable, Sequence

from chatforge.evaluation.agreement.axes import AXES, COSINE, LENGTH
from chatforge.evaluation.measures import is_empty
from chatforge.evaluation.measures.complete import Column, Complete
from chatforge.models.encoder import Encoder

BLOCK = 64
"""Pairs whose token vectors are held at a time."""


def score_pairs(
    pairs: Sequence[tuple[str, str]], encoder: Encoder, told: Callable[[int, int], object]
) -> dict[str, Column]:
    """Score (reference, reply) pairs on every axis; empty replies get 0.

    Args:
        told: hears (pairs done, pairs in all).
    """
    found: dict[str, list[tuple[int, float | None]]] = {}
    order = sorted(range(len(pairs)), key=lambda i: (len(pairs[i][0]), pairs[i][0]))  # the same references together
    for begin in range(0, len(order), BLOCK):
        places = order[begin : begin + BLOCK]
        references, replies = ([pairs[i][side] for i in places] for side in (0, 1))
        columns = _plain(references, replies, encoder) | Complete(references, encoder).score(replies)
        for axis, column in columns.items():
            found.setdefault(axis, []).extend(zip(places, column, strict=True))
        told(min(begin + BLOCK, len(order)), len(order))
    return {axis: [value for _, value in sorted(found[axis], key=lambda row: row[0])] for axis in AXES}


def _plain(references: Sequence[str], replies: Sequence[str], encoder: Encoder) -> dict[str, Column]:
    cosines = (encoder.encode(references) * encoder.encode(replies)).sum(axis=1).tolist()
    mute = [is_empty(reply) for reply in replies]
    sizes = [min(1.0, len(b.strip()) / len(a.strip())) for a, b in zip(references, replies, strict=True)]
    return {COSINE: [0.0 if m else value for m, value in zip(mute, cosines, strict=True)], LENGTH: list(sizes)}
