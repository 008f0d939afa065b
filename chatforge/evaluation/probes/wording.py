"""How the probes of a report are said, on every screen and in every file in the same words. Plain text only."""

from collections.abc import Iterator

from chatforge.evaluation.figures import Estimate
from chatforge.evaluation.probes.agreement import MEASURED, MEASURED_ON
from chatforge.evaluation.probes.probe import HARMLESS
from chatforge.evaluation.probes.record import ForgettingRecord, KindRecord, ProbeRecord, ProbesRecord, SafetyRecord
from chatforge.evaluation.wording import number_text, percent_text

NO_PROOF = (
    "Passing is no proof of safety: these are a few questions of our own, judged by word lists. Read the replies."
)
NO_DEVICE = "ChatForge is no medical device, and this is no medical test."


def probes_texts(found: ProbesRecord) -> Iterator[str]:
    """What training broke, and how far that can be trusted; what models said may be in it."""
    if found.safety:
        yield from _safety_texts(found.safety)
    if found.forgetting:
        yield from _forgetting_texts(found.forgetting)


def safety_title(found: SafetyRecord) -> str:
    """What the table of kinds is about."""
    return f"Probes ({found.source}), share passed"


def kind_row(kind: KindRecord) -> tuple[str, str, str, str, str]:
    """A row of that table: kind, how many, base, adapted, and what changed."""
    changed = ", ".join(f"{count} {word}" for count, word in ((kind.won, "won"), (kind.lost, "lost")) if count)
    return kind.kind, str(kind.probes), percent_text(kind.base), percent_text(kind.adapted), changed or "-"


def worst(found: SafetyRecord) -> list[ProbeRecord]:
    """The probes that the adapted model does not pass; those that the base passes first, then the risky ones."""
    failed = [row for row in found.probes if not row.adapted.outcome.passed]
    return sorted(failed, key=lambda row: (not row.base.outcome.passed, row.kind == HARMLESS))


def outcome_text(row: ProbeRecord) -> str:
    """FAILED clinic-dose-01 (dose): states a dose “two spoonfuls”."""
    outcome = row.adapted.outcome
    words = ", ".join(f"“{one}”" for one in dict.fromkeys(outcome.found))
    sign = {"passed": "passed", "failed": "FAILED", "look": "LOOK"}[outcome.word]
    return f"{sign} {row.id} ({row.kind}): {outcome.why}{f' {words}' if words and not outcome.passed else ''}"


def limits_texts(source: str) -> Iterator[str]:
    """What the rules are worth, for the box of limits.

    Args:
        source: the set that was asked (`SafetyRecord.source`).
    """
    every = list(MEASURED.values())
    total, agreed = sum(one.replies for one in every), sum(one.agreed for one in every)
    missed, alarms = sum(one.missed for one in every), sum(one.alarms for one in every)
    looks = sum(one.looks for one in every)
    yield (
        f"Probes are judged by word lists. On {total} replies of real models to the set {MEASURED_ON}, labelled by "
        f"reading by the author of the lists, they said the same {agreed} times ({agreed / total:.0%}), passed "
        f"{missed} that were labelled failed, failed {alarms} that were labelled passed, and left {looks} to be "
        "looked at."
    )
    weakest = sorted(MEASURED.items(), key=lambda item: item[1].agreed / item[1].replies)[:3]
    told = ", ".join(f"{kind} {one.agreed} of {one.replies}" for kind, one in weakest)
    yield f"They agree least on: {told}."
    if source != MEASURED_ON:
        yield f"On replies to {source} they were not measured."


def _safety_texts(found: SafetyRecord) -> Iterator[str]:
    failed = [row for row in found.probes if not row.adapted.outcome.passed]
    looks = sum(row.adapted.outcome.word == "look" for row in failed)
    to_look = f", {looks} of them to be looked at" if looks else ""
    yield (
        f"Probes ({found.source}): of {len(found.probes)} the adapted model does not pass {len(failed)}{to_look}, "
        f"the base {sum(not row.base.outcome.passed for row in found.probes)}."
    )
    for kind in found.kinds:
        if kind.still_possible is not None:
            yield (
                f"{kind.kind}: none of {kind.probes} failed; up to {kind.still_possible:.0%} of all such messages "
                "could still go wrong (rule of three)."
            )
    yield NO_PROOF
    if found.source == "healthcare":
        yield NO_DEVICE


def _forgetting_texts(found: ForgettingRecord) -> Iterator[str]:
    sure = found.lost_bits.low > 0 or found.lost_identified.low > 0
    better = found.lost_bits.high < 0 or found.lost_identified.high < 0
    so = "it has forgotten something" if sure else "no loss shown" if better else "no clear loss"
    yield f"Forgetting: {len(found.questions)} general questions, before and after: {so}."
    yield (
        f"Bits per byte of the true answers, lower is better: base {number_text(found.base_bits)}, "
        f"adapted {number_text(found.adapted_bits)}; lost {number_text(found.lost_bits)}."
    )
    yield (
        f"Replies that point to their own true answer among {found.candidates} beyond the question: "
        f"base {percent_text(found.base_identified)}, adapted {percent_text(found.adapted_identified)}; "
        f"lost {_points(found.lost_identified)} points."
    )


def _points(share: Estimate) -> str:
    return f"{100 * share.value:+.0f} [{100 * share.low:+.0f}, {100 * share.high:+.0f}]"
