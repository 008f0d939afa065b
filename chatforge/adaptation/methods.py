"""What is changed in the base model: a word in the recipe, and what it means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from peft import LoraConfig, TaskType, get_peft_model

from chatforge.adaptation.dropout import use_sparse

Method = Literal["lora", "qlora", "full"]


@dataclass(frozen=True)
class Change:
    """A model ready for training.

    Attributes:
        model: with an adapter, or with all weights free.
        trainable, parameters: numbers of weights.
    """

    model: Any
    trainable: int
    parameters: int


def apply(
    model: Any,
    method: Method,
    *,
    lora_r: int,
    lora_alpha: int,
    lora_dropout: float,
    lora_target_modules: str | Sequence[str],
    adapter_dtype: torch.dtype,
) -> Change:
    """Make `model` trainable by `method`.

    `lora`, `qlora`: low-rank adapters on linear layers (Hu 2021; Dettmers 2023); the base stays as it is.
    `full`: every weight is free.
    """
    if method == "full":
        model.requires_grad_(True)
    else:
        targets = lora_target_modules if isinstance(lora_target_modules, str) else list(lora_target_modules)
        config = LoraConfig(
            task_type=TaskType.CAUSAL_LM,
            r=lora_r,
            lora_alpha=lora_alpha,
            lora_dropout=lora_dropout,
            target_modules=targets,
            bias="none",
        )
        model = get_peft_model(model, config)
        use_sparse(model)
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.to(adapter_dtype)
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return Change(model, trainable, count(model))


def count(model: Any) -> int:
    """Number of weights of a model, packed 4-bit ones counted as what they stand for."""
    return sum(2 * p.numel() if p.dtype == torch.uint8 else p.numel() for p in model.parameters())
