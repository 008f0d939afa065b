"""The evaluator checks itself in every run; where it fails there is no verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatforge.evaluation.measures import Array, Design
from chatforge.evaluation.statistics import SELF_CHECK_LEVEL, wilson
from chatforge.evaluation.verdict import UNCHANGED

SAME = 1e-9
"""Bits per byte by which base and adapted must differ somewhere, if their replies are all the same."""


@dataclass(frozen=True)
class Check:
    """One check: its name, whether it passed, and what was found."""

    name: str
    ok: bool
    what: str


def check_shuffled(scores: Array, design: Design) -> Check:
    """Replies of other conversations must score as much as chance gives.

    The interval is a 99.9% one, so that an evaluator in order fails one run in a thousand at most.

    Args:
        scores: primary, one per conversation, shape (C,).
    """
    mean = float(scores.mean())
    low, high = wilson(mean, len(scores), SELF_CHECK_LEVEL)
    found = f"{mean:.1%} with replies of other conversations, chance {design.chance:.1%}"
    ok = low <= design.chance <= high
    return Check("shuffled replies land on chance", ok, found if ok else f"{found}, which is too far from it")


def check_references(identified: Array, primary: Array) -> Check:
    """The true replies must all be identified; replies with the very same text share the first place.

    Args:
        identified: plain identification of the true replies, primary: their score on the scale that decides, one per
            conversation, shape (C,).
    """
    name, missed = "true replies reach the ceiling", int((identified == 0).sum())
    if missed:
        return Check(name, False, f"{missed} true replies are not the nearest to themselves")
    return Check(name, True, f"{float(identified.mean()):.1%}, beyond the question {float(primary.mean()):.1%}")


def check_adapter(base: Sequence[str], adapted: Sequence[str], base_nats: Array, adapted_nats: Array) -> Check:
    """The adapter must change something: the replies, or at least the likelihood of the held-out turns.

    Args:
        base, adapted: replies.
        base_nats, adapted_nats: negative log-likelihood per conversation, shape (M,).
    """
    same = sum(a == b for a, b in zip(base, adapted, strict=True)) / max(1, len(base))
    most = float(abs(base_nats - adapted_nats).max()) if len(base_nats) else 0.0
    found = f"{same:.0%} of its replies are the base's; largest change {most:.3g} nats in a conversation"
    if same == 1.0 and most <= SAME:
        return Check("the adapter changes something", False, f"{UNCHANGED}: {found}")
    return Check("the adapter changes something", True, found)
