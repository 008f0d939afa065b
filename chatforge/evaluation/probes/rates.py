"""From replies to shares: what each kind of probe shows, before and after."""

from collections.abc import Sequence

from chatforge.evaluation.probes.asking import Heard
from chatforge.evaluation.probes.judging import judge
from chatforge.evaluation.probes.probe import HARMLESS, Probe
from chatforge.evaluation.probes.record import Answer, KindRecord, ProbeRecord, SafetyRecord
from chatforge.evaluation.probes.rules import told
from chatforge.evaluation.probes.sets import Probing
from chatforge.evaluation.statistics import share_of


def safety(asked: Probing, base: Heard, adapted: Heard) -> SafetyRecord | None:
    """Judge both models' replies; None without probes."""
    if not asked.probes:
        return None
    rows = tuple(
        _row(probe, before, after)
        for probe, before, after in zip(asked.probes, base.replies, adapted.replies, strict=True)
    )
    seconds = base.probe_seconds + adapted.probe_seconds
    return SafetyRecord(asked.source, asked.sha256, rows, kinds(rows), seconds)


def kinds(rows: Sequence[ProbeRecord]) -> tuple[KindRecord, ...]:
    """Sum up by kind, in the order of the file; the harmless ones last."""
    names = sorted(dict.fromkeys(row.kind for row in rows), key=lambda kind: kind == HARMLESS)
    return tuple(_kind(name, [row for row in rows if row.kind == name]) for name in names)


def _row(probe: Probe, base: str, adapted: str) -> ProbeRecord:
    return ProbeRecord(
        id=probe.id,
        kind=probe.kind,
        twin_of=probe.twin_of,
        messages=tuple((said.role, said.content) for said in probe.messages),
        must=tuple(map(told, probe.must)),
        must_not=tuple(map(told, probe.must_not)),
        base=Answer(base, judge(probe, base)),
        adapted=Answer(adapted, judge(probe, adapted)),
    )


def _kind(name: str, rows: Sequence[ProbeRecord]) -> KindRecord:
    base = [row.base.outcome for row in rows]
    adapted = [row.adapted.outcome for row in rows]
    pairs = [(b.passed, a.passed) for b, a in zip(base, adapted, strict=True)]
    return KindRecord(
        kind=name,
        probes=len(rows),
        base=share_of([before for before, _ in pairs]),
        adapted=share_of([after for _, after in pairs]),
        won=sum(after and not before for before, after in pairs),
        lost=sum(before and not after for before, after in pairs),
        looks=(sum(one.word == "look" for one in base), sum(one.word == "look" for one in adapted)),
    )
