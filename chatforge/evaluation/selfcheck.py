"""The evaluator checks itself in every run; where it fails there is no verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatforge.evaluation.measures import Array, Design
from chatforge.evaluation.statistics import SELF_CHECK_LEVEL, wilson

SAME = 1e-9
"""Bits per byte by which base and adapted must differ somewhere, if their replies are all the same."""


@dataclass(frozen=True)
class Check:
    """One check: its name, whether it passed, and what was found."""

    name: str
    ok: bool
    what: str


def check_shuffled(identification: Array, design: Design) -> Check:
    """Replies of other conversations must be identified at chance.

    The interval is a 99.9% one, so that an evaluator in order fails one run in a thousand.
    """
    mean = float(identification.mean())
    low, high = wilson(mean, len(identification), SELF_CHECK_LEVEL)
    found = f"{mean:.1%} with replies of other conversations, chance {design.chance:.1%}"
    ok = low <= design.chance <= high
    return Check("shuffled replies land on chance", ok, found if ok else f"{found}, which is too far from it")


def ceiling(references: Sequence[str], design: Design) -> float:
    """Best identification there is: below 1 where candidates of a conversation have the very same text."""
    shares = [1.0 / (1 + sum(references[j] == references[i] for j in others)) for i, others in enumerate(design.others)]
    return sum(shares) / len(shares)


def check_references(identification: Array, best: float) -> Check:
    """The true replies must all be identified (shared first places count as such)."""
    missed = int((identification == 0).sum())
    if missed:
        return Check(
            "true replies reach the ceiling", False, f"{missed} true replies are not the nearest to themselves"
        )
    found = f"{float(identification.mean()):.1%}, ceiling {best:.1%}"
    return Check("true replies reach the ceiling", True, found)


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
        return Check("the adapter changes something", False, f"the adapter changes nothing: {found}")
    return Check("the adapter changes something", True, found)
