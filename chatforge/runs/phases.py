"""The parts of an evaluation in order, and how far it is as a whole.

check ─ look up ─ base foresees ─ base answers ─ adapted foresees ─ adapted answers ─ judge
                       └─ each counts from 0 on: by itself it says nothing about the whole
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chatforge.runs.course import Course

TELLING = 0.1
"""Share that must be done before the pace so far says something about the rest."""


@dataclass(frozen=True)
class Part:
    """One part.

    Attributes:
        names: what the worker calls its phases. words: what it is for.
        weight: about how long it takes, against the others (measured on two cores with SmolLM2-135M).
    """

    names: tuple[str, ...]
    words: str
    weight: int


PARTS: Sequence[Part] = (
    Part(("starting", "checking", "loading"), "check data and weights, load encoder", 10),
    Part(("looking up train conversations",), "nearest neighbour, parrot, constant", 15),
    Part(("loading base", "base: likelihood of the true replies"), "base foresees the true replies", 30),
    Part(("base: replies",), "base answers", 72),
    Part(("loading adapted", "adapted: likelihood of the true replies"), "adapted foresees the true replies", 35),
    Part(("adapted: replies",), "adapted answers", 77),
    Part(("judging",), "self-check, verdict", 5),
)


@dataclass(frozen=True)
class Overall:
    """How far an evaluation is: in part `number` of `of`, and what `share` of the whole is done, about (0 to 1)."""

    number: int
    of: int
    words: str
    share: float

    def eta(self, course: Course, now: float) -> float | None:
        """Seconds that the rest will take if it goes on as until `now` (since 1970); None before that can be told."""
        if course.begun is None or self.share < TELLING:
            return None
        return max(0.0, (now - course.begun) * (1 - self.share) / self.share)


def overall(course: Course) -> Overall | None:
    """How far an evaluation is as a whole; None in a phase that is not known."""
    at = next((i for i, part in enumerate(PARTS) if course.phase in part.names), None)
    if at is None:
        return None
    counted = course.progress
    inside = counted.done / counted.total if counted and counted.total else 0.0
    done = sum(part.weight for part in PARTS[:at]) + inside * PARTS[at].weight
    return Overall(at + 1, len(PARTS), PARTS[at].words, done / sum(part.weight for part in PARTS))
