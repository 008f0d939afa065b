"""The measures, as arithmetic on embeddings, words and counts. Nothing here loads a model.

`design` says who is compared with whom, `ranking` which place the own reference has, `on_topic` and `complete` score
replies on the scales of their axis, `form` tells how replies are written, `calibration` whether a model knows when it
is right.
"""

from collections.abc import Sequence

from chatforge.evaluation.measures.design import FEWEST, Array, Design, make_design

__all__ = ["FEWEST", "Array", "Design", "is_empty", "make_design", "share"]


def is_empty(reply: str) -> bool:
    """Whether a reply says nothing."""
    return not reply.strip()


def share(flags: Sequence[bool]) -> float:
    """Share of true ones; 0 of none."""
    return sum(flags) / len(flags) if flags else 0.0
