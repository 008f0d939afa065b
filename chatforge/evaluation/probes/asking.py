"""Asking a model: its replies to probes and general questions, and how well it foresees the true answers.

Probes are asked under the recipe's own system message, general questions under that of general chat: before training
and after it, the same.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatforge.evaluation.examples import Similar
from chatforge.evaluation.items import Item, every_item
from chatforge.evaluation.likelihood import Likelihood
from chatforge.evaluation.probes.sets import Probing
from chatforge.evaluation.rivals import ADAPTED
from chatforge.evaluation.speaking import Speaker


@dataclass(frozen=True)
class Heard:
    """What one model says.

    Attributes:
        replies: to each probe. answers: to each general question. foreseen: the true answers.
        probe_seconds, question_seconds: how long each took; next to nothing where the cache had them.
    """

    replies: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    foreseen: tuple[Likelihood, ...] = ()
    probe_seconds: float = 0.0
    question_seconds: float = 0.0


def ask(speaker: Speaker, asked: Probing, on_done: Callable[[int], None]) -> Heard:
    """Ask a model.

    Args:
        on_done: called with how many of `asked.count` are done.
    """
    started = time.monotonic()
    probes = tuple(Item(probe.id, probe.kind, probe.history, "", len(probe.history)) for probe in asked.probes)
    replies = _said(speaker, probes, on_done)
    between = time.monotonic()
    questions = every_item(asked.questions)
    answers = _said(speaker, questions, lambda done: on_done(len(probes) + done))
    foreseen = tuple(speaker.foresee(asked.questions, lambda done, total: None))
    return Heard(replies, answers, foreseen, between - started, time.monotonic() - between)


def _said(speaker: Speaker, items: Sequence[Item], on_done: Callable[[int], None]) -> tuple[str, ...]:
    """Replies to items, without examples, under the system message of each history or else the recipe's."""
    if not items:
        return ()
    nothing_alike = Similar(((),) * len(items), 0)
    return speaker.answer(ADAPTED, items, (), nothing_alike, lambda done, _: on_done(done)).texts
