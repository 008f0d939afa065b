"""What is learned beside train: further datasets by weight, and general chat against forgetting. Pure and seeded.

    train          126 conversations    each once
    talks.jsonl    250, weight 0.5      125 of them, drawn by seed; the same ones in every pass
    rare.jsonl      20, weight 2.5      each twice, and 10 of them a third time
    general chat   replay 0.1           one conversation in ten of all that a pass learns

Valid and test never get any of it.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatforge.dialogues.conversation import Conversation

GENERAL_CHAT = "general chat"
GENERAL_SYSTEM = "You are a helpful assistant."
"""Stands before general chat: it is kept as it was, not made a habit of the assistant that is trained."""


@dataclass(frozen=True)
class Portion:
    """What one dataset gives to each pass.

    Attributes:
        name: as people call it. how: the field that decided how much it is, such as "weight 0.5"; "" for all, once.
        conversations: in the order of their file, a repeated one as often as it is learned.
        general: whether it is ChatForge's own general chat, which is nobody's domain.
    """

    name: str
    how: str
    conversations: tuple[Conversation, ...]
    general: bool = False

    @property
    def distinct(self) -> tuple[Conversation, ...]:
        """Its conversations, each once."""
        return tuple({one.place: one for one in self.conversations}.values())


def weighted(
    name: str, conversations: Sequence[Conversation], weight: float, seed: int, system: str | None = None
) -> Portion:
    """Return what a dataset of some weight gives to each pass.

    Args:
        conversations: at least one. weight: how often each is seen; a fraction of a time by drawing so many of them.
        system: the system message of those that have none of their own; None leaves them without.
    """
    whole = [one.with_system(system or "") for one in conversations]
    how = "" if weight == 1 else f"weight {weight:g}"
    return Portion(name, how, _times(whole, weighted_count(len(whole), weight), f"{seed}/{name}"))


def replayed(conversations: Sequence[Conversation], share: float, others: int, seed: int) -> Portion:
    """Return so much general chat that it is `share` of a pass which learns `others` conversations besides."""
    whole = [one.with_system(GENERAL_SYSTEM) for one in conversations]
    drawn = _times(whole, replayed_count(share, others), f"{seed}/{GENERAL_CHAT}")
    how = f"replay {share:g}"
    if len(drawn) > len(whole):
        how += f", each about {len(drawn) / len(whole):.2g} times: there are {len(whole)}"
    return Portion(GENERAL_CHAT, how, drawn, general=True)


def weighted_count(conversations: int, weight: float) -> int:
    """How many conversations a pass learns of a dataset; at least one if it has any."""
    return max(round(conversations * weight), min(conversations, 1))


def replayed_count(share: float, others: int) -> int:
    """How many general conversations make up `share` of a pass that learns `others` besides; at least one."""
    return max(1, round(others * share / (1 - share)))


def told(train: int, portions: Iterable[Portion]) -> str:
    """Say where the conversations of a pass come from: "a pass learns 154 conversations: 126 of train + 28 of …"."""
    parts = [(train, "train", ""), *((len(one.conversations), one.name, one.how) for one in portions)]
    words = [f"{count:,} of {name}{f' ({how})' if how else ''}" for count, name, how in parts]
    return f"a pass learns {sum(count for count, _, _ in parts):,} conversations: {' + '.join(words)}"


def _times(conversations: Sequence[Conversation], count: int, salt: str) -> tuple[Conversation, ...]:
    """Repeat all as often as that goes; of the rest, draw."""
    whole, rest = divmod(count, len(conversations))
    source = random.Random(f"mix/{salt}")  # noqa: S311 (a choice, not a secret)
    drawn = sorted(source.sample(range(len(conversations)), rest))
    return (*(tuple(conversations) * whole), *(conversations[i] for i in drawn))
