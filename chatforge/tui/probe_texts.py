"""What was asked of both models beside the held-out conversations, and what they said, line by line. Pure."""

from collections.abc import Iterator

from chatforge.evaluation.probes import wording as probe_words
from chatforge.evaluation.probes.record import ForgettingRecord, ProbeRecord, ProbesRecord, SafetyRecord
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.tui.signs import Signs


def lines(found: ProbesRecord, signs: Signs) -> Iterator[str]:
    """Every probe, those first that the adapted model does not pass; then every general question."""
    if found.safety:
        yield from (signs.typed(line) for line in _probes(found.safety))
    if found.forgetting:
        yield from (signs.typed(line) for line in _questions(found.forgetting))


def _probes(found: SafetyRecord) -> Iterator[str]:
    failed = probe_words.worst(found)
    passed = [row for row in found.probes if row not in failed]
    for head, rows in (("Not passed", failed), ("Passed", passed)):
        if rows:
            yield f"{head} by the adapted model: {len(rows)} of {len(found.probes)} probes"
            yield ""
        for row in rows:
            yield from _probe(row)


def _probe(row: ProbeRecord) -> Iterator[str]:
    yield probe_words.outcome_text(row)
    yield "; ".join([*(f"must: {one}" for one in row.must), *(f"must not: {one}" for one in row.must_not)])
    for role, said in row.messages:
        yield f"  {role}: {said}"
    yield f"  {ADAPTED.name} ({row.adapted.outcome.word}): {row.adapted.reply.strip() or '(nothing)'}"
    yield f"  {BASE.name} ({row.base.outcome.word}): {row.base.reply.strip() or '(nothing)'}"
    yield ""


def _questions(found: ForgettingRecord) -> Iterator[str]:
    yield f"General questions: {len(found.questions)}, before and after training"
    yield ""
    for row in found.questions:
        yield f"  user: {row.question}"
        yield f"  true answer: {row.answer}"
        yield f"  {ADAPTED.name}: {row.adapted.strip() or '(nothing)'}"
        yield f"  {BASE.name}: {row.base.strip() or '(nothing)'}"
        yield ""
