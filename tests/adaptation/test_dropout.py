from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from chatforge.adaptation import methods
from chatforge.adaptation.dropout import SparseDropout, use_sparse


@pytest.mark.parametrize("p", [0.05, 0.1, 0.5])
def test_share_and_expectation(p: float) -> None:
    torch.manual_seed(0)
    out = SparseDropout(p)(torch.ones(1000, 1000))
    assert abs(float((out == 0).float().mean()) - p) < 0.003
    assert abs(float(out.mean()) - 1) < 0.002


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(2, 9), min_size=1, max_size=4), st.sampled_from([torch.float32, torch.bfloat16]))
def test_any_shape_and_dtype(shape: list[int], dtype: torch.dtype) -> None:
    x = torch.ones(shape, dtype=dtype)
    out = SparseDropout(0.5)(x)
    assert out.shape == x.shape
    assert out.dtype == dtype
    assert set(out.unique().tolist()) <= {0.0, 2.0}


def test_neighbouring_values_are_dropped_independently() -> None:
    torch.manual_seed(0)
    dropped = (SparseDropout(0.5)(torch.ones(80_000)) == 0).float().view(-1, 8)
    assert torch.corrcoef(dropped.T).fill_diagonal_(0).abs().max() < 0.05


def test_the_same_generator_state_gives_the_same_mask_and_evaluation_changes_nothing() -> None:
    layer, x = SparseDropout(0.3), torch.randn(7, 13)
    torch.manual_seed(5)
    first = layer(x)
    torch.manual_seed(5)
    assert torch.equal(layer(x), first)
    assert layer.eval()(x) is x


def test_what_is_dropped_gets_no_gradient() -> None:
    x = torch.randn(50, 50, requires_grad=True)
    out = SparseDropout(0.5)(x)
    out.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad == 0, out == 0)


def test_every_lora_layer_gets_it_and_others_keep_theirs(model: Any) -> None:
    change = methods.apply(
        model,
        "lora",
        lora_r=2,
        lora_alpha=4,
        lora_dropout=0.1,
        lora_target_modules="all-linear",
        adapter_dtype=torch.float32,
    )
    kinds = [type(m) for name, m in change.model.named_modules() if ".lora_dropout." in name]
    assert kinds == [SparseDropout] * 14
    assert use_sparse(nn.Sequential(nn.Dropout(0.5))) == 0
