"""What many prompts begin with is read once: the system message, and whatever else they share."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers.cache_utils import DynamicCache, DynamicLayer

LEAST = 8
"""Tokens under which it does not pay."""


@dataclass(frozen=True)
class Beginning:
    """The beginning of all prompts.

    Attributes:
        length: its tokens, 0 for none.
        cache: the model's memory of it, of one row; None for none.
    """

    length: int = 0
    cache: Any = None

    def for_rows(self, count: int) -> Any:
        """Return a memory of it for each row of a batch, to be written on."""
        cache = copy.deepcopy(self.cache)
        if cache is not None:
            cache.batch_repeat_interleave(count)
        return cache


@torch.inference_mode()
def read_beginning(model: Any, prompts: Sequence[Sequence[int]]) -> Beginning:
    """Read once what all prompts begin with; of each prompt at least one token is left.

    Only for models that remember every token by itself: others (sliding windows, recurrent states) would take the
    padding that follows for a part of the text.

    Args:
        model: a causal language model in evaluation mode.
        prompts: token ids, none empty.
    """
    length = common(prompts)
    if len(prompts) < 2 or length < LEAST:
        return Beginning()
    ids = torch.tensor([list(prompts[0][:length])], device=next(model.parameters()).device)
    positions = torch.arange(length, device=ids.device)[None]
    seen = torch.ones_like(ids)
    cache = model(
        input_ids=ids,
        attention_mask=seen,
        position_ids=positions,
        past_key_values=None,
        use_cache=True,
        logits_to_keep=1,
    ).past_key_values
    if type(cache) is not DynamicCache or any(type(layer) is not DynamicLayer for layer in cache.layers):
        return Beginning()
    return Beginning(length, cache)


def common(prompts: Sequence[Sequence[int]]) -> int:
    """Return with how many tokens all prompts begin, at most one less than the shortest has."""
    if not prompts:
        return 0
    low, high = min(map(list, prompts)), max(map(list, prompts))  # what these two share, all share
    most = min(map(len, prompts)) - 1
    return next((i for i in range(most) if low[i] != high[i]), most)
