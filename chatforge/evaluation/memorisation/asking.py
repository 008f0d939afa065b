"""Asking a model for what it was trained on: it goes on where a string begins.

    <|im_start|>user⏎ Where is my order?<|im_end|>⏎ <|im_start|>assistant⏎ … the tracking number is │ 4471-0093
    └──────────────────────────── prompt: as it was trained on ───────────────────────────────────┘ └─ target ─┘

Prompts come out of the one renderer, as in training.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.privacy.found import squeezed
from chatforge.dialogues.rendering import PrefixError, Renderer
from chatforge.evaluation.memorisation.strings import Probe
from chatforge.models.generation import generate

OnProgress = Callable[[int, int], None]

MOST_TOKENS = 64
"""A longer target is not asked for."""


@dataclass(frozen=True)
class Lesson:
    """What training made of a conversation: the recipe's `max_length` and `too_long`."""

    max_length: int = 1024
    too_long: Literal["stop", "cut", "drop"] = "drop"


@dataclass(frozen=True)
class Question:
    """A string as a model is asked for it.

    Attributes:
        prompt: token ids up to the string, as trained on. target: those of the string.
    """

    prompt: tuple[int, ...]
    target: tuple[int, ...]


def questions(
    renderer: Renderer, probes: Sequence[Probe], most: int, lesson: Lesson
) -> tuple[tuple[Probe, Question], ...]:
    """Return the first `most` probes that were learned, each with its question."""
    found: list[tuple[Probe, Question]] = []
    for probe in probes:
        if len(found) == most:
            break
        if asked := question(renderer, probe.conversation, probe.turn, (probe.start, probe.end), lesson):
            found.append((probe, asked))
    return tuple(found)


def question(
    renderer: Renderer, conversation: Conversation, turn: int, span: tuple[int, int], lesson: Lesson
) -> Question | None:
    """Cut a training example where a string begins; None if its reply was not learned, or the string is too long.

    Args:
        span: where the string is in the reply, in characters.
    """
    examples = [(one, place) for one in renderer.render(conversation) for place in one.spans]
    rendered, (begin, end) = examples[conversation.assistant_turns.index(turn)]
    if end > lesson.max_length or (lesson.too_long == "drop" and len(rendered.ids) > lesson.max_length):
        return None
    try:
        # A reply that begins with the string has nothing before it, and not every template renders nothing.
        before = ended(renderer, conversation, turn, span[0]) if span[0] else ()
        upto = ended(renderer, conversation, turn, span[1])
    except PrefixError:
        return None
    # A token that the string shares with what stands before it is asked for, too.
    at = max(begin, common(rendered.ids, before))
    if upto[:at] != rendered.ids[:at] or not 0 < len(upto) - at <= MOST_TOKENS:
        return None
    return Question(rendered.ids[:at], upto[at:])


def completed(
    model: Any,
    renderer: Renderer,
    asked: Sequence[Question],
    batch_size: int,
    on_progress: OnProgress | None = None,
) -> list[bool]:
    """Let a model go on greedily for as many tokens as each string has; say whether the string came.

    Case, white space and punctuation do not count.
    """
    tokenizer, stop_ids = renderer.tokenizer, renderer.stop_ids
    replies = generate(
        model,
        [one.prompt for one in asked],
        stop_ids=stop_ids,
        max_new_tokens=max((len(one.target) for one in asked), default=1),
        batch_size=batch_size,
        pad_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else min(stop_ids),
        on_progress=on_progress,
    )
    came = [tokenizer.decode(list(said.ids[: len(one.target)])) for said, one in zip(replies, asked, strict=True)]
    meant = [tokenizer.decode(list(one.target)) for one in asked]
    return [squeezed(text).startswith(squeezed(string)) for text, string in zip(came, meant, strict=True)]


def ended(renderer: Renderer, conversation: Conversation, turn: int, end: int) -> tuple[int, ...]:
    """Token ids of a conversation whose last reply ends early, without what ends it."""
    reply = conversation.messages[turn].content
    messages = (*conversation.messages[:turn], Message("assistant", reply[:end]))
    rendered = renderer.render(replace(conversation, messages=messages))[-1]
    return rendered.ids[: rendered.spans[-1][1] - 1]


def common(left: Sequence[int], right: Sequence[int]) -> int:
    """Length of the common beginning."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(left), len(right)))
