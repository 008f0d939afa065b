"""Every rival's replies to the same items."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.rendering import Renderer
from chatforge.evaluation.baselines import choose_constant, nearest
from chatforge.evaluation.items import Item, choose_items, context, every_item
from chatforge.evaluation.measures import FEWEST, Design, make_design
from chatforge.evaluation.rivals import CONSTANT, NEAREST, PARROT, REFERENCES, SHUFFLED
from chatforge.models.encoder import Encoder
from chatforge.models.generation import generate
from chatforge.models.loading import context_of
from chatforge.models.window import fitted_prompt

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Replies:
    """Replies of one rival, one per item.

    Attributes:
        stopped_by, seconds: of each reply; None where no model wrote it.
        notes: what should be known about how they came to be.
    """

    texts: tuple[str, ...]
    stopped_by: tuple[str | None, ...]
    seconds: tuple[float | None, ...]
    notes: tuple[str, ...] = ()


def given(texts: Sequence[str], *notes: str) -> Replies:
    """Replies that no model wrote."""
    nothing = (None,) * len(texts)
    return Replies(tuple(texts), nothing, nothing, notes)


def written(
    model: Any,
    renderer: Renderer,
    items: Sequence[Item],
    *,
    max_new_tokens: int,
    batch_size: int,
    on_progress: OnProgress,
) -> Replies:
    """Let a model answer every item, greedily, with the item's true history."""
    limit = context_of(model) - max_new_tokens
    prompts = [fitted_prompt(renderer, item.history, limit) for item in items]
    tokenizer = renderer.tokenizer
    stop_ids = renderer.stop_ids
    pad_id = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else min(stop_ids)
    replies = generate(
        model,
        [prompt.ids for prompt in prompts],
        stop_ids=stop_ids,
        max_new_tokens=max_new_tokens,
        batch_size=batch_size,
        pad_id=pad_id,
        on_progress=on_progress,
    )
    shortened = sum(1 for prompt in prompts if prompt.dropped or prompt.cut)
    longer = "history is" if shortened == 1 else "histories are"
    note = f"{shortened} {longer} longer than what the model can look at: the oldest part was left out"
    return Replies(
        tuple(tokenizer.decode(list(reply.ids), skip_special_tokens=True).strip() for reply in replies),
        tuple(reply.stopped_by for reply in replies),
        tuple(reply.seconds for reply in replies),
        (note,) if shortened else (),
    )


def untrained(
    items: Sequence[Item],
    train: Sequence[Conversation],
    valid: Sequence[Conversation],
    encoder: Encoder,
    design: Design,
    *,
    seed: int,
    on_progress: OnProgress,
) -> dict[str, Replies]:
    """Replies of the rivals that need no language model, and of the two that check the evaluator."""
    references = [item.reference for item in items]
    return {
        NEAREST.name: _nearest_neighbour(items, every_item(train), encoder, on_progress),
        PARROT.name: given([item.question for item in items]),
        CONSTANT.name: _constant(len(items), train, valid, encoder, design.candidates, seed),
        SHUFFLED.name: given([references[i] for i in design.shuffled]),
        REFERENCES.name: given(references),
    }


def _nearest_neighbour(
    items: Sequence[Item], known: Sequence[Item], encoder: Encoder, on_progress: OnProgress
) -> Replies:
    cut = encoder.truncated
    contexts = encoder.encode([context(item.history) for item in known], on_progress)
    found = nearest(encoder.encode([context(item.history) for item in items]), contexts)
    cut = encoder.truncated - cut
    longer = "history is" if cut == 1 else "histories are"
    note = f"{cut} {longer} longer than the encoder's window: only the newest part was looked up"
    return given([known[i].reference for i in found], *([note] if cut else []))


def _constant(
    count: int,
    train: Sequence[Conversation],
    valid: Sequence[Conversation],
    encoder: Encoder,
    candidates: int,
    seed: int,
) -> Replies:
    distinct = sorted({item.reference for item in every_item(train)})
    judges = [item.reference for item in choose_items(valid, seed)]
    design = make_design(len(judges), candidates, seed) if len(judges) >= FEWEST else None
    chosen = choose_constant(distinct, encoder.encode(distinct), np.asarray(encoder.encode(judges)), design)
    return given([chosen.reply] * count, f"the constant reply is {chosen.why}")
