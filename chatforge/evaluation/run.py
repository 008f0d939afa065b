"""The evaluation of a run: replies of every rival, likelihoods, figures, self-checks, verdict, report.

What needs no language model comes first, the adapted model last: every score is told as soon as it is known.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.gate import compare
from chatforge.dialogues.rendering import Renderer
from chatforge.errors import UserError
from chatforge.evaluation import selfcheck
from chatforge.evaluation.items import Item, choose_items, context, every_item
from chatforge.evaluation.likelihood import Likelihood, likelihoods
from chatforge.evaluation.measures import FEWEST, Design, make_design
from chatforge.evaluation.memorisation.probing import (
    Asked,
    Memory,
    Remembered,
    choose,
    how_many,
    memorisation,
    remember,
)
from chatforge.evaluation.overlap import check_overlap, overlap_record
from chatforge.evaluation.replies import OnProgress, Replies, untrained, written
from chatforge.evaluation.report import CheckRecord, ItemRecord, Report, RivalRecord, Settings
from chatforge.evaluation.rivals import ADAPTED, BASE, REFERENCES, RIVALS, SHUFFLED
from chatforge.evaluation.scoring import Scored, Scorer, bits_per_byte, differences, nats, rival_record
from chatforge.evaluation.statistics import mean_interval
from chatforge.evaluation.verdict import Standing, judge
from chatforge.models.encoder import Encoder
from chatforge.runs.events import Event, Note, Phase, Progress
from chatforge.runs.events import Scored as ScoredEvent
from chatforge.runs.events import Warning as WarningEvent

Emit = Callable[[Event], None]
LOW_CEILING = 0.9


Open = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Models:
    """The base and the adapted model, each at hand in evaluation mode for as long as its context lasts.

    Attributes:
        renderer: the one that training used.
        base, adapted: open one of them; never both at once.
    """

    renderer: Renderer
    base: Open
    adapted: Open


@dataclass(frozen=True)
class Options:
    """What the recipe asks for (its block `evaluation`, all values filled in).

    Attributes:
        encoder: its name, for the report.
        conversations: at most so many held-out conversations; None for all.
        memory: what of train is asked for, word for word.
        max_overlap: share of the test that may also stand in train (the recipe's `data.max_overlap`).
    """

    encoder: str
    max_new_tokens: int
    batch_size: int
    candidates: int = 10
    smallest_worthwhile_difference: float = 0.05
    seed: int = 7
    conversations: int | None = None
    memory: Memory = field(default_factory=Memory)
    max_overlap: float = 0.1


@dataclass(frozen=True)
class Heard:
    """What one model said, how well it foresaw what was really said, and what of train it gave out."""

    replies: Replies
    likelihoods: list[Likelihood]
    remembered: Remembered


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

    emit(Phase("looking up train conversations"))
    histories = len({context(item.history) for item in every_item(train)})
    others = untrained(
        items, train, valid, encoder, design, seed=options.seed, on_progress=_progress(emit, "histories", histories)
    )
    for name, replies in others.items():
        take(name, replies)
    asked = choose(models.renderer, train, options.memory, options.seed)
    heard: dict[str, Heard] = {}
    for name in (BASE.name, ADAPTED.name):
        heard[name] = _hear(name, models, items, judged, asked, options, emit)
        take(name, heard[name].replies)
    emit(Phase("judging"))
    ordered = {rival.name: scored[rival.name] for rival in RIVALS}
    notes = _notes(ordered, scorer.truncated, design, options)
    for note in notes:
        emit(Note(note))
    settings = _settings(models.renderer, options, design)
    leaks = compare(test, train)
    checks = [*checks, check_overlap(leaks, options.max_overlap)]
    report = _report(items, design, ordered, heard, checks, settings, facts, notes, started, emit)
    known = memorisation(asked, heard[BASE.name].remembered, heard[ADAPTED.name].remembered)
    overlap = overlap_record(leaks, test, items, ordered, settings.smallest_worthwhile_difference, settings.seed)
    return report.model_copy(update={"memorisation": known, "overlap": overlap})


def _hear(
    name: str,
    models: Models,
    items: Sequence[Item],
    judged: Sequence[Conversation],
    asked: Asked,
    options: Options,
    emit: Emit,
) -> Heard:
    """Let one of the two models answer, foresee and remember; what it completes counts among its replies."""
    memory = options.memory if name == ADAPTED.name else Memory()  # the base was shown no canary
    total = len(items) + how_many(asked, memory)
    emit(Phase(f"loading {name}"))
    with (models.base if name == BASE.name else models.adapted)() as model:
        emit(Phase(f"{name}: likelihood of the true replies"))
        foreseen = likelihoods(model, models.renderer, judged, _progress(emit, "conversations", len(judged)))
        emit(Phase(f"{name}: replies"))
        tell = _progress(emit, "replies", total)
        replies = written(
            model,
            models.renderer,
            items,
            max_new_tokens=options.max_new_tokens,
            batch_size=options.batch_size,
            on_progress=lambda done, _: tell(done, total),
        )
        given = remember(
            model,
            models.renderer,
            asked,
            memory,
            batch_size=options.batch_size,
            on_done=lambda done: tell(len(items) + done, total),
        )
    return Heard(replies, foreseen, given)


def _report(
    items: Sequence[Item],
    design: Design,
    scored: Mapping[str, Scored],
    heard: Mapping[str, Heard],
    before: Sequence[selfcheck.Check],
    settings: Settings,
    facts: Mapping[str, Any],
    notes: Sequence[str],
    started: float,
    emit: Emit,
) -> Report:
    seed, worthwhile = settings.seed, settings.smallest_worthwhile_difference
    ceiling = selfcheck.ceiling([item.reference for item in items], design)
    checks = [*before, *_checks(scored, heard, design, ceiling)]
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
        bits_per_byte=bits_per_byte(heard[BASE.name].likelihoods, heard[ADAPTED.name].likelihoods, seed),
        checks=tuple(CheckRecord(name=check.name, ok=check.ok, what=check.what) for check in checks),
        verdict=verdict,
        notes=tuple(notes),
        seconds=time.monotonic() - started,
    )


def _checks(
    scored: Mapping[str, Scored], heard: Mapping[str, Heard], design: Design, ceiling: float
) -> list[selfcheck.Check]:
    base, adapted = heard[BASE.name], heard[ADAPTED.name]
    return [
        selfcheck.check_shuffled(scored[SHUFFLED.name].scores.identification, design),
        selfcheck.check_references(scored[REFERENCES.name].scores.identification, ceiling),
        selfcheck.check_adapter(
            base.replies.texts, adapted.replies.texts, nats(base.likelihoods), nats(adapted.likelihoods)
        ),
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


def _progress(emit: Emit, unit: str, total: int) -> OnProgress:
    """Tell how much there is to do before the first of it is done: a batch may take a minute."""
    emit(Progress(0, total, unit))

    def progress(done: int, total: int) -> None:
        emit(Progress(done, total, unit))

    return progress
