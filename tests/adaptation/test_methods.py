from pathlib import Path
from typing import Any

import pytest
import torch

from chatforge.adaptation import methods
from chatforge.models.loading import load_base


def changed(model: Any, method: methods.Method, **other: Any) -> methods.Change:
    settings: dict[str, Any] = {
        "lora_r": 4,
        "lora_alpha": 8,
        "lora_dropout": 0.1,
        "lora_target_modules": "all-linear",
        "adapter_dtype": torch.float32,
    }
    return methods.apply(model, method, **(settings | other))


def test_lora_adds_to_every_linear_layer_but_the_head(model: Any) -> None:
    before = methods.count(model)
    change = changed(model, "lora")
    named = [name for name, p in change.model.named_parameters() if p.requires_grad]
    assert all("lora_" in name for name in named)
    assert len(named) == 2 * 7 * 2  # A and B, seven linear layers, two blocks
    assert not any("lm_head" in name for name in named)
    assert change.parameters == before + change.trainable


def test_the_adapter_has_the_dtype_that_was_asked_for(model: Any) -> None:
    change = changed(model, "lora", adapter_dtype=torch.bfloat16)
    assert {p.dtype for p in change.model.parameters() if p.requires_grad} == {torch.bfloat16}


def test_target_modules_may_be_named(model: Any) -> None:
    change = changed(model, "lora", lora_target_modules=["q_proj"])
    assert len([p for p in change.model.parameters() if p.requires_grad]) == 4


def test_full_frees_every_weight(model: Any) -> None:
    change = changed(model, "full")
    assert change.trainable == change.parameters == methods.count(model)


def test_an_untrained_adapter_changes_nothing(model: Any) -> None:
    ids = torch.arange(3, 30)[None]
    before = model(ids).logits
    change = changed(model, "lora")
    assert torch.equal(change.model.eval()(ids).logits, before)


@pytest.mark.parametrize("size", [10, 11])
def test_packed_weights_count_as_what_they_stand_for(size: int) -> None:
    packed = torch.nn.Module()
    packed.weight = torch.nn.Parameter(torch.zeros(size, dtype=torch.uint8), requires_grad=False)
    assert methods.count(packed) == 2 * size


def test_gradients_flow_through_a_four_bit_base_after_a_look_in_evaluation_mode(tiny_model: Path) -> None:
    """bitsandbytes may pack layers for inference at that look; see `loading._keep_differentiable`."""
    model = load_base(tiny_model, dtype="bfloat16", device=torch.device("cpu"), load_in_4bit=True, for_training=True)
    change = changed(model, "qlora", lora_dropout=0.0)
    torch.manual_seed(0)
    for name, parameter in change.model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.02)
    ids = torch.arange(3, 40)[None]

    def gradient() -> torch.Tensor:
        change.model.train().zero_grad()
        change.model(ids).logits.float().pow(2).mean().backward()
        lowest = next(p for name, p in change.model.named_parameters() if "layers.0" in name and "lora_B" in name)
        assert lowest.grad is not None
        return lowest.grad.clone()

    before = gradient()
    with torch.no_grad():
        change.model.eval()(ids)
    assert torch.allclose(gradient(), before)
    assert before.abs().sum() > 0
