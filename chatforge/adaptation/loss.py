"""The loss on learned positions only.

The head of a small model is a large part of its work: SmolLM2-135M spends as much on its 49 152 logits as on nine of
its layers. Prompt and padding need none of that, so the head is applied to the hidden states of learned positions
alone. The sum is the same one that the model's own loss would give; `agrees` checks that before training begins.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

TOLERANCE = 0.02
"""Largest relative difference to the model's own loss that bfloat16 rounding explains."""


def bare(model: nn.Module) -> Any:
    """Return the causal language model inside a PEFT wrapper (its layers still carry the adapter)."""
    unwrap: Any = getattr(model, "get_base_model", None)
    return unwrap() if unwrap else model


def learned_nll(model: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Negative log-likelihood of every learned token.

    Args:
        model: a transformers causal language model, plain or with a PEFT adapter.
        batch: `input_ids`, `attention_mask`, `labels` of shape (B, T); -100 marks what is not learned.

    Returns:
        (nll, where): nats, float32, shape (N,), in the order of `where`, a boolean mask of shape (B, T-1) over
        predicted positions; N is its number of True.
    """
    # No mask: padding is on the right, where causal attention never looks from a learned position. Without one, the
    # processor's attention kernel skips the masked half by itself.
    language_model = bare(model)
    backbone = getattr(language_model, language_model.base_model_prefix)
    out = backbone(input_ids=batch["input_ids"], use_cache=False)
    targets = batch["labels"][:, 1:]
    where = targets != -100
    logits = _logits(language_model, out.last_hidden_state[:, :-1][where])
    return functional.cross_entropy(logits.float(), targets[where], reduction="none"), where


def _logits(language_model: Any, hidden: Tensor) -> Tensor:
    """Apply the head and what some families do to its output (Gemma 2 caps it, Granite and Cohere scale it)."""
    logits: Tensor = language_model.get_output_embeddings()(hidden)
    config = language_model.config.get_text_config()
    if scale := getattr(config, "logit_scale", None):
        logits = logits * scale
    if scaling := getattr(config, "logits_scaling", None):
        logits = logits / scaling
    if cap := getattr(config, "final_logit_softcapping", None):
        logits = torch.tanh(logits / cap) * cap
    return logits


def whole_nll(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """The same sum through the model's own forward pass, head on every position; a scalar, nats."""
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], use_cache=False).logits
    targets = batch["labels"][:, 1:]
    flat = logits[:, :-1].reshape(-1, logits.shape[-1]).float()
    return functional.cross_entropy(flat, targets.reshape(-1), ignore_index=-100, reduction="sum")


@torch.no_grad()
def agrees(model: nn.Module, batch: dict[str, Tensor]) -> bool:
    """Whether `learned_nll` gives this model's own loss; families with an unknown head transform fail here."""
    was_training = model.training
    model.eval()
    try:
        ours, theirs = learned_nll(model, batch)[0].sum(), whole_nll(model, batch)
    except torch.OutOfMemoryError:
        raise
    except (AttributeError, TypeError, RuntimeError) as error:
        if "allocate memory" in str(error):
            raise
        return False
    finally:
        model.train(was_training)
    return bool((ours - theirs).abs() <= TOLERANCE * theirs.abs())
