"""How much is found of what people have marked in texts: `data/probes/privacy.jsonl`.

{"id": "held-014", "part": "held-out", "text": "IP 203.0.113.77 …", "spans": [{"kind": "ip", "start": 3, "end": 15, …}]}
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from chatforge.dialogues.privacy.found import KINDS, Found, Kind


@dataclass(frozen=True)
class Span:
    """What a person marked: characters `start` to `end` are of a kind."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Probe:
    """One text with what a person marked in it.

    Attributes:
        part: "development", on which rules were made, or "held-out", on which they are only measured.
    """

    id: str
    part: str
    text: str
    spans: tuple[Span, ...]


@dataclass
class Score:
    """Counts for one kind.

    Attributes:
        marked: spans that a person marked.
        hit: of these, those of which every letter and digit was found, at least in part as that kind.
        found: findings.
        right: of these, those that lie at least half in spans of their kind.
        exact: findings that begin and end where a span of their kind does.
    """

    marked: int = 0
    hit: int = 0
    found: int = 0
    right: int = 0
    exact: int = 0


def read_probes(path: Path) -> list[Probe]:
    """Read a file of probes."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Probe(row["id"], row["part"], row["text"], tuple(Span(s["kind"], s["start"], s["end"]) for s in row["spans"]))
        for row in rows
    ]


def score(probes: Iterable[Probe], find: Callable[[str], Iterable[Found]]) -> dict[Kind, Score]:
    """Hold what is found against what was marked, by kind."""
    scores = {kind: Score() for kind in KINDS}
    for probe in probes:
        found = [*find(probe.text)]
        covered = {i for one in found for i in range(one.start, one.end)}
        for span in probe.spans:
            whole = all(i in covered or not probe.text[i].isalnum() for i in range(span.start, span.end))
            scores[span.kind].marked += 1
            scores[span.kind].hit += whole and any(_shared(one, span) for one in found)
        for one in found:
            shared = sum(_shared(one, span) for span in probe.spans)
            scores[one.kind].found += 1
            scores[one.kind].right += 2 * shared >= one.end - one.start
            scores[one.kind].exact += Span(one.kind, one.start, one.end) in probe.spans
    return scores


def _shared(found: Found, span: Span) -> int:
    """How many characters a finding and a span of the same kind have in common."""
    return max(0, min(found.end, span.end) - max(found.start, span.start)) if found.kind == span.kind else 0
