"""Attention for training on a processor: plain matrix products where conversations are short.

torch's fused attention avoids the (T, T) table of weights, which is what long contexts need. At the few hundred tokens
of a customer's dialogue the table is small, and two batched products with all heads of a group at once took half the
time (SmolLM2-135M, 4 x 270 tokens, two cores: 12 instead of 23 ms a layer, forward and backward).
"""

from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "chatforge_grouped"
LONGEST = 512
"""Tokens up to which the table is kept; beyond, torch's fused attention runs."""


def use_grouped(model: Any) -> bool:
    """Let a model that would use torch's fused attention use ours; return whether it does now."""
    if model.config._attn_implementation != "sdpa":
        return False
    AttentionInterface.register(NAME, grouped)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.set_attn_implementation(NAME)
    return True


def grouped(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **options: Any,
) -> tuple[Tensor, None]:
    """Causal attention with grouped heads, as transformers calls it.

    Args:
        query: (B, H, T, D). key, value: (B, K, T, D), H a multiple of K.
        attention_mask: None where nothing but the future is hidden. Anything that is not plain causal attention over a
            short sequence goes to torch's fused attention.

    Returns:
        (B, T, H, D) and None, for the weights that are not given.
    """
    batch, heads, length, width = query.shape
    plain = attention_mask is None and key.shape[2] == length and getattr(module, "is_causal", True)
    if not plain or dropout or length > LONGEST or value.shape[-1] != width or options.get("is_causal") is False:
        return sdpa_attention_forward(  # type: ignore[no-any-return, no-untyped-call, unused-ignore]
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **options
        )
    groups = key.shape[1]
    together = heads // groups * length
    future = torch.full((length, length), float("-inf"), dtype=query.dtype, device=query.device).triu_(1)
    hidden = future.repeat(heads // groups, 1).expand(batch * groups, together, length)
    scaled = (query * (width**-0.5 if scaling is None else scaling)).reshape(batch * groups, together, width)
    keys = key.reshape(batch * groups, length, width).transpose(1, 2)
    weights = torch.softmax(torch.baddbmm(hidden, scaled, keys), dim=-1)
    mixed = torch.bmm(weights, value.reshape(batch * groups, length, width))
    return mixed.view(batch, heads, length, width).transpose(1, 2).contiguous(), None
