"""The evaluation of a run: every rival is heard and scored, then judged.

Every score is told as soon as it is known.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.gate import compare
from chatforge.dialogues.rendering import Renderer
from chatforge.errors import UserError
from chatforge.evaluation.facts import Facts
from chatforge.evaluation.flags.house import house_quantities
from chatforge.evaluation.flags.quantities import read_quantities
from chatforge.evaluation.flags.quantity import Quantity
from chatforge.evaluation.hearing import Emit, Models, Options, hear
from chatforge.evaluation.items import choose_items
from chatforge.evaluation.judging import Case, judged_again, report_of
from chatforge.evaluation.measures import FEWEST, Design, make_design
from chatforge.evaluation.measures.complete import Complete
from chatforge.evaluation.memorisation.probing import memorisation
from chatforge.evaluation.overlap import check_overlap, overlap_record
from chatforge.evaluation.probes.summary import probes_record
from chatforge.evaluation.records import Settings
from chatforge.evaluation.replies import Replies
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE, ordered
from chatforge.evaluation.scoring import Scored, Scorer
from chatforge.evaluation.selfcheck import Check
from chatforge.evaluation.statistics import mean_interval
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
    checks: Sequence[Check] = (),
    sheet: Facts | None = None,
    second: Encoder | None = None,
) -> Report:
    """Compare the adapted model with everything one could have without training.

    Args:
        train: what retrieval and the constant reply draw from; valid: chooses the constant; test: judges, and
            nothing is chosen on it.
        facts: hashes, versions and hardware, kept in the report as they are.
        emit: takes progress.
        checks: what was checked of the run before.
        sheet: what the corpus's fact sheet says.
        second: an encoder to judge the same replies with once more.

    Raises:
        UserError: fewer than 3 held-out conversations.
    """
    started = time.monotonic()
    items = choose_items(test, options.seed, options.conversations, options.turns_per_conversation)
    names = dict.fromkeys(item.conversation for item in items)
    if len(names) < FEWEST:
        raise UserError(
            f"{len(names)} held-out conversations: a reply cannot be compared with others",
            field="evaluation.conversations" if len(test) >= FEWEST else "data.test",
            hint=f"give at least {FEWEST}; 100 or more for a verdict",
        )
    design = make_design(len(items), options.candidates, options.seed, [item.conversation for item in items])
    judged = [conversation for conversation in test if conversation.id in names]
    complete = Complete([item.reference for item in items], encoder, sheet)
    scorer = Scorer(items, encoder, design, complete, _known(train, models.renderer, sheet))
    found: dict[str, Scored] = {}

    def take(name: str, replies: Replies) -> None:
        found[name] = one = scorer.score(name, replies)
        mean = mean_interval(one.primary, options.seed)
        emit(ScoredEvent(name, mean.value, mean.low, mean.high, design.chance))

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
    scored = {name: found[name] for name in ordered(found)}
    notes = [*hearing.notes, *_notes(scored, scorer.truncated, design, options)]
    for note in notes:
        emit(Note(note))
    settings = _settings(models.renderer, options, design)
    leaks = compare(test, train)
    case = Case(
        items,
        design,
        scored,
        hearing.likelihoods,
        settings,
        facts,
        [*checks, check_overlap(leaks, options.max_overlap)],
        notes,
        judged_again(items, hearing.replies, second, design, settings) if second else None,
    )
    report = report_of(case)
    if report.ceiling < LOW_CEILING:
        emit(WarningEvent(f"many true replies have the same text: no score can exceed {report.ceiling:.0%}"))
    known = memorisation(hearing.asked, hearing.remembered[BASE.name], hearing.remembered[ADAPTED.name])
    overlap = overlap_record(leaks, test, items, scored, settings.smallest_worthwhile_difference, settings.seed)
    probes = probes_record(options.probing, hearing.probed, encoder, options.seed)
    took = time.monotonic() - started
    return report.model_copy(update={"memorisation": known, "overlap": overlap, "probes": probes, "seconds": took})


def _known(train: Sequence[Conversation], renderer: Renderer, sheet: Facts | None) -> list[Quantity]:
    """What no reply has invented: what the house often says in train, the system message, and the fact sheet."""
    told = sheet.known.quantities if sheet else ()
    return [*house_quantities(train), *read_quantities(renderer.system), *told]


def _settings(renderer: Renderer, options: Options, design: Design) -> Settings:
    return Settings(
        candidates=design.candidates,
        max_new_tokens=options.max_new_tokens,
        seed=options.seed,
        smallest_worthwhile_difference=options.smallest_worthwhile_difference,
        encoder=options.encoder,
        second_encoder=options.second_encoder,
        facts=options.facts,
        turns_per_conversation=options.turns_per_conversation,
        decoding="greedy",
        prompt_sha256=renderer.fingerprint(),
    )


def _notes(scored: Mapping[str, Scored], cut: int, design: Design, options: Options) -> list[str]:
    notes = [f"{name}: {note}" for name, one in scored.items() for note in one.replies.notes]
    if cut:
        longer = "reply is" if cut == 1 else "replies are"
        notes.append(f"{cut} {longer} longer than the encoder's window: the end does not count")
    if design.candidates < options.candidates:
        notes.append(
            f"only {design.candidates} candidates per reply instead of {options.candidates}: "
            "there are too few held-out conversations"
        )
    return notes
