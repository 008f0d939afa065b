"""What the doctor has found, as the screens know it: kinds with their places, and what `max_length` costs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatforge.dialogues.checks.finding import CHECKS, SEVERITIES, Severity

PERSONAL = "personal"
"""Id of the kind that tells who somebody is."""

IN_TRAIN = "in-train-"
"""How ids begin of what stands in train, too; the part follows. All others are those of `CHECKS`."""


@dataclass(frozen=True)
class Place:
    """Where something was found.

    Attributes:
        line: where the conversation begins, from 1. name: its id, if it has one. turn: the message, from 1.
        what: what was found there; may hold text from the data.
    """

    file: Path
    line: int
    name: str | None
    turn: int | None
    what: str


@dataclass(frozen=True)
class Kind:
    """All findings of one kind.

    Attributes:
        id: of its `Check`, `PERSONAL`, or `IN_TRAIN` and a part. why: what it does to the result.
        mend: what can be done; "" if a person must. places: the first of them.
    """

    id: str
    severity: Severity
    title: str
    count: int
    why: str
    mend: str
    places: tuple[Place, ...]

    @property
    def mended(self) -> bool:
        """Whether a mended copy does something about it."""
        return self.id in CHECKS and bool(CHECKS[self.id].mend)

    @property
    def special(self) -> bool:
        """Whether it is no fault of single conversations: its title says all of it."""
        return self.id not in CHECKS


@dataclass(frozen=True)
class Limits:
    """What `max_length` costs.

    Attributes:
        now: the limit of the recipe, in tokens. longer: conversations that are longer, of `conversations`.
        keeps_most, keeps_all: the limits that would keep 95 % and all of them whole.
        exact: whether the base's own tokens were counted, not guessed.
    """

    now: int
    longer: int
    conversations: int
    keeps_most: int
    keeps_all: int
    exact: bool


@dataclass(frozen=True)
class Diagnosis:
    """What is known so far.

    Attributes:
        done: conversations that were looked at, in this round. looking: what for; "" when all is known.
        kinds: None while they are being looked for. notes: what was not looked at. problem: why there is no more.
        read: whether all is known that hangs on the files alone, and not on the recipe.
        limits: None while they are not known, and where nothing is too long.
    """

    done: int = 0
    looking: str = "what is wrong"
    kinds: tuple[Kind, ...] | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""
    read: bool = False
    limits: Limits | None = None

    def count(self, severity: Severity) -> int:
        """How many findings are as bad as that; what is no fault of single conversations is not among them."""
        return sum(one.count for one in self.kinds or () if one.severity == severity and not one.special)

    def kind(self, name: str) -> Kind | None:
        """Return the kind with this id, if it was found."""
        return next((one for one in self.kinds or () if one.id == name), None)

    def hear(self, line: bytes) -> "Diagnosis":
        """Return what is known with one more line of the worker; a line that is none of its answers changes nothing."""
        try:
            said = json.loads(line)
            if "problem" in said:
                return replace(self, looking="", problem=str(said["problem"]))
            if "done" in said:
                return replace(self, done=int(said["done"]))
            return self._with(said)
        except (ValueError, LookupError, TypeError, AttributeError):
            return self

    def _with(self, said: Mapping[str, Any]) -> "Diagnosis":
        notes = (*self.notes, *map(str, said.get("notes", ())))
        known = replace(self, done=0, looking=str(said["next"]), notes=notes)
        if "findings" in said:
            return known._more(_kind(name, of_it) for name, of_it in said["findings"].items())
        if "personal" in said:
            return replace(known, read=True)._more([_personal(said["personal"])])
        if "in_train" in said:
            return known._more(_in_train(part, of_it) for part, of_it in said["in_train"].items())
        limits = Limits(**said["limits"]) if said["limits"] else None
        found = (_kind(name, of_it, limits) for name, of_it in said["too_long"].items())
        return replace(known, limits=limits)._more(found)

    def _more(self, kinds: Iterable[Kind | None]) -> "Diagnosis":
        """With more kinds: the worst first, and last what tells who somebody is."""
        found = [*(self.kinds or ()), *filter(None, kinds)]
        return replace(self, kinds=tuple(sorted(found, key=_rank)))


def _rank(kind: Kind) -> tuple[bool, int, bool]:
    return kind.id == PERSONAL, SEVERITIES.index(kind.severity), not kind.special


def _kind(name: str, found: Mapping[str, Any], limits: Limits | None = None) -> Kind:
    check = CHECKS[name]
    places = tuple(_place(one) for one in found["places"])
    mend = _enough(limits) if limits else check.mend
    return Kind(name, check.severity, check.title, int(found["count"]), check.why, mend, places)


def _enough(limits: Limits) -> str:
    about = "" if limits.exact else "about "
    most = f", {about}{limits.keeps_most:,} 95 %" if limits.now < limits.keeps_most < limits.keeps_all else ""
    return f"a max_length of {about}{limits.keeps_all:,} would keep all of them{most}"


def _personal(found: Mapping[str, Any]) -> Kind | None:
    kinds = found["kinds"]
    if not kinds:
        return None
    total, touched = sum(int(of_it["count"]) for of_it in kinds.values()), int(found["touched"])
    told = ", ".join(f"{kind} {of_it['count']:,}" for kind, of_it in kinds.items())
    places = sorted(
        (_place(one, f"{kind}: ") for kind, of_it in kinds.items() for one in of_it["places"]),
        key=lambda place: (str(place.file), place.line, place.turn or 0),
    )
    return Kind(
        PERSONAL, "warning", f"personal details in {touched:,} conversation{'s' if touched != 1 else ''}", total,
        f"{told}. A model can repeat what it has learned, to anybody.", "an anonymised copy has others in their place",
        tuple(places),
    )  # fmt: skip


def _in_train(part: str, found: Mapping[str, Any]) -> Kind | None:
    """What of a part is in train too: what it costs hangs on the part, and on how much the recipe allows."""
    count, of, most = int(found["count"]), int(found["of"]), float(found["most"])
    if not count:
        return None
    shares = ", ".join(f"{level} {share:.1%}" for level, share in found["shares"].items())
    refused = part == "test" and count > most * of
    if part == "valid":
        cost = "What is known already cannot tell when to stop."
    elif refused:
        cost = f"More than data.max_overlap ({most:.0%}): a run is refused."
    else:
        cost = f"Up to data.max_overlap ({most:.0%}): scores will be given with and without them."
    title = f"{count:,} of {of:,} {part} conversations are in train, too ({count / of:.0%})"
    places = tuple(_place(one) for one in found["places"])
    mend = f"take them out of train or of {part}, in the files"
    return Kind(f"{IN_TRAIN}{part}", "error" if refused else "warning", title, count, f"{shares}\n{cost}", mend, places)


def _place(said: Sequence[Any], before: str = "") -> Place:
    file, line, name, turn, what = said
    return Place(Path(file), int(line), name, turn, f"{before}{what}")
