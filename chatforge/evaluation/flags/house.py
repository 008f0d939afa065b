"""The prices, times and telephone numbers of the house: an assistant that gives one of them has not invented it."""

from collections import Counter
from collections.abc import Iterable

from chatforge.dialogues.conversation import Conversation
from chatforge.evaluation.flags.quantities import read_quantities
from chatforge.evaluation.flags.quantity import Kind, Quantity

OFTEN = 3
"""Conversations in which the assistant names what belongs to the house; one customer's order number is in fewer."""


def house_quantities(train: Iterable[Conversation]) -> tuple[Quantity, ...]:
    """Return the quantities with a unit, and the codes, that the assistant names in at least three conversations."""
    times: Counter[tuple[Kind, float, str]] = Counter()
    found: dict[tuple[Kind, float, str], Quantity] = {}
    for conversation in train:
        texts = (conversation.messages[i].content for i in conversation.assistant_turns)
        named = {(one.kind, one.value, one.unit): one for text in texts for one in read_quantities(text) if one.unit}
        times.update(named.keys())
        found |= named
    return tuple(found[key] for key, conversations in times.items() if conversations >= OFTEN)
