"""Few-shot prompts: what was said in train in the most similar situations, put before the conversation.

    system message
    user       Can I send boots back?           the farther example
    assistant  Yes, within 60 days. …
    user       The boots are too small …        the nearest one, last
    assistant  I'm sorry they don't fit. …
    user       My boots don't fit.              the true history

Retrieval is by the encoder, on whole histories; what is shown of each is its last exchange. A conversation of train
gives at most one example.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatforge.dialogues.conversation import Message
from chatforge.dialogues.rendering import Renderer
from chatforge.evaluation.baselines import nearest
from chatforge.evaluation.cache import Cache, digest
from chatforge.evaluation.items import Item, context
from chatforge.models.encoder import Encoder
from chatforge.models.window import Fitted, fitted_prompt

FAR = 4
"""How many similar exchanges are looked up for each item: as many as a rival shows at most."""


@dataclass(frozen=True)
class Similar:
    """What was said in train in situations like those of the items.

    Attributes:
        places: per item the indices of the exchanges of train, the nearest first.
        cut: histories that were longer than the encoder's window.
    """

    places: tuple[tuple[int, ...], ...]
    cut: int


def look_up(
    items: Sequence[Item],
    known: Sequence[Item],
    encoder: Encoder,
    cache: Cache,
    on_progress: Callable[[int, int], None],
) -> Similar:
    """Find the most similar histories of train by the encoder.

    Args:
        known: every exchange of train.
        on_progress: called with (histories encoded, histories of train).
    """
    asked, there = [context(item.history) for item in items], [context(item.history) for item in known]
    groups = [item.conversation for item in known]

    def work() -> Similar:
        before = encoder.truncated
        contexts = encoder.encode(there, on_progress)
        found = nearest(encoder.encode(asked), contexts, groups, FAR)
        return Similar(tuple(map(tuple, found)), encoder.truncated - before)

    return cache.shelf("similar", Similar, "encoder").once(digest(asked, there, groups, FAR), work)


@dataclass(frozen=True)
class Shown:
    """A prompt with examples.

    Attributes:
        count: examples that it holds; fewer than there were if they did not fit.
    """

    prompt: Fitted
    count: int


def prompt_with(renderer: Renderer, history: Sequence[Message], examples: Sequence[Item], limit: int) -> Shown:
    """Render a history after its examples, into at most `limit` tokens; the farthest examples leave first.

    Args:
        history: ends with a user turn; a system message of its own stays in front.
        examples: the nearest first.
    """
    head = [message for message in history[:1] if message.role == "system"]
    rest = history[len(head) :]
    for count in range(len(examples), 0, -1):
        ids = renderer.prompt([*head, *_turns(examples[:count]), *rest])
        if len(ids) <= limit:
            return Shown(Fitted(ids, 0, 0), count)
    return Shown(fitted_prompt(renderer, history, limit), 0)


def left_out(shown: Sequence[Shown], asked: int) -> tuple[str, ...]:
    """Say how many prompts hold fewer examples than were asked for; () if none does.

    Args:
        asked: how many examples each prompt was to hold.
    """
    fewer = sum(one.count < asked for one in shown)
    if not fewer:
        return ()
    examples = sum(asked - one.count for one in shown)
    prompts = "1 prompt holds" if fewer == 1 else f"{fewer} prompts hold"
    return (f"{prompts} fewer than {asked} examples, {examples} in all: more do not fit, or train has no more",)


def _turns(examples: Sequence[Item]) -> list[Message]:
    """The exchanges as turns, the nearest last."""
    return [turn for one in reversed(examples) for turn in (one.history[-1], Message("assistant", one.reference))]
