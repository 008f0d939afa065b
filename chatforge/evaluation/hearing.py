"""What every rival says to the held-out conversations, and how well the two models foresee what was really said.

What needs no language model comes first, the adapted model last.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.rendering import Renderer
from chatforge.evaluation.items import Item, context, every_item
from chatforge.evaluation.likelihood import Likelihood, likelihoods
from chatforge.evaluation.measures import Design
from chatforge.evaluation.memorisation.probing import Asked, Memory, Remembered, choose, how_many, remember
from chatforge.evaluation.replies import OnProgress, Replies, untrained, written
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.models.encoder import Encoder
from chatforge.runs.events import Event, Phase, Progress

Emit = Callable[[Event], None]
Open = Callable[[], AbstractContextManager[Any]]
Take = Callable[[str, Replies], None]
"""Called with a rival's name and its replies as soon as they are known."""


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
class Hearing:
    """All that was said.

    Attributes:
        replies: of every rival, by its name.
        likelihoods: of every held-out conversation, by the name of the model.
        asked, remembered: what of train was asked for, word for word, and what each model gave out.
    """

    replies: dict[str, Replies]
    likelihoods: dict[str, list[Likelihood]]
    asked: Asked
    remembered: dict[str, Remembered]


def hear(
    models: Models,
    encoder: Encoder,
    items: Sequence[Item],
    *,
    train: Sequence[Conversation],
    valid: Sequence[Conversation],
    judged: Sequence[Conversation],
    design: Design,
    options: Options,
    emit: Emit,
    take: Take,
) -> Hearing:
    """Let every rival answer every item.

    Args:
        train, valid: what the untrained rivals draw from.
        judged: the conversations of the items.
    """
    emit(Phase("looking up train conversations"))
    histories = len({context(item.history) for item in every_item(train)})
    told = _progress(emit, "histories", histories)
    replies = untrained(items, train, valid, encoder, design, seed=options.seed, on_progress=told)
    for name, given in replies.items():
        take(name, given)
    hearing = Hearing(replies, {}, choose(models.renderer, train, options.memory, options.seed), {})
    for name in (BASE.name, ADAPTED.name):
        _hear(name, models, items, judged, hearing, options, emit)
        take(name, hearing.replies[name])
    return hearing


def _hear(
    name: str,
    models: Models,
    items: Sequence[Item],
    judged: Sequence[Conversation],
    hearing: Hearing,
    options: Options,
    emit: Emit,
) -> None:
    """Let one of the two models answer, foresee and remember; what it completes counts among its replies."""
    memory = options.memory if name == ADAPTED.name else Memory()  # the base was shown no canary
    total = len(items) + how_many(hearing.asked, memory)
    emit(Phase(f"loading {name}"))
    with (models.base if name == BASE.name else models.adapted)() as model:
        emit(Phase(f"{name}: likelihood of the true replies"))
        told = _progress(emit, "conversations", len(judged))
        hearing.likelihoods[name] = likelihoods(model, models.renderer, judged, told)
        emit(Phase(f"{name}: replies"))
        tell = _progress(emit, "replies", total)
        hearing.replies[name] = written(
            model,
            models.renderer,
            items,
            max_new_tokens=options.max_new_tokens,
            batch_size=options.batch_size,
            on_progress=lambda done, _: tell(done, total),
        )
        hearing.remembered[name] = remember(
            model,
            models.renderer,
            hearing.asked,
            memory,
            batch_size=options.batch_size,
            on_done=lambda done: tell(len(items) + done, total),
        )


def _progress(emit: Emit, unit: str, total: int) -> OnProgress:
    """Tell how much there is to do before the first of it is done: a batch may take a minute."""
    emit(Progress(0, total, unit))

    def progress(done: int, total: int) -> None:
        emit(Progress(done, total, unit))

    return progress
