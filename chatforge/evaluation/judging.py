"""From what every rival said and scored to the report with its verdict. No language model is needed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chatforge.evaluation import selfcheck
from chatforge.evaluation.intents import intent_records
from chatforge.evaluation.items import Item
from chatforge.evaluation.likelihood import Likelihood
from chatforge.evaluation.measures import Design
from chatforge.evaluation.measures.calibration import auroc, risk_coverage
from chatforge.evaluation.records import CalibrationRecord, CheckRecord, ItemRecord, Sensitivity, Settings
from chatforge.evaluation.replies import Replies
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE, REFERENCES, SHUFFLED
from chatforge.evaluation.scales import IDENTIFICATION
from chatforge.evaluation.scoring import Scored, Scorer
from chatforge.evaluation.statistics import paired_difference
from chatforge.evaluation.summary import bits_per_byte, differences, gap_closed, nats, rival_record
from chatforge.evaluation.verdict import Standing, best_of, judge, word_of
from chatforge.models.encoder import Encoder


@dataclass(frozen=True)
class Case:
    """All that is judged.

    Attributes:
        scored: every rival, in the order they are shown.
        likelihoods: of every held-out conversation, by the name of the model.
        checks: what was checked before.
        second: the replies judged with a second encoder, if one was asked for.
    """

    items: Sequence[Item]
    design: Design
    scored: Mapping[str, Scored]
    likelihoods: Mapping[str, Sequence[Likelihood]]
    settings: Settings
    facts: Mapping[str, Any]
    checks: Sequence[selfcheck.Check]
    notes: Sequence[str]
    second: Sensitivity | None = None


def report_of(case: Case) -> Report:
    """Give the verdict, and everything that stands behind it."""
    scored, seed, worthwhile = case.scored, case.settings.seed, case.settings.smallest_worthwhile_difference
    checks = [*case.checks, *_checks(case)]
    records = tuple(rival_record(one, case.items, seed) for one in scored.values())
    by_name = {record.name: record for record in records}
    against = differences(scored, worthwhile, seed)
    standings = [
        Standing(one.rival, by_name[one.rival].primary, one.primary)
        for one in against
        if not by_name[one.rival].trained
    ]
    adapted, references = scored[ADAPTED.name].primary, scored[REFERENCES.name].primary
    gap = gap_closed(adapted, scored[best_of(standings).rival].primary, references, seed)
    verdict = judge(
        by_name[ADAPTED.name].primary,
        standings,
        chance=case.design.chance,
        worthwhile=worthwhile,
        failures=[check.what for check in checks if not check.ok],
        gap=gap,
    )
    intents = {item.conversation: item.intent for item in case.items}
    return Report(
        settings=case.settings,
        facts=dict(case.facts),
        chance=case.design.chance,
        ceiling=float(references.mean()),
        conversations=len(adapted),
        items=tuple(_item_record(item) for item in case.items),
        rivals=records,
        against=against,
        gap_closed=gap,
        intents=intent_records(list(intents.values()), scored[BASE.name].primary, adapted, worthwhile, seed),
        calibration=tuple(_calibration(scored, seed)),
        second=case.second,
        bits_per_byte=bits_per_byte(case.likelihoods[BASE.name], case.likelihoods[ADAPTED.name], seed),
        checks=tuple(CheckRecord(name=check.name, ok=check.ok, what=check.what) for check in checks),
        verdict=verdict,
        notes=tuple(case.notes),
        seconds=0.0,
    )


def judged_again(
    items: Sequence[Item], replies: Mapping[str, Replies], encoder: Encoder, design: Design, settings: Settings
) -> Sensitivity:
    """Judge the same replies with another encoder.

    Args:
        encoder: of the name `settings.second_encoder`.
    """
    scorer = Scorer(items, encoder, design)
    scored = {name: scorer.score(name, said) for name, said in replies.items()}
    rivals = [one for one in scored.values() if not (one.rival.trained or one.rival.check_only)]
    best = max(rivals, key=lambda one: float(one.primary.mean()))
    worthwhile = settings.smallest_worthwhile_difference
    found = paired_difference(scored[ADAPTED.name].primary, best.primary, worthwhile=worthwhile, seed=settings.seed)
    return Sensitivity(
        encoder=settings.second_encoder or "", word=word_of(found, worthwhile), rival=best.rival.name, difference=found
    )


def _checks(case: Case) -> list[selfcheck.Check]:
    scored = case.scored
    base, adapted = scored[BASE.name].replies, scored[ADAPTED.name].replies
    foreseen = nats(case.likelihoods[BASE.name]), nats(case.likelihoods[ADAPTED.name])
    references = scored[REFERENCES.name]
    return [
        selfcheck.check_shuffled(scored[SHUFFLED.name].primary, case.design),
        selfcheck.check_references(references.of(IDENTIFICATION.key), references.primary),
        selfcheck.check_adapter(base.texts, adapted.texts, *foreseen),
    ]


def _calibration(scored: Mapping[str, Scored], seed: int) -> list[CalibrationRecord]:
    """Whether base and adapted know when they are right; one that wrote nothing itself is left out."""
    found = []
    for name in (BASE.name, ADAPTED.name):
        one = scored[name]
        sure, scores = one.sureness, one.primary
        there = ~np.isnan(sure)
        if there.any() and (area := auroc(sure[there], scores[there], seed)):
            curve = tuple(risk_coverage(sure[there], scores[there]))
            found.append(CalibrationRecord(rival=name, auroc=area, curve=curve))
    return found


def _item_record(item: Item) -> ItemRecord:
    return ItemRecord(
        conversation=item.conversation,
        intent=item.intent,
        turn=item.turn,
        history=tuple((message.role, message.content) for message in item.history),
        reference=item.reference,
    )
