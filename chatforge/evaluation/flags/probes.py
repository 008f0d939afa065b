"""How many planted meaning flips are flagged, and how many harmless paraphrases: `data/probes/meaning_flips.jsonl`.

{"id": "held-amount-01", "part": "held-out", "kind": "amount", "domain": "customer service", "asked": "",
 "reference": "Express shipping is $18.", "flip": "Express shipping is $8.", "paraphrase": "You pay 18 dollars …"}
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatforge.dialogues.conversation import Message
from chatforge.evaluation.flags.finding import find_flags
from chatforge.evaluation.flags.flag import KINDS, Flag, FlagKind


@dataclass(frozen=True)
class Probe:
    """A true reply, the same with its meaning changed, and the same in other words.

    Attributes:
        part: "development", on which rules were made, or "held-out", on which they are only measured.
        kind: what the flip changes. asked: what was said before; "" if that does not matter.
    """

    id: str
    part: str
    kind: FlagKind
    asked: str
    reference: str
    flip: str
    paraphrase: str

    def flags(self, reply: str) -> tuple[Flag, ...]:
        """Return what is flagged in a reply to this probe."""
        return find_flags(reply, self.reference, [Message("user", self.asked)] if self.asked else [])


@dataclass(frozen=True)
class Count:
    """Counts of one kind.

    Attributes:
        flips: how many were planted. seen: of these, those with any flag. named: those with a flag of this kind.
        harmless: paraphrases. alarms: of these, those with any flag.
    """

    flips: int
    seen: int
    named: int
    harmless: int
    alarms: int


def read_probes(path: Path) -> list[Probe]:
    """Read a file of probes."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Probe(**{name: row[name] for name in Probe.__dataclass_fields__}) for row in rows]


def count(probes: Sequence[Probe]) -> dict[FlagKind, Count]:
    """Count what is flagged, by the kind of the flip."""
    return {kind: _count([probe for probe in probes if probe.kind == kind]) for kind in KINDS}


def _count(probes: Sequence[Probe]) -> Count:
    found = [probe.flags(probe.flip) for probe in probes]
    named = sum(any(flag.kind == probe.kind for flag in flags) for probe, flags in zip(probes, found, strict=True))
    alarms = sum(bool(probe.flags(probe.paraphrase)) for probe in probes)
    return Count(len(probes), sum(map(bool, found)), named, len(probes), alarms)
