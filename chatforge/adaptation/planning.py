"""What a training will do, measured and said before its first step."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace

import torch

from chatforge.adaptation import forecast
from chatforge.adaptation.batching import Examples, LengthGroupedSampler
from chatforge.adaptation.binding import Bound
from chatforge.adaptation.methods import Change
from chatforge.adaptation.texts import Texts
from chatforge.adaptation.trainer import Trainer
from chatforge.dialogues.canaries import MARK
from chatforge.models.sources import read_shape
from chatforge.recipe.batches import steps_per_epoch
from chatforge.recipe.schema import Recipe
from chatforge.runs.events import Plan


def plan(
    trainer: Trainer,
    train: Examples,
    valid: Examples,
    change: Change,
    bound: Bound,
    recipe: Recipe,
    look_seconds: float | None,
) -> Plan:
    """Measure one batch of middling length and predict time and memory.

    Args:
        look_seconds: what one validation with its sample replies took; None (a resumed run) estimates it.
    """
    settings = recipe.training
    batch, accumulation = settings.per_device_train_batch_size or 1, settings.gradient_accumulation_steps or 1
    steps = int(trainer.args.max_steps)
    padded, longest = _padded([len(r.ids) for r in train.rendered], batch, settings.seed)
    speed = _seconds_per_token(trainer, batch)
    epochs = steps / steps_per_epoch(len(train.rendered), batch, accumulation)
    looks = math.ceil(steps / (settings.eval_steps or steps))
    if look_seconds is None:
        look_seconds = forecast.look_seconds(valid.tokens, speed, recipe.adaptation.method)
    memory = forecast.memory(
        recipe,
        read_shape(bound.weights),
        dtype=bound.dtype,
        adapter_dtype=bound.adapter_dtype,
        longest=longest,
        learned_share=train.learned_share,
        cuda=bound.device.type == "cuda",
    )
    canaries = sum(MARK in example.conversation.meta for example in train.rendered)
    return Plan(
        steps=steps,
        epochs=round(epochs, 2),
        conversations=len(train.rendered) - canaries,
        tokens_per_epoch=train.tokens,
        learned_share=round(train.learned_share, 4),
        cut=train.cut,
        dropped=train.dropped,
        predicted_seconds=round(forecast.training_seconds(epochs * padded, speed, looks, look_seconds), 1),
        predicted_bytes=memory.total,
        device=bound.device.type,
        dtype=bound.dtype,
        dtype_reason=bound.dtype_reason,
        threads=bound.threads,
        trainable=change.trainable,
        parameters=change.parameters,
        canaries=canaries,
    )


def with_texts(planned: Plan, reader: Trainer, texts: Texts, bound: Bound, recipe: Recipe) -> Plan:
    """Measure one piece of the texts, and add what learning them before the dialogues takes to a plan."""
    steps = int(reader.args.max_steps)
    passes = steps / steps_per_epoch(len(texts.pieces), 1, reader.args.gradient_accumulation_steps)
    seconds = forecast.training_seconds(passes * texts.tokens, _seconds_per_token(reader, 1), 0, 0.0)
    memory = forecast.memory(
        forecast.for_texts(recipe),
        read_shape(bound.weights),
        dtype=bound.dtype,
        adapter_dtype=bound.adapter_dtype,
        longest=texts.longest,
        learned_share=1.0,
        cuda=bound.device.type == "cuda",
    )
    return replace(
        planned,
        steps=planned.steps + steps,
        text_steps=steps,
        text_seconds=round(seconds, 1),
        predicted_seconds=round(planned.predicted_seconds + seconds, 1),
        predicted_bytes=max(planned.predicted_bytes, memory.total),
    )


def _padded(lengths: Sequence[int], batch: int, seed: int) -> tuple[int, int]:
    """Tokens of one epoch with their padding, and the longest batch's length."""
    order = list(LengthGroupedSampler(lengths, batch, seed))
    rows = [[lengths[i] for i in order[at : at + batch]] for at in range(0, len(order), batch)]
    return sum(len(row) * max(row) for row in rows), max(lengths)


def _seconds_per_token(trainer: Trainer, batch: int) -> float:
    """Time of forward and backward per token, padding counted.

    A first pass over the same batch is not counted: it pays for memory that later ones use again.
    """
    rows = trainer.timed_batch(batch)
    trainer.backward_once(rows)
    _wait(rows["input_ids"].device)
    begun = time.monotonic()
    trainer.backward_once(rows)
    _wait(rows["input_ids"].device)
    return (time.monotonic() - begun) / rows["input_ids"].numel()


def _wait(device: torch.device) -> None:
    """Let a GPU finish what was asked of it; a processor has done so already."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
