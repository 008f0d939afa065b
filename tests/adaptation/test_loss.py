from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
import torch
from torch.nn import functional

from chatforge.adaptation import methods
from chatforge.adaptation.batching import collate
from chatforge.adaptation.loss import agrees, learned_nll, whole_nll
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.rendering import Renderer


@pytest.fixture
def batch(renderer: Renderer, tokenizer: Any, conversations: Sequence[Conversation]) -> dict[str, torch.Tensor]:
    rendered = [r for c in conversations[:3] for r in renderer.render(c)]
    return collate([{"input_ids": list(r.ids), "labels": r.labels} for r in rendered], tokenizer.pad_token_id)


def test_learned_positions_give_the_models_own_loss(model: Any, batch: dict[str, torch.Tensor]) -> None:
    nll, where = learned_nll(model, batch)
    assert nll.shape == (int(where.sum()),)
    assert int(where.sum()) == int((batch["labels"] != -100).sum())
    own = model(**batch).loss * where.sum()
    assert torch.allclose(nll.sum(), own, rtol=1e-5)
    assert torch.allclose(nll.sum(), whole_nll(model, batch), rtol=1e-5)
    assert agrees(model, batch)


def test_gradients_are_the_models_own_too(model: Any, batch: dict[str, torch.Tensor]) -> None:
    change = methods.apply(
        model,
        "lora",
        lora_r=4,
        lora_alpha=8,
        lora_dropout=0.0,
        lora_target_modules="all-linear",
        adapter_dtype=torch.float32,
    )
    weight = next(p for p in change.model.parameters() if p.requires_grad and p.ndim == 2)
    learned_nll(change.model, batch)[0].sum().backward()
    ours = weight.grad.clone()
    change.model.zero_grad()
    whole_nll(change.model, batch).backward()
    assert torch.allclose(ours, weight.grad, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    ("field", "value", "transform"),
    [
        ("final_logit_softcapping", 0.5, lambda x: torch.tanh(x / 0.5) * 0.5),
        ("logits_scaling", 4.0, lambda x: x / 4.0),
        ("logit_scale", 0.25, lambda x: x * 0.25),
    ],
)
def test_what_families_do_to_logits_is_done(
    model: Any, batch: dict[str, torch.Tensor], field: str, value: float, transform: Any
) -> None:
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    targets = batch["labels"][:, 1:]
    expected = functional.cross_entropy(
        transform(logits[:, :-1]).flatten(0, 1), targets.flatten(), ignore_index=-100, reduction="sum"
    )
    setattr(model.config, field, value)
    assert torch.allclose(learned_nll(model, batch)[0].sum(), expected, rtol=1e-4)


def test_an_unknown_head_is_noticed(model: Any, batch: dict[str, torch.Tensor]) -> None:
    own = model.forward
    model.forward = partial(_doubled, own)
    assert not agrees(model, batch)


def _doubled(own: Any, **arguments: Any) -> Any:
    out = own(**arguments)
    out.logits = out.logits * 9 + torch.arange(out.logits.shape[-1])
    return out


def test_a_model_without_the_usual_parts_is_noticed(batch: dict[str, torch.Tensor]) -> None:
    assert not agrees(torch.nn.Linear(2, 2), batch)
