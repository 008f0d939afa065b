"""All flags of one reply."""

from collections.abc import Sequence

from chatforge.dialogues.conversation import Message
from chatforge.evaluation.flags.differing import quantity_flags
from chatforge.evaluation.flags.escalation import escalation_flags
from chatforge.evaluation.flags.flag import Flag
from chatforge.evaluation.flags.polarity import polarity_flags
from chatforge.evaluation.flags.quantity import Quantity


def find_flags(
    reply: str, reference: str, history: Sequence[Message], *, known: Sequence[Quantity] = ()
) -> tuple[Flag, ...]:
    """Return what of a reply needs a look: where it may contradict the true reply.

    Rules on words, no model, English only. How much they find and how often they are wrong: `flags.limits`. An empty
    reply says nothing and contradicts nothing; that it is empty is counted elsewhere.

    Args:
        reply: what a rival says. reference: the true reply.
        history: what was said before, system message included: its numbers are not invented.
        known: more that is not invented, as prices and telephone numbers of the house (`house.house_quantities`).
    """
    if not reply.strip():
        return ()
    told = [message.content for message in history]
    found = (
        *escalation_flags(reply, reference),
        *polarity_flags(reply, reference),
        *quantity_flags(reply, reference, told, known),
    )
    return tuple(dict.fromkeys(found))
