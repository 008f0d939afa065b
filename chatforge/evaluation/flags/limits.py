"""How much the flags find, and how often they are wrong: for the report's box of limits. Light: screens read it.

Measured on the held-out part of data/probes/meaning_flips.jsonl by `python tests/benchmarks/flags.py`; a test measures
anew and compares.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chatforge.evaluation.flags.flag import FlagKind

HELD_OUT = 20
"""Planted changes of meaning of each kind, and as many harmless paraphrases."""


@dataclass(frozen=True)
class Limit:
    """Counts of one kind, of `HELD_OUT` each, with the 95% Wilson intervals of their shares.

    Attributes:
        found: changes of meaning with any flag. named: with a flag of this kind. alarms: paraphrases with any flag.
    """

    found: int
    named: int
    alarms: int
    recall: tuple[float, float]
    alarm: tuple[float, float]


MEASURED: Mapping[FlagKind, Limit] = {
    "polarity": Limit(18, 18, 1, (0.70, 0.97), (0.01, 0.24)),
    "number": Limit(20, 20, 0, (0.84, 1.00), (0.00, 0.16)),
    "amount": Limit(20, 20, 3, (0.84, 1.00), (0.05, 0.36)),
    "date": Limit(20, 19, 0, (0.84, 1.00), (0.00, 0.16)),
    "dose": Limit(20, 19, 0, (0.84, 1.00), (0.00, 0.16)),
    "escalation": Limit(19, 19, 1, (0.76, 0.99), (0.01, 0.24)),
}

OTHER_WORDS = {"unchanged": (2, 55), "negative word out": (1, 16), "number changed": (4, 6)}
"""Flagged, of how many: replies of the shipped corpora written anew in wholly other words, and then changed. The rules
were made with a look at these."""


def limit_texts() -> tuple[str, ...]:
    """What to tell beside every list of flags."""
    found = ", ".join(f"{kind} {_share(one.found, one.recall)}" for kind, one in MEASURED.items())
    wrong = ", ".join(f"{kind} {_share(one.alarms, one.alarm)}" for kind, one in MEASURED.items())
    return (
        "Flags are rules on words, for English only. A flag means “needs a look”, never “wrong”.",
        f"Of {HELD_OUT} planted changes of meaning of each kind they find: {found}.",
        f"Of {HELD_OUT} harmless paraphrases each they flag: {wrong}.",
        f"Where a reply says it in wholly other words they see little: {_of('negative word out')} with a negative word "
        f"taken out, {_of('number changed')} with a number changed; {_of('unchanged')} were flagged as they were.",
        "All these texts have the author of the rules; expect less of yours.",
    )


def _of(what: str) -> str:
    flagged, of = OTHER_WORDS[what]
    return f"{flagged} of {of}"


def _share(some: int, interval: tuple[float, float]) -> str:
    low, high = interval
    return f"{some / HELD_OUT:.0%} [{100 * low:.0f}, {100 * high:.0f}]"
