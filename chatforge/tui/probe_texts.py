"""What was asked of both models beside the held-out conversations, and what they said, line by line. Pure.

What was said stands indented with all its lines: none of them can look like a heading of ours.
"""

from collections.abc import Iterator

from chatforge.evaluation.probes import wording as probe_words
from chatforge.evaluation.probes.record import ForgettingRecord, ProbeRecord, ProbesRecord, SafetyRecord
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.tui.signs import Signs
from chatforge.words import plain


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
    rules = [*(f"must: {one}" for one in row.must), *(f"must not: {one}" for one in row.must_not)]
    yield plain(probe_words.outcome_text(row), one_line=True)
    yield plain("; ".join(rules), one_line=True)
    for role, said in row.messages:
        yield from _said(role, said)
    yield from _said(f"{ADAPTED.name} ({row.adapted.outcome.word})", row.adapted.reply)
    yield from _said(f"{BASE.name} ({row.base.outcome.word})", row.base.reply)
    yield ""


def _questions(found: ForgettingRecord) -> Iterator[str]:
    yield f"General questions: {len(found.questions)}, before and after training"
    yield ""
    for row in found.questions:
        yield from _said("user", row.question)
        yield from _said("true answer", row.answer)
        yield from _said(ADAPTED.name, row.adapted)
        yield from _said(BASE.name, row.base)
        yield ""


def _said(who: str, text: str) -> Iterator[str]:
    """What somebody said; lines after the first stand further in."""
    first, *more = plain(text).strip().splitlines() or ["(nothing)"]
    yield f"  {plain(who, one_line=True)}: {first}"
    yield from (f"    {line}" for line in more)
