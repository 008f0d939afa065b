"""Whether a test is fair: how much of what is held out may also stand in train, and what is said of it.

    share of the test that is in train    up to data.max_overlap    told, and scores are given with and without it
                                          more                      no run, and no verdict

Compared is as in `leakage`: context and reply.
"""

from collections.abc import Sequence

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.duplicates import LEVELS, MOST
from chatforge.dialogues.leakage import Leakage, find_leakage
from chatforge.errors import UserError

MOST_COMPARED = 20_000
"""Of more conversations, on both sides together, only what a hash tells is looked for: the rest would take minutes."""


def compare(held_out: Sequence[Conversation], train: Sequence[Conversation]) -> Leakage:
    """Look for what is held out in train, nearly the same only among few enough conversations."""
    few = len(held_out) + len(train) <= MOST_COMPARED
    return find_leakage(held_out, train, most=MOST if few else 0)


def told(found: Leakage) -> str:
    """Say how much of what is held out is in train, level by level."""
    left_out = ""
    if found.train and not found.compared:
        left_out = f"; among more than {MOST_COMPARED:,} conversations nearly the same ones were not looked for"
    if not found.leaks:
        return f"none of {found.held_out} held-out conversations is in train{left_out}"
    shares = ", ".join(f"{level} {found.shares[level]:.1%}" for level in LEVELS if found.shares[level])
    verb = "is" if len(found.leaks) == 1 else "are"
    return (
        f"{len(found.leaks)} of {found.held_out} held-out conversations ({found.leaked:.1%}) {verb} in train too, "
        f"the same or nearly ({shares}){left_out}"
    )


def pass_gate(held_out: Sequence[Conversation], train: Sequence[Conversation], most: float) -> list[str]:
    """Return what should be known of a test with files of its own.

    Args:
        most: the share of the held-out conversations that may also stand in train, 0 to 1.

    Raises:
        UserError: there are more.
    """
    found = compare(held_out, train)
    if not found.leaks:
        return [told(found)] if not found.compared else []
    first = found.leaks[0]
    lists = "`chatforge data check TRAIN --against TEST` lists them"
    if found.leaked <= most:
        where = f"such as {first.held_out_place} and {first.train_place}"
        return [f"{told(found)}, {where}: {lists}; scores will be given with and without them"]
    one = held_out[first.held_out]
    raise UserError(
        f"{told(found)}: more than data.max_overlap allows ({most:g}). The first, here, is {first.train_place}",
        file=one.file,
        line=one.line,
        field="data.max_overlap",
        hint=f"{lists}: remove them from one of the two, or raise data.max_overlap",
    )
