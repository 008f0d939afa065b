"""The evaluation of a run: replies of every rival, likelihoods, figures, self-checks, verdict, report.

Every score is told as soon as it is known.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.gate import compare
from chatforge.dialogues.rendering import Renderer
from chatforge.errors import UserError
from chatforge.evaluation import selfcheck
from chatforge.evaluation.hearing import Emit, Hearing, Models, Options, hear
from chatforge.evaluation.items import Item, choose_items
from chatforge.evaluation.measures import FEWEST, Design, make_design
from chatforge.evaluation.memorisation.probing import memorisation
from chatforge.evaluation.overlap import check_overlap, overlap_record
from chatforge.evaluation.replies import Replies
from chatforge.evaluation.report import CheckRecord, ItemRecord, Report, RivalRecord, Settings
from chatforge.evaluation.rivals import ADAPTED, BASE, REFERENCES, RIVALS, SHUFFLED
from chatforge.evaluation.scoring import Scored, Scorer, bits_per_byte, differences, nats, rival_record
from chatforge.evaluation.statistics import mean_interval
from chatforge.evaluation.verdict import Standing, judge
from chatforge.models.encoder import Encoder
from chatforge.runs.events import Note, Phase
from chatforge.runs.events import Scored as ScoredEvent
from chatforge.runs.events import Warning as WarningEvent

LOW_CEILING = 0.9


def evaluate(
    models: Models,
    encoder: Encoder,
    *,
    train: Sequence[Conversation],
    valid: Sequence[Conversation],
    test: Sequence[Conversation],
    options: Options,
    facts: Mapping[str, Any],
    emit: Emit,
    checks: Sequence[selfcheck.Check] = (),
) -> Report:
    """Compare the adapted model with everything one could have without training.

    Args:
        train: what retrieval and the constant reply draw from; valid: chooses the constant; test: judges, and
            nothing is chosen on it.
        facts: hashes, versions and hardware, kept in the report as they are.
        emit: takes progress.
        checks: what was checked of the run before.

    Raises:
        UserError: fewer than 3 held-out conversations.
    """
    started = time.monotonic()
    items = choose_items(test, options.seed, options.conversations)
    if len(items) < FEWEST:
        raise UserError(
            f"{len(items)} held-out conversations: a reply cannot be compared with others",
            field="evaluation.conversations" if len(test) >= FEWEST else "data.test",
            hint=f"give at least {FEWEST}; 100 or more for a verdict",
        )
    design = make_design(len(items), options.candidates, options.seed)
    kept = {item.conversation for item in items}
    judged = [conversation for conversation in test if conversation.id in kept]
    scorer = Scorer(items, encoder, design)
    scored: dict[str, Scored] = {}

    def take(name: str, replies: Replies) -> None:
        scored[name] = one = scorer.score(name, replies)
        found = mean_interval(one.scores.identification, options.seed)
        emit(ScoredEvent(name, found.value, found.low, found.high, design.chance))

    hearing = hear(
        models,
        encoder,
        items,
        train=train,
        valid=valid,
        judged=judged,
        design=design,
        options=options,
        emit=emit,
        take=take,
    )
    emit(Phase("judging"))
    ordered = {rival.name: scored[rival.name] for rival in RIVALS}
    notes = _notes(ordered, scorer.truncated, design, options)
    for note in notes:
        emit(Note(note))
    settings = _settings(models.renderer, options, design)
    leaks = compare(test, train)
    checks = [*checks, check_overlap(leaks, options.max_overlap)]
    report = _report(items, design, ordered, hearing, checks, settings, facts, notes, started, emit)
    known = memorisation(hearing.asked, hearing.remembered[BASE.name], hearing.remembered[ADAPTED.name])
    overlap = overlap_record(leaks, test, items, ordered, settings.smallest_worthwhile_difference, settings.seed)
    return report.model_copy(update={"memorisation": known, "overlap": overlap})


def _report(
    items: Sequence[Item],
    design: Design,
    scored: Mapping[str, Scored],
    hearing: Hearing,
    before: Sequence[selfcheck.Check],
    settings: Settings,
    facts: Mapping[str, Any],
    notes: Sequence[str],
    started: float,
    emit: Emit,
) -> Report:
    seed, worthwhile = settings.seed, settings.smallest_worthwhile_difference
    ceiling = selfcheck.ceiling([item.reference for item in items], design)
    checks = [*before, *_checks(scored, hearing, design, ceiling)]
    if ceiling < LOW_CEILING:
        emit(WarningEvent(f"many true replies are the same text: identification cannot exceed {ceiling:.0%}"))
    records = tuple(rival_record(one, items, seed) for one in scored.values())
    by_name = {record.name: record for record in records}
    against = differences(scored, worthwhile, seed)
    verdict = judge(
        by_name[ADAPTED.name].identification,
        [Standing(a.rival, by_name[a.rival].identification, a.identification) for a in against],
        chance=design.chance,
        worthwhile=worthwhile,
        failures=[check.what for check in checks if not check.ok],
    )
    return Report(
        settings=settings,
        facts=dict(facts),
        chance=design.chance,
        ceiling=ceiling,
        items=tuple(_item_record(item, others) for item, others in zip(items, design.others.tolist(), strict=True)),
        rivals=_order(records),
        against=against,
        bits_per_byte=bits_per_byte(hearing.likelihoods[BASE.name], hearing.likelihoods[ADAPTED.name], seed),
        checks=tuple(CheckRecord(name=check.name, ok=check.ok, what=check.what) for check in checks),
        verdict=verdict,
        notes=tuple(notes),
        seconds=time.monotonic() - started,
    )


def _checks(scored: Mapping[str, Scored], hearing: Hearing, design: Design, ceiling: float) -> list[selfcheck.Check]:
    base, adapted = scored[BASE.name].replies, scored[ADAPTED.name].replies
    foreseen = nats(hearing.likelihoods[BASE.name]), nats(hearing.likelihoods[ADAPTED.name])
    return [
        selfcheck.check_shuffled(scored[SHUFFLED.name].scores.identification, design),
        selfcheck.check_references(scored[REFERENCES.name].scores.identification, ceiling),
        selfcheck.check_adapter(base.texts, adapted.texts, *foreseen),
    ]


def _order(records: Sequence[RivalRecord]) -> tuple[RivalRecord, ...]:
    names = [rival.name for rival in RIVALS]
    return tuple(sorted(records, key=lambda record: names.index(record.name)))


def _item_record(item: Item, others: Sequence[int]) -> ItemRecord:
    return ItemRecord(
        conversation=item.conversation,
        intent=item.intent,
        turn=item.turn,
        history=tuple((message.role, message.content) for message in item.history),
        reference=item.reference,
        others=tuple(others),
    )


def _settings(renderer: Renderer, options: Options, design: Design) -> Settings:
    return Settings(
        candidates=design.candidates,
        max_new_tokens=options.max_new_tokens,
        seed=options.seed,
        smallest_worthwhile_difference=options.smallest_worthwhile_difference,
        encoder=options.encoder,
        decoding="greedy",
        prompt_sha256=renderer.fingerprint(),
    )


def _notes(scored: Mapping[str, Scored], cut: int, design: Design, options: Options) -> tuple[str, ...]:
    notes = [f"{name}: {note}" for name, one in scored.items() for note in one.replies.notes]
    if cut:
        longer = "reply is" if cut == 1 else "replies are"
        notes.append(f"{cut} {longer} longer than the encoder's window: the end does not count")
    if design.candidates < options.candidates:
        notes.append(
            f"only {design.candidates} candidates per reply instead of {options.candidates}: "
            "there are too few held-out conversations"
        )
    return tuple(notes)
