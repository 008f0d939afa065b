from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from chatforge.adaptation import attention
from chatforge.adaptation.attention import NAME, grouped, use_grouped
from chatforge.adaptation.loss import whole_nll


class Layer(nn.Module):
    """What transformers' attention looks at: whether it is causal, and the heads that share a key."""

    is_causal = True
    num_key_value_groups = 3


def inputs(length: int, keys: int | None = None) -> list[Tensor]:
    torch.manual_seed(1)
    sizes = ((6, length), (2, keys or length), (2, keys or length))
    return [torch.randn(2, heads, many, 8, requires_grad=True) for heads, many in sizes]


def run(attend: Any, parts: list[Tensor], mask: Tensor | None = None) -> list[Tensor]:
    """Output and the gradients of queries, keys and values."""
    out, _ = attend(Layer(), *parts, mask, scaling=0.3)
    return [out, *torch.autograd.grad((out * torch.arange(out.numel()).view_as(out).sin()).sum(), parts)]


@pytest.mark.parametrize("length", [1, 2, 17, 64])
def test_values_and_gradients_are_those_of_the_fused_attention(length: int) -> None:
    parts = inputs(length)
    for ours, theirs in zip(run(grouped, parts), run(sdpa_attention_forward, parts), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


def test_a_masked_a_long_and_a_continued_sequence_go_to_the_fused_attention(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def fused(module: Any, query: Tensor, *rest: Any, **options: Any) -> Any:
        seen.append(query.shape[2])
        return sdpa_attention_forward(module, query, *rest, **options)

    monkeypatch.setattr(attention, "sdpa_attention_forward", fused)
    monkeypatch.setattr(attention, "LONGEST", 20)
    run(grouped, inputs(20))
    assert seen == []
    run(grouped, inputs(21))
    run(grouped, inputs(5), mask=torch.ones(1, 1, 5, 5, dtype=torch.bool).tril())
    run(grouped, inputs(1, keys=9))
    assert seen == [21, 5, 1]


def test_a_model_gives_the_same_loss_with_it_and_its_config_says_nothing_of_it(model: Any) -> None:
    ids = torch.randint(5, 60, (3, 40))
    mask = (torch.arange(40) < torch.tensor([[40], [31], [22]])).long()
    batch = {"input_ids": ids, "attention_mask": mask, "labels": ids.masked_fill(mask == 0, -100)}
    before = whole_nll(model, batch)
    assert use_grouped(model)
    torch.testing.assert_close(whole_nll(model, batch), before)
    assert NAME not in model.config.to_json_string()


def test_a_model_with_an_attention_of_its_own_keeps_it(model: Any) -> None:
    model.set_attn_implementation("eager")
    assert not use_grouped(model)
    assert model.config._attn_implementation == "eager"
