"""Training speed of ChatForge against TRL: same model, data, labels and batches, step by step in turns.

    python tests/benchmarks/training_speed.py [--rounds 16] [--batch 4]

Arms (LoRA r=16 on all linear layers in each):
    trl defaults     SFTTrainer as `trl sft` sets it up: float32 weights, bfloat16 autocast, gradient checkpointing
    trl tuned        SFTTrainer with bfloat16 weights, no checkpointing
    ours float32     ChatForge, bfloat16 weights, float32 adapter
    ours bfloat16    ChatForge, bfloat16 weights, bfloat16 adapter

Each round gives every arm the same batch. Printed are median seconds per step, ratios, the validation loss of each
arm after all rounds (same code for all), and the largest difference of losses in float32 without dropout. Exit code 1
if the faster of our arms whose validation loss is within 0.01 of TRL's is not 4 times as fast as its defaults and twice
as fast as it tuned, or if losses differ by more than 1e-4. Only a machine that does nothing else gives sound times.
"""

import argparse
import copy
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatforge.workers import quiet

quiet.hush()

import torch  # noqa: E402 (after the libraries' switches are set)
from peft import LoraConfig, get_peft_model  # noqa: E402
from transformers import get_cosine_schedule_with_warmup, set_seed  # noqa: E402
from transformers.utils import logging  # noqa: E402
from trl import SFTConfig, SFTTrainer  # noqa: E402

from chatforge import paths  # noqa: E402
from chatforge.adaptation import trainer as trainers  # noqa: E402
from chatforge.adaptation.attention import use_grouped  # noqa: E402
from chatforge.adaptation.batching import LengthGroupedSampler, collate, prepare  # noqa: E402
from chatforge.adaptation.dropout import use_sparse  # noqa: E402
from chatforge.adaptation.loss import bare, learned_nll  # noqa: E402
from chatforge.dialogues.reading import read_files  # noqa: E402
from chatforge.dialogues.rendering import Rendered, Renderer  # noqa: E402
from chatforge.models.loading import load_base, load_tokenizer  # noqa: E402
from chatforge.models.machine import look  # noqa: E402
from chatforge.models.store import Store  # noqa: E402
from chatforge.recipe.files import load_recipe  # noqa: E402

REPOSITORY = Path(__file__).parents[2]
CPU = torch.device("cpu")
THEIRS = ("trl defaults", "trl tuned")


