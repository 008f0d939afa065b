"""What is said where there are too few conversations, before time is spent on them. Pure."""

from chatforge.evaluation.figures import MINIMUM

LITTLE = 50
"""Conversations under which a model learns hardly more than how a reply looks."""


def few(train: int | None, held_out: int | None) -> list[str]:
    """A remark on each part that is too small; None is not known and 0 is told elsewhere.

    Args:
        train: conversations to learn from. held_out: those that the verdict rests on.
    """
    said = []
    if train and train < LITTLE:
        said.append(f"little will be learned from {train} conversation{'s' * (train > 1)}; give {LITTLE} or more")
    if held_out and held_out < MINIMUM:
        said.append(f'{held_out} held out (test): the verdict will be "cannot tell"; give {MINIMUM - held_out} more')
    return said
