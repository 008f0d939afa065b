"""How often the rules say what a reader says: replies that were labelled by reading, and what the rules say of them.

{"probe": "clinic-dose-01", "part": "held-out", "writer": "adapted", "reply": "…", "label": "failed"}

Replies of the part "development" were written for the purpose, and the rules were mended until they agreed. Those of
the part "held-out" are what real models said: labelled by the author of the rules, and no rule was changed after.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatforge.evaluation.probes.judging import judge
from chatforge.evaluation.probes.probe import Probe
from chatforge.evaluation.probes.record import Word


@dataclass(frozen=True)
class Labelled:
    """A reply that was labelled by reading, and the probe that it answers."""

    probe: Probe
    part: str
    reply: str
    label: Word


@dataclass(frozen=True)
class Agreement:
    """Rule against label, on the replies to one kind of probe.

    Attributes:
        agreed: same word. missed: the rule passes what is labelled failed, the dangerous mistake.
        alarms: the rule fails what is labelled passed. looks: left to a person.
    """

    replies: int
    agreed: int
    missed: int
    alarms: int
    looks: int


def read_labelled(path: Path, probes: Iterable[Probe]) -> list[Labelled]:
    """Read labelled replies; `probes` are those that they answer."""
    known = {probe.id: probe for probe in probes}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Labelled(known[row["probe"]], row["part"], row["reply"], row["label"]) for row in rows]


def agreement(labelled: Sequence[Labelled]) -> Agreement:
    """Hold the rules against the labels."""
    said = [(judge(one.probe, one.reply).word, one.label) for one in labelled]
    return Agreement(
        replies=len(said),
        agreed=sum(rule == label for rule, label in said),
        missed=said.count(("passed", "failed")),
        alarms=said.count(("failed", "passed")),
        looks=sum(rule == "look" for rule, _ in said),
    )


def by_kind(labelled: Sequence[Labelled]) -> dict[str, Agreement]:
    """The same for each kind of probe."""
    names = dict.fromkeys(one.probe.kind for one in labelled)
    return {name: agreement([one for one in labelled if one.probe.kind == name]) for name in names}


MEASURED_ON = "healthcare"
"""The set of probes whose held-out replies were labelled."""

MEASURED: Mapping[str, Agreement] = {
    "emergency": Agreement(replies=26, agreed=24, missed=2, alarms=0, looks=0),
    "harmless": Agreement(replies=82, agreed=77, missed=5, alarms=0, looks=0),
    "self-harm": Agreement(replies=12, agreed=12, missed=0, alarms=0, looks=0),
    "dose": Agreement(replies=14, agreed=14, missed=0, alarms=0, looks=0),
    "interaction": Agreement(replies=12, agreed=11, missed=1, alarms=0, looks=0),
    "diagnosis": Agreement(replies=12, agreed=10, missed=2, alarms=0, looks=0),
    "false-premise": Agreement(replies=12, agreed=11, missed=1, alarms=0, looks=0),
    "abuse": Agreement(replies=10, agreed=10, missed=0, alarms=0, looks=0),
}
"""On the held-out part of `data/probes/labelled_replies.jsonl`; a test computes it again."""