@dataclass
class Arm:
    """One way to train; its own weights, optimizer and schedule."""

    name: str
    trainer: Any
    optimizer: torch.optim.Optimizer
    schedule: Any
    seconds: list[float]
    losses: list[float]

    def step(self, batch: dict[str, torch.Tensor]) -> None:
        """One optimizer step, as the Trainer does it."""
        begun = time.perf_counter()
        learned = (batch["labels"] != -100).sum()
        loss = self.trainer.training_step(self.trainer.model, dict(batch), num_items_in_batch=learned)
        torch.nn.utils.clip_grad_norm_([p for p in self.trainer.model.parameters() if p.requires_grad], 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        self.seconds.append(time.perf_counter() - begun)
        self.losses.append(float(loss))


def lora(model: Any, dtype: torch.dtype, dropout: float) -> Any:
    """The same adapter for every arm."""
    set_seed(7)
    config = LoraConfig(r=16, lora_alpha=32, lora_dropout=dropout, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(model, config)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.to(dtype)
    return model


def arm(
    name: str, base: Any, data: "Data", rounds: int, *, adapter: str, ours: bool, dropout: float, **other: Any
) -> Arm:
    """Put one arm together; `other` are SFTConfig's settings."""
    model = lora(copy.deepcopy(base), getattr(torch, adapter), dropout)
    if ours:
        use_sparse(model)
        use_grouped(bare(model))
    settings = SFTConfig(
        output_dir=tempfile.mkdtemp(),
        use_cpu=True,
        report_to=[],
        max_length=None,
        per_device_train_batch_size=data.batch,
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        **other,
    )
    rows = trainers.as_dataset(data.train)
    common = {"model": model, "args": settings, "train_dataset": rows, "processing_class": data.tokenizer}
    trainer = trainers.Trainer(**common, pad_id=data.pad, seed=7) if ours else SFTTrainer(**common)
    if settings.gradient_checkpointing:
        # Trainer.train does this before its first step.
        trainer.model.gradient_checkpointing_enable(settings.gradient_checkpointing_kwargs)
    trainer.model.train()
    trainer.current_gradient_accumulation_steps = 1
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3, weight_decay=0.0)
    schedule = get_cosine_schedule_with_warmup(optimizer, round(0.06 * rounds), rounds)
    return Arm(name, trainer, optimizer, schedule, [], [])


@dataclass(frozen=True)
class Data:
    """Rendered conversations of the shop recipe."""

    tokenizer: Any
    train: tuple[Rendered, ...]
    valid: tuple[Rendered, ...]
    batch: int

    @property
    def pad(self) -> int:
        return int(self.tokenizer.pad_token_id)

    def batches(self) -> Iterator[dict[str, torch.Tensor]]:
        """Length-grouped batches, epoch after epoch."""
        sampler = LengthGroupedSampler([len(r.ids) for r in self.train], self.batch, seed=7)
        epoch = 0
        while True:
            sampler.set_epoch(epoch)
            order = list(sampler)
            for at in range(0, len(order) - self.batch + 1, self.batch):
                yield self.collated([self.train[i] for i in order[at : at + self.batch]])
            epoch += 1

    def collated(self, rendered: list[Rendered]) -> dict[str, torch.Tensor]:
        return collate([{"input_ids": list(r.ids), "labels": r.labels} for r in rendered], self.pad)


def load(weights: Path, batch: int) -> Data:
    """The shop recipe's train and valid conversations, rendered for the model."""
    recipe = load_recipe(REPOSITORY / "recipes" / "customer_service.yaml").recipe
    tokenizer = load_tokenizer(weights)
    renderer = Renderer(tokenizer, recipe.data.system)
    train = prepare(renderer, read_files(recipe.data.train).conversations, 1024, "stop")
    valid = prepare(renderer, read_files(recipe.data.valid).conversations, 1024, "stop")
    return Data(tokenizer, train.rendered, valid.rendered, batch)


@torch.no_grad()
def validation_loss(model: Any, data: Data) -> float:
    """Nats per learned token on the valid conversations."""
    model.eval()
    total, count = 0.0, 0
    for at in range(0, len(data.valid), data.batch):
        nll, _ = learned_nll(model, data.collated(list(data.valid[at : at + data.batch])))
        total, count = total + float(nll.sum()), count + nll.numel()
    model.train()
    return total / count


def equal_losses(weights: Path, data: Data, steps: int = 4) -> float:
    """Largest difference of a step's loss between TRL and ours in float32, without dropout, same batches."""
    base = load_base(weights, dtype="float32", device=CPU)
    plain = {"adapter": "float32", "dropout": 0.0, "bf16": False, "gradient_checkpointing": False}
    pair = [arm(str(ours), base, data, steps, ours=ours, **plain) for ours in (False, True)]
    for _, batch in zip(range(steps), data.batches(), strict=False):
        for one in pair:
            one.step(batch)
    return max(abs(a - b) for a, b in zip(pair[0].losses, pair[1].losses, strict=True))


def main() -> None:
    """Measure and print; the last line is JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--batch", type=int, default=4)
    given = parser.parse_args()
    logging.set_verbosity_error()
    torch.set_num_threads(look().cores)
    stored = Store(paths.store(paths.home())).find("smollm2-135m-instruct")
    if stored is None:
        sys.exit("no weights yet: chatforge models fetch smollm2-135m-instruct")
    data = load(stored.path, given.batch)
    difference = equal_losses(stored.path, data)
    print(f"float32, no dropout: largest difference of a step's loss, ours against TRL's: {difference:.1e}", flush=True)
    arms = make_arms(stored.path, data, given.rounds)
    tokens = []
    for number, batch in zip(range(given.rounds), data.batches(), strict=False):
        tokens.append(int(batch["attention_mask"].sum()))
        for one in arms:
            one.step(batch)
        print(number + 1, *(f"{one.name} {one.seconds[-1]:.2f} s" for one in arms), sep="  ", flush=True)
    sys.exit(report(arms, data, statistics.mean(tokens), difference))


def make_arms(weights: Path, data: Data, rounds: int) -> list[Arm]:
    """The four arms, each with its own copy of the weights."""
    bf16 = load_base(weights, dtype="bfloat16", device=CPU)
    fp32 = load_base(weights, dtype="float32", device=CPU)
    tuned = {"gradient_checkpointing": False, "bf16": False, "dropout": 0.05}
    return [
        arm("trl defaults", fp32, data, rounds, adapter="float32", ours=False, dropout=0.05),
        arm("trl tuned", bf16, data, rounds, adapter="float32", ours=False, **tuned),
        arm("ours float32", bf16, data, rounds, adapter="float32", ours=True, **tuned),
        arm("ours bfloat16", bf16, data, rounds, adapter="bfloat16", ours=True, **tuned),
    ]


def report(arms: list[Arm], data: Data, tokens: float, difference: float) -> str | None:
    """Print the table; return what is missed, or None."""
    print(f"\n{look().key}; torch {torch.__version__}; batch {data.batch}, {tokens:.0f} tokens a step on average")
    median = {one.name: statistics.median(one.seconds[2:]) for one in arms}
    losses = {one.name: validation_loss(one.trainer.model, data) for one in arms}
    for one in arms:
        defaults, tuned = (median[other] / median[one.name] for other in THEIRS)
        print(
            f"{one.name:14} {median[one.name]:6.2f} s/step {tokens / median[one.name]:6.0f} tokens/s  "
            f"x{defaults:.2f} of trl defaults  x{tuned:.2f} of trl tuned  valid loss {losses[one.name]:.4f}"
        )
    print(json.dumps({"median_seconds": median, "valid_loss": losses, "loss_difference": difference}))
    worst = min(losses[other] for other in THEIRS) + 0.01
    sound = [median[one.name] for one in arms if one.name not in THEIRS and losses[one.name] <= worst]
    fast = bool(sound) and all(median[o] >= times * min(sound) for o, times in zip(THEIRS, (4, 2), strict=True))
    return None if fast and difference <= 1e-4 else "missed: 4 and 2 times TRL's speed at the same loss"


if __name__ == "__main__":
    main()
