"""Quantities of a reply that the true reply does not have.

Only sentences that are about the same are compared, so that a reply about something else is not a heap of flags; where
none is, but the two texts are, one price is held against one price, one duration against one duration. Doses and
telephone or order numbers are looked at everywhere: who follows an invented one may come to harm.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby

from chatforge.evaluation.flags.clauses import Sentences, related
from chatforge.evaluation.flags.flag import Flag, FlagKind
from chatforge.evaluation.flags.quantities import read_quantities
from chatforge.evaluation.flags.quantity import Known, Quantity

_KINDS: dict[str, FlagKind] = {"number": "number", "code": "number", "amount": "amount", "dose": "dose", "date": "date"}

_ANYWHERE = ("dose", "code")
"""Kinds that are looked at in every sentence."""

_EMERGENCY = frozenset({"911", "988"})
"""Nobody invents these; whether one is missing is looked at by `escalation`."""

_TRIFLING = 2
"""A bare number up to this counts whatever the sentence speaks of: "the two of you"."""


def quantity_flags(
    reply: str, reference: str, history: Sequence[str], known: Sequence[Quantity] = ()
) -> Iterator[Flag]:
    """Yield a flag for each quantity that differs from the true reply's, or that is in neither it nor the history.

    Args:
        known: quantities that are not invented either.
    """
    said, meant = read_quantities(reply), read_quantities(reference)
    in_reply, in_reference = Known(said), Known(meant)
    told = Known((*chain.from_iterable(map(read_quantities, history)), *known))
    new = _once(one for one in said if one not in in_reference and one.unit not in _EMERGENCY)
    ours, theirs = Sentences(reply), Sentences(reference)
    missing: defaultdict[int, list[Quantity]] = defaultdict(list)
    for one in meant:
        if one not in in_reply and one.unit not in _EMERGENCY and (one.unit or one.value > 1):
            missing[theirs.place(one.start)].append(one)
    sole = _sole(new, [*chain.from_iterable(missing.values())]) if related(reply, reference) else []
    for place, ones in groupby(new, lambda one: ours.place(one.start)):
        alike = theirs.alike(ours.parts[place])
        answered = alike or theirs.wordless(ours.parts[place])
        rest = [*chain.from_iterable(missing.get(other, ()) for other in answered)] if answered else [*sole]
        for one in ones:
            other = next((other for other in rest if _exchanged(one, other)), None)
            if other:
                rest.remove(other)
                yield _differs(one, other, reply, reference)
            elif (alike or one.kind in _ANYWHERE) and one not in told and (one.unit or one.value > _TRIFLING):
                words = reply[one.start : one.end]
                what = f"says {words}, which neither the true reply nor the conversation does"
                yield Flag(kind=_KINDS[one.kind], what=what, said=words, meant="")


def _sole(new: Sequence[Quantity], missing: Sequence[Quantity]) -> list[Quantity]:
    """Those that are missing and can stand for one new quantity alone, as the only ones: a price for a price."""
    said, meant = (Counter(one.dimension for one in ones) for ones in (new, missing))
    return [one for one in missing if said[one.dimension] == meant[one.dimension] == 1]


def _differs(one: Quantity, other: Quantity, reply: str, reference: str) -> Flag:
    said, meant = reply[one.start : one.end], reference[other.start : other.end]
    return Flag(kind=_KINDS[one.kind], what=f"says {said}; the true reply says {meant}", said=said, meant=meant)


def _once(quantities: Iterable[Quantity]) -> list[Quantity]:
    """Each quantity once, however often it is said; a bare number not if it is also said with its unit."""
    found = {(one.kind, one.value, one.unit): one for one in reversed([*quantities])}
    counted = {one.written for one in found.values() if one.unit}
    return [one for one in reversed(found.values()) if one.unit or one.written not in counted]


def _exchanged(one: Quantity, other: Quantity) -> bool:
    """Whether one can stand in the place of the other."""
    return one.dimension == other.dimension or one.kind == other.kind == "amount"
