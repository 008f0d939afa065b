"""Every rival's replies to the same items."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.rendering import Renderer
from chatforge.evaluation.baselines import Constant, choose_constant
from chatforge.evaluation.cache import Cache, Shelf, digest
from chatforge.evaluation.examples import Similar
from chatforge.evaluation.items import Item, choose_items, every_item
from chatforge.evaluation.measures import FEWEST, Design, make_design
from chatforge.evaluation.rivals import CONSTANT, NEAREST, PARROT, REFERENCES, SECOND, SHUFFLED
from chatforge.models.encoder import Encoder
from chatforge.models.generation import Reply, generate
from chatforge.models.loading import context_of
from chatforge.models.window import Fitted, fitted_prompt

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Replies:
    """Replies of one rival, one per item.

    Attributes:
        stopped_by, seconds, log_probabilities: of each reply; None where no model of ours wrote it. The last is the
            mean over the reply's tokens of the natural logarithm of what the model gave each.
        notes: what should be known about how they came to be.
    """

    texts: tuple[str, ...]
    stopped_by: tuple[str | None, ...]
    seconds: tuple[float | None, ...]
    log_probabilities: tuple[float | None, ...]
    notes: tuple[str, ...] = ()

    def noting(self, *notes: str) -> "Replies":
        """The same with more that should be known."""
        return replace(self, notes=(*self.notes, *notes))


def given(texts: Sequence[str], *notes: str) -> Replies:
    """Replies that no model wrote."""
    nothing = (None,) * len(texts)
    return Replies(tuple(texts), nothing, nothing, nothing, notes)


def written(
    model: Any,
    renderer: Renderer,
    items: Sequence[Item],
    *,
    max_new_tokens: int,
    batch_size: int,
    on_progress: OnProgress,
    shelf: Shelf[Reply] | None = None,
) -> Replies:
    """Let a model answer every item, greedily, with the item's true history; see `answered`."""
    limit = context_of(model) - max_new_tokens
    prompts = [fitted_prompt(renderer, item.history, limit) for item in items]
    return answered(
        model,
        renderer,
        prompts,
        Shelf(None, Reply) if shelf is None else shelf,
        max_new_tokens=max_new_tokens,
        batch_size=batch_size,
        on_progress=on_progress,
    )


def answered(
    model: Any,
    renderer: Renderer,
    prompts: Sequence[Fitted],
    shelf: Shelf[Reply],
    *,
    max_new_tokens: int,
    batch_size: int,
    on_progress: OnProgress,
) -> Replies:
    """Let a model answer prompts, greedily.

    Args:
        prompts: one per item.
        shelf: what the model has said before to prompts by their hash; these are not answered again.
    """
    keys = [digest(prompt.ids) for prompt in prompts]
    asked = dict(zip(keys, prompts, strict=True))
    left = shelf.missing(keys)
    tokenizer, stop_ids = renderer.tokenizer, renderer.stop_ids
    if len(left) < len(keys):
        on_progress(len(keys) - len(left), len(keys))
    generate(
        model,
        [asked[key].ids for key in left],
        stop_ids=stop_ids,
        max_new_tokens=max_new_tokens,
        batch_size=batch_size,
        pad_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else min(stop_ids),
        on_progress=lambda done, total: on_progress(len(keys) - total + done, len(keys)),
        on_batch=lambda said: shelf.add({left[i]: reply for i, reply in said.items()}),
    )
    replies = [shelf[key] for key in keys]
    cut = sum(1 for prompt in prompts if prompt.dropped or prompt.cut)
    longer = "history is" if cut == 1 else "histories are"
    note = f"{cut} {longer} longer than what the model can look at: the oldest part was left out"
    return Replies(
        tuple(tokenizer.decode(list(reply.ids), skip_special_tokens=True).strip() for reply in replies),
        tuple(reply.stopped_by for reply in replies),
        tuple(reply.seconds for reply in replies),
        tuple(reply.log_probability for reply in replies),
        (note,) if cut else (),
    )


def untrained(
    items: Sequence[Item],
    train: Sequence[Conversation],
    valid: Sequence[Conversation],
    judged: Sequence[Conversation],
    similar: Similar,
    encoder: Encoder,
    design: Design,
    cache: Cache,
    *,
    seed: int,
) -> dict[str, Replies]:
    """Replies of the rivals that need no language model, and of those that check the evaluator.

    Args:
        judged: the conversations of the items.
        similar: what is like the items in train.
    """
    references = [item.reference for item in items]
    known = every_item(train)
    nearest = [known[places[0]].reference for places in similar.places]
    longer = "history is" if similar.cut == 1 else "histories are"
    note = f"{similar.cut} {longer} longer than the encoder's window: only the newest part was looked up"
    found = {
        NEAREST.name: given(nearest, *([note] if similar.cut else [])),
        PARROT.name: given([item.question for item in items]),
        CONSTANT.name: _constant(len(items), train, valid, encoder, design.candidates, seed, cache),
        SHUFFLED.name: given([references[i] for i in design.shuffled]),
        REFERENCES.name: given(references),
    }
    seconds = [one for one in second_references(items, judged) if one is not None]
    # A row of its own only where it is about the same items as all others.
    return found | ({SECOND.name: given(seconds)} if len(seconds) == len(items) else {})


def second_references(items: Sequence[Item], judged: Sequence[Conversation]) -> list[str | None]:
    """Return for each item another true reply to the same history; None where the data has none.

    A conversation has it in `second_reference` (or `reply_2`): a text for its last reply, or a list with a text or
    null for each of its replies.
    """
    held = {conversation.id: conversation for conversation in judged}
    return [_second(held[item.conversation], item.turn) for item in items]


def _second(conversation: Conversation, turn: int) -> str | None:
    meta: Mapping[str, Any] = conversation.meta
    told = meta.get("second_reference", meta.get("reply_2"))
    turns = conversation.assistant_turns
    texts = told if isinstance(told, list) else [*[None] * (len(turns) - 1), told]
    text = texts[turns.index(turn)] if len(texts) == len(turns) else None
    return text.strip() or None if isinstance(text, str) else None


def _constant(
    count: int,
    train: Sequence[Conversation],
    valid: Sequence[Conversation],
    encoder: Encoder,
    candidates: int,
    seed: int,
    cache: Cache,
) -> Replies:
    distinct = sorted({item.reference for item in every_item(train)})
    judges = [item.reference for item in choose_items(valid, seed)]

    def work() -> Constant:
        design = make_design(len(judges), candidates, seed) if len(judges) >= FEWEST else None
        return choose_constant(distinct, encoder.encode(distinct), np.asarray(encoder.encode(judges)), design)

    key = digest(distinct, judges, candidates, seed)
    chosen = cache.shelf("constant", Constant, "encoder").once(key, work)
    return given([chosen.reply] * count, f"the constant reply is {chosen.why}")
