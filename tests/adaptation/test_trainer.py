"""What we rest on in TRL and the Trainer: fails when the libraries change under us."""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from trl import SFTTrainer

from chatforge.adaptation import methods
from chatforge.adaptation import trainer as trainers
from chatforge.adaptation.batching import collate, prepare
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.rendering import Renderer
from chatforge.models.loading import load_base
from chatforge.recipe.schema import Training

ASKED = Training(
    learning_rate=0.01,
    num_train_epochs=1.0,
    per_device_train_batch_size=4,
    gradient_accumulation_steps=1,
    eval_steps=1,
)


def settings(folder: Path) -> Any:
    return trainers.arguments(folder, ASKED, steps=3, on_cpu=True, autocast_bf16=False)


def changed(model: Any, dtype: torch.dtype = torch.float32) -> Any:
    torch.manual_seed(0)
    change = methods.apply(
        model,
        "lora",
        lora_r=4,
        lora_alpha=8,
        lora_dropout=0.0,
        lora_target_modules="all-linear",
        adapter_dtype=dtype,
    )
    return change.model


def test_our_steps_have_trls_losses(
    model: Any, tokenizer: Any, renderer: Renderer, conversations: Sequence[Conversation], tmp_path: Path
) -> None:
    examples = prepare(renderer, conversations, 512, "stop").rendered
    adapted = changed(model)
    rows = trainers.as_dataset(examples)
    theirs = SFTTrainer(
        model=copy.deepcopy(adapted), args=settings(tmp_path), train_dataset=rows, eval_dataset=rows,
        processing_class=tokenizer,
    )  # fmt: skip
    ours = trainers.build(adapted, tokenizer, settings(tmp_path), examples, examples, patience=0, callbacks=[])
    assert ours.choose_loss()
    losses: list[list[float]] = [[], []]
    for trainer, told in ((theirs, losses[0]), (ours, losses[1])):
        trainer.current_gradient_accumulation_steps = 1
        trainer.model.train()
        optimizer = torch.optim.AdamW([p for p in trainer.model.parameters() if p.requires_grad], lr=0.01)
        for at in range(0, 12, 4):
            batch = collate([dict(rows[i]) for i in range(at, at + 4)], tokenizer.pad_token_id)
            learned = (batch["labels"] != -100).sum()
            told.append(float(trainer.training_step(trainer.model, batch, num_items_in_batch=learned)))
            optimizer.step()
            optimizer.zero_grad()
    assert max(abs(a - b) for a, b in zip(*losses, strict=True)) < 1e-4
    assert losses[0][0] != losses[0][-1]


@pytest.mark.parametrize("four_bit", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_adapter_keeps_its_dtype_when_built_and_when_resumed(
    tiny_model: Path,
    tokenizer: Any,
    renderer: Renderer,
    conversations: Sequence[Conversation],
    tmp_path: Path,
    dtype: torch.dtype,
    four_bit: bool,
) -> None:
    examples = prepare(renderer, conversations, 512, "stop").rendered

    def build() -> trainers.Trainer:
        cpu = torch.device("cpu")
        base = load_base(tiny_model, dtype="bfloat16", device=cpu, load_in_4bit=four_bit, for_training=True)
        adapted = changed(base, dtype)
        return trainers.build(adapted, tokenizer, settings(tmp_path), examples, examples, patience=2, callbacks=[])

    def dtypes(trainer: trainers.Trainer) -> set[torch.dtype]:
        return {p.dtype for p in trainer.model.parameters() if p.requires_grad}

    first = build()
    assert dtypes(first) == {dtype}
    first.train()
    assert dtypes(first) == {dtype}
    again = build()
    again.train(resume_from_checkpoint=str(tmp_path / "checkpoint-3"))
    assert dtypes(again) == {dtype}


def test_patience_is_remembered_by_a_resumed_run(
    model: Any, tokenizer: Any, renderer: Renderer, conversations: Sequence[Conversation], tmp_path: Path
) -> None:
    """Two bad looks before the kill and one after it are three, not one."""
    examples = prepare(renderer, conversations, 512, "stop").rendered
    adapted = changed(model)

    def build(steps: int) -> trainers.Trainer:
        asked = trainers.arguments(tmp_path, ASKED, steps=steps, on_cpu=True, autocast_bf16=False)
        asked.learning_rate = 0.0
        return trainers.build(adapted, tokenizer, asked, examples, examples, patience=3, callbacks=[])

    first = build(3)
    first.train()  # a rate of zero: look 1 is the best there will be, looks 2 and 3 are bad
    again = build(20)
    again.train(resume_from_checkpoint=str(tmp_path / "checkpoint-3"))
    assert again.state.global_step == 4


@pytest.mark.parametrize("checkpointing", [False, True])
def test_a_float32_adapter_on_a_bfloat16_base_computes_in_bfloat16_and_learns_in_float32(
    tiny_model: Path,
    tokenizer: Any,
    renderer: Renderer,
    conversations: Sequence[Conversation],
    tmp_path: Path,
    checkpointing: bool,
) -> None:
    examples = prepare(renderer, conversations, 512, "stop").rendered
    asked = settings(tmp_path)
    asked.gradient_checkpointing = checkpointing
    adapted = changed(load_base(tiny_model, dtype="bfloat16", device=torch.device("cpu")))
    ours = trainers.build(adapted, tokenizer, asked, examples, examples, patience=0, callbacks=[])
    seen = set()
    inner = next(m for name, m in adapted.named_modules() if name.endswith("down_proj.lora_A.default"))
    inner.register_forward_hook(lambda _module, given, out: seen.update({given[0].dtype, out.dtype}))
    before = {name: p.clone() for name, p in adapted.named_parameters() if p.requires_grad}
    ours.train()
    assert seen == {torch.bfloat16}
    after = {name: p for name, p in adapted.named_parameters() if p.requires_grad}
    assert {p.dtype for p in after.values()} == {torch.float32}
    assert all(not torch.equal(p, before[name]) for name, p in after.items())
