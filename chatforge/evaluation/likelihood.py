"""How well a model foresees what the assistant really said: bits per byte of every held-out assistant turn.

Only what was said counts; whether the model would have stopped there is counted apart. Bytes, not tokens, are the
measure, so that models with different tokenizers can be compared. It has no sampling noise.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.rendering import Rendered, Renderer
from chatforge.models.beginning import Beginning, read_beginning
from chatforge.models.loading import context_of

ROWS = 256
"""Positions whose probabilities are computed at once; the vocabulary is large."""


@dataclass(frozen=True)
class Likelihood:
    """One conversation.

    Attributes:
        nats: negative log-likelihood of the assistant's words.
        bytes: UTF-8 bytes of them.
        tokens: how many tokens they are.
        stop_probability: sum over its turns of the probability of stopping where the turn ended.
        turns: assistant turns scored.
        skipped: assistant turns beyond what the model can look at.
    """

    conversation: str
    nats: float
    bytes: int
    tokens: int
    stop_probability: float
    turns: int
    skipped: int


def likelihoods(
    model: Any,
    renderer: Renderer,
    conversations: Sequence[Conversation],
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Likelihood]:
    """Score every assistant turn of every conversation, one conversation at a time; what all begin with is read once.

    Args:
        model: a causal language model in evaluation mode that takes `logits_to_keep` positions.
        on_progress: called with (conversations done, conversations in all).
    """
    limit = context_of(model)
    texts = [renderer.render(conversation) for conversation in conversations]
    unlearned = [part.ids[: part.spans[0][0]] for parts in texts for part in parts if part.cut(limit).spans]
    beginning = read_beginning(model, unlearned)
    found = []
    for done, (conversation, parts) in enumerate(zip(conversations, texts, strict=True), start=1):
        found.append(_one(model, beginning, conversation, parts, limit))
        if on_progress:
            on_progress(done, len(conversations))
    return found


def _one(
    model: Any, beginning: Beginning, conversation: Conversation, parts: Sequence[Rendered], limit: int
) -> Likelihood:
    said = [conversation.messages[turn].content for turn in conversation.assistant_turns]
    nats, stop, tokens, turns, size, at = 0.0, 0.0, 0, 0, 0, 0
    for rendered in parts:
        kept = rendered.cut(limit)
        words = said[at : at + len(kept.spans)]
        at += len(rendered.spans)
        if not kept.spans:
            continue
        logs = _log_probabilities(model, beginning, kept)
        ends = _last_positions(kept)
        nats -= sum(log for i, log in enumerate(logs) if i not in ends)
        stop += sum(math.exp(logs[i]) for i in ends)
        tokens += len(logs) - len(ends)
        turns += len(kept.spans)
        size += sum(len(text.encode()) for text in words)
    return Likelihood(conversation.id, nats, size, tokens, stop, turns, len(said) - turns)


def _last_positions(rendered: Rendered) -> set[int]:
    """Places of the stop tokens among the learned tokens."""
    places, count = set(), 0
    for begin, end in rendered.spans:
        count += end - begin
        places.add(count - 1)
    return places


@torch.inference_mode()
def _log_probabilities(model: Any, beginning: Beginning, rendered: Rendered) -> list[float]:
    """Log-probability of every learned token, in order. The head sees only the positions before them.

    Args:
        beginning: what the text begins with and was read already, none of it learned.
    """
    device = next(model.parameters()).device
    begin, end = beginning.length, rendered.spans[-1][1]
    ids = torch.tensor([rendered.ids[:end]], device=device)
    targets = torch.tensor([i for i in range(end) if rendered.learned[i]], device=device)
    cache = beginning.for_rows(1)
    logits = model(
        input_ids=ids[:, begin:], past_key_values=cache, use_cache=cache is not None, logits_to_keep=targets - 1 - begin
    ).logits[0]
    wanted = ids[0, targets]
    logs: list[float] = []
    for begin in range(0, len(targets), ROWS):
        rows = torch.log_softmax(logits[begin : begin + ROWS].float(), dim=-1)
        logs.extend(rows.gather(1, wanted[begin : begin + ROWS, None])[:, 0].tolist())
    return logs
