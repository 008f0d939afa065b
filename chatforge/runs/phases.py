"""The parts of an evaluation in order, and how far it is as a whole.

check ─ look up ─ base foresees ─ base answers ─ base + 2 examples answers … ─ adapted answers ─ judge
                       └─ each counts from 0 on: by itself it says nothing about the whole

Which rivals answer is asked for; the worker tells its phases before the first of them.
"""

from collections.abc import Mapping, Sequence
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


FIRST = Part(("starting", "checking", "loading"), "check data and weights, load encoder", 10)
LAST = Part(("judging",), "self-check, verdict", 5)
_BETWEEN: Sequence[Part] = (
    Part(("looking up train conversations",), "nearest neighbour, parrot, constant", 15),
    Part(("loading base", "base: likelihood of the true replies"), "base foresees the true replies", 30),
    Part(("loading adapted", "adapted: likelihood of the true replies"), "adapted foresees the true replies", 35),
    Part(("base: probes",), "base answers the probes", 75),
    Part(("adapted: probes",), "adapted answers the probes", 80),
)
_ORDINARY = (
    "looking up train conversations",
    *("loading base", "base: likelihood of the true replies", "base: replies"),
    *("loading adapted", "adapted: likelihood of the true replies", "adapted: replies"),
)
"""The phases before those to come are told."""

_ANSWERS = ": replies"
_WEIGHTS: Mapping[str, int] = {
    "base": 72,
    "base, no system message": 60,
    "base + 2 examples": 90,
    "base + 4 examples": 110,
    "adapted + 2 examples": 95,
    "adapted": 77,
}
_OTHER = 75
"""Weight of a phase that this version does not know."""


def parts(course: Course) -> list[Part]:
    """The parts of an evaluation in order, as far as they are known."""
    known = {name: part for part in _BETWEEN for name in part.names}
    between = [known.get(name) or _answering(name) for name in course.ahead or _ORDINARY]
    return list(dict.fromkeys([FIRST, *between, LAST]))


def _answering(phase: str) -> Part:
    """The part of a phase by itself: most of them are a rival's replies."""
    rival = phase.removesuffix(_ANSWERS)
    return Part((phase,), phase if rival == phase else f"{rival} answers", _WEIGHTS.get(rival, _OTHER))


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
    every = parts(course)
    at = next((i for i, part in enumerate(every) if course.phase in part.names), None)
    if at is None:
        return None
    counted = course.progress
    inside = counted.done / counted.total if counted and counted.total else 0.0
    done = sum(part.weight for part in every[:at]) + inside * every[at].weight
    return Overall(at + 1, len(every), every[at].words, done / sum(part.weight for part in every))
