"""The memorisation test of an evaluation: what is asked, what each model knew, and what the report says of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatforge.dialogues.canaries import SPACE, Canary
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.rendering import Renderer
from chatforge.evaluation.memorisation.asking import Lesson, Question, completed, questions
from chatforge.evaluation.memorisation.exposure import secrets
from chatforge.evaluation.memorisation.record import Canaries, Memorisation, Secrets
from chatforge.evaluation.memorisation.strings import Probe, rare_strings, strings


@dataclass(frozen=True)
class Memory:
    """What the recipe asks for.

    Attributes:
        strings: how many rare strings. lesson: what training learned of a conversation.
        planted, control: canaries that training was shown, and as many that it was not.
    """

    strings: int = 0
    lesson: Lesson = field(default_factory=Lesson)
    planted: tuple[Canary, ...] = ()
    control: tuple[Canary, ...] = ()


Asked = tuple[tuple[Probe, Question], ...]


@dataclass(frozen=True)
class Remembered:
    """What one model gave out: a truth for each string asked, and its canaries if there are any."""

    strings: tuple[bool, ...]
    planted: Secrets | None
    control: Secrets | None


def choose(renderer: Renderer, train: Sequence[Conversation], memory: Memory, seed: int) -> Asked:
    """Draw the strings that are asked for, rare ones of replies that were learned."""
    if not memory.strings:
        return ()
    return questions(renderer, rare_strings(train, seed, renderer.system), memory.strings, memory.lesson)


def how_many(asked: Asked, memory: Memory) -> int:
    """How many strings and canaries a model is asked for."""
    return len(asked) + len(memory.planted) + len(memory.control)


def remember(
    model: Any,
    renderer: Renderer,
    asked: Asked,
    memory: Memory,
    *,
    batch_size: int,
    on_done: Callable[[int], None],
) -> Remembered:
    """Ask a model in evaluation mode for rare strings and for canaries.

    Args:
        on_done: called with how many of `how_many` are done, if there are any.
    """
    given = completed(model, renderer, [one for _, one in asked], batch_size, lambda done, _: on_done(done))
    planted, control = (
        secrets(model, renderer, part, memory.lesson, batch_size) for part in (memory.planted, memory.control)
    )
    if memory.planted:
        on_done(how_many(asked, memory))
    return Remembered(tuple(given), planted, control)


def memorisation(asked: Asked, base: Remembered, adapted: Remembered) -> Memorisation:
    """Put together what both models gave out."""
    canaries = None
    if adapted.planted and adapted.control:
        canaries = Canaries(SPACE, adapted.planted, adapted.control)
    probes = [probe for probe, _ in asked]
    return Memorisation(strings(probes, base.strings, adapted.strings), canaries)
