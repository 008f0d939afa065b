"""What a recipe comes to on this machine before it is run: steps, time, memory, weights. Nothing heavy is loaded.

    recipe, data, machine, earlier runs ──gather──► Circumstances ──predict──► Outlook

The formulas are the worker's own (`adaptation.forecast`); what it counts and times, this estimates: tokens from
characters, speed from earlier runs, else from the probe, else from the number of cores. `Outlook.speed` says which.
"""

import math
import statistics
from dataclasses import dataclass, replace
from typing import Any, Literal

from chatforge.adaptation import forecast
from chatforge.models.catalog import Shape
from chatforge.models.machine import REFERENCE_LINEAR_PARAMETERS
from chatforge.models.memory import Fit, Memory, adapter_parameters, usable_bytes
from chatforge.project.circumstances import Circumstances
from chatforge.project.fitting import expected_memory, judge
from chatforge.recipe.batches import steps_per_epoch, total_steps
from chatforge.recipe.files import LoadedRecipe
from chatforge.recipe.presets import learned_conversations, resolve
from chatforge.recipe.resolved import Resolved
from chatforge.recipe.schema import Recipe

Basis = Literal["earlier runs", "probe", "guess"]

GUESS_CPU, GUESS_GPU = 100.0, 15_000.0
"""Tokens per second of SmolLM2-135M with LoRA, per processor core and on a GPU, where nothing was measured."""

_ADAPTED = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class Speed:
    """Training speed to expect, tokens per second without padding, and what says so.

    Attributes:
        whole: whether the time of validations and checkpoints is in it.
    """

    tokens_per_second: float
    basis: Basis
    whole: bool = False


@dataclass(frozen=True)
class Outlook:
    """What training would take. None where it cannot be told yet.

    Attributes:
        tokens: of one pass over the training conversations. seconds: of the whole training.
        dtype: of the base's weights. usable: bytes that a training may fill here; place: where they are.
        fit: whether `memory` fits this machine, and why. trained: weights that change, of `parameters`.
        saved_bytes: size on disk of what is kept.
    """

    epochs: float
    conversations: int | None
    steps: int | None
    tokens: int | None
    speed: Speed | None
    seconds: float | None
    dtype: str
    memory: Memory | None
    usable: int
    place: str
    fit: Fit | None
    trained: int | None
    parameters: int | None
    saved_bytes: int | None


def predict(resolved: Resolved, known: Circumstances) -> Outlook:
    """Predict what a resolved recipe comes to."""
    recipe = resolved.recipe
    training, shape = recipe.training, known.shape
    conversations = learned_conversations(recipe, known.facts)
    per_epoch = _steps_per_epoch(recipe, conversations)
    steps = _steps(recipe, conversations)
    epochs = steps / per_epoch if steps and per_epoch else training.num_train_epochs or 1.0
    tokens = _tokens(recipe, known, conversations)
    speed = expect_speed(recipe, known)
    dtype = forecast.choose_dtype(recipe, lambda: _dtype(known))[0]
    memory = expected_memory(recipe, known, dtype)
    usable, place = usable_bytes(known.machine)
    trained = trained_weights(recipe, shape) if shape else None
    return Outlook(
        epochs=epochs,
        conversations=conversations,
        steps=steps + _text_steps(recipe, known) if steps else None,
        tokens=tokens,
        speed=speed,
        seconds=_seconds(recipe, known, speed, epochs * tokens, steps) if speed and tokens else None,
        dtype=dtype,
        memory=memory,
        usable=usable,
        place=place,
        fit=judge(recipe, known, dtype, memory) if memory else None,
        trained=trained,
        parameters=_parameters(recipe, shape, trained) if shape else None,
        saved_bytes=_saved(recipe, dtype, trained),
    )


def variants(
    loaded: LoadedRecipe, known: Circumstances, block: str, field: str, words: tuple[str, ...]
) -> dict[str, Outlook]:
    """What the recipe would come to with each of these words in one field, such as every preset."""
    name = f"{block}.{field}" if block else field
    return {word: predict(resolve(with_field(loaded, name, word), known.facts), known) for word in words}


def with_field(loaded: LoadedRecipe, name: str, value: object) -> LoadedRecipe:
    """Return the recipe with a field set that is valid by itself, or taken out (None), as if it were so written."""
    block, _, leaf = name.rpartition(".")
    lines = {field: line for field, line in loaded.lines.items() if field != name}
    if value is not None:
        lines[name] = loaded.lines.get(name, 0)
    values: dict[str, Any] = loaded.recipe.model_dump()
    inner = values[block] if block else values
    inner.pop(leaf, None)
    if value is not None:
        inner[leaf] = value
    if name == "adaptation.method":  # follows from the method, unless the recipe contradicts itself
        inner.pop("load_in_4bit", None)
        lines.pop("adaptation.load_in_4bit", None)
    return replace(loaded, recipe=Recipe.model_validate(values), lines=lines)


def expect_speed(recipe: Recipe, known: Circumstances) -> Speed | None:
    """How fast this base will be trained here; None if its size is not known."""
    slower = forecast.slowdown(recipe.adaptation.method, bool(recipe.training.gradient_checkpointing))
    dtype = forecast.choose_dtype(recipe, lambda: _dtype(known))[0]
    same = [run for run in known.earlier if run.base == recipe.model.base][-3:]
    if same:
        paces = [run.tokens_per_second * run.slowdown / slower * _gain(known, run.dtype, dtype) for run in same]
        return Speed(statistics.median(paces), "earlier runs", whole=True)
    if known.shape is None:
        return None
    if known.measured:
        pace = known.measured.speed_for(known.shape.linear_parameters)
        return Speed(pace / slower * _gain(known, known.measured.dtype, dtype), "probe")
    guess = GUESS_GPU if known.machine.gpu else GUESS_CPU * known.machine.cores
    return Speed(guess * REFERENCE_LINEAR_PARAMETERS / max(1, known.shape.linear_parameters) / slower, "guess")


def trained_weights(recipe: Recipe, shape: Shape) -> int | None:
    """How many weights change; None if the recipe names layers whose size is not known."""
    adaptation = recipe.adaptation
    if adaptation.method == "full":
        return shape.parameters
    targets = adaptation.lora_target_modules
    if targets == "all-linear":
        return adapter_parameters(shape, adaptation.lora_r or 16)
    if set(targets) <= set(_ADAPTED):
        return adapter_parameters(shape, adaptation.lora_r or 16, targets)
    return None


def time_text(seconds: float) -> str:
    """A predicted time, no finer than it can be known: "under a minute", "about 7 min", "about 2.5 h"."""
    minutes = seconds / 60
    if minutes < 1:
        return "under a minute"
    if minutes < 90:
        return f"about {minutes:.0f} min"
    return f"about {minutes / 60:.1f} h" if minutes < 600 else f"about {minutes / 60:.0f} h"


def _steps_per_epoch(recipe: Recipe, conversations: int | None) -> int | None:
    training = recipe.training
    if conversations is None:
        return None
    return steps_per_epoch(
        conversations, training.per_device_train_batch_size or 1, training.gradient_accumulation_steps or 1
    )


def _steps(recipe: Recipe, conversations: int | None) -> int | None:
    training = recipe.training
    if conversations is None:  # then only max_steps can tell
        return training.max_steps if training.max_steps and training.max_steps > 0 else None
    return total_steps(
        conversations,
        training.per_device_train_batch_size,
        training.gradient_accumulation_steps,
        training.num_train_epochs,
        training.max_steps,
    )


def _tokens(recipe: Recipe, known: Circumstances, conversations: int | None) -> int | None:
    """Tokens of one pass: as an earlier run on the same files counted them, else estimated."""
    alone = conversations - recipe.data.canaries if conversations else None  # as a run tells them
    now = (recipe.model.base, tuple(map(str, recipe.data.train)), alone)
    for run in reversed(known.earlier):
        if (run.base, run.train, run.conversations) == now:
            return run.tokens_per_epoch
    if known.sizes is None or not known.sizes.conversations or conversations is None:
        return None
    train = conversations - known.facts.beside
    beside = known.beside.tokens if known.beside else 0
    return round(known.sizes.tokens * train / known.sizes.conversations) + beside


def _seconds(recipe: Recipe, known: Circumstances, speed: Speed, tokens: float, steps: int | None) -> float:
    per_token = 1 / speed.tokens_per_second
    tokens += known.texts * recipe.training.text_epochs
    if speed.whole:
        return forecast.training_seconds(tokens, per_token, 0, 0.0)
    looks = math.ceil(steps / (recipe.training.eval_steps or steps)) if steps else 0
    one = forecast.look_seconds(_valid_tokens(recipe, known), per_token, recipe.adaptation.method)
    return forecast.training_seconds(tokens, per_token, looks, one)


def _valid_tokens(recipe: Recipe, known: Circumstances) -> int:
    if recipe.data.valid:
        return known.valid.tokens if known.valid else 0
    return round(known.sizes.tokens * recipe.data.valid_share) if known.sizes else 0


def _gain(known: Circumstances, was: str, now: str) -> float:
    """How many times as fast another number format is than the one that was measured, as far as that is known."""
    if was == now or known.measured is None:
        return 1.0
    gain = known.measured.bfloat16_gain or 1.0
    return gain if now == "bfloat16" else 1 / gain


def _dtype(known: Circumstances) -> tuple[str, str]:
    if known.measured:
        return known.measured.dtype, known.measured.reason
    if known.earlier:
        return known.earlier[-1].dtype, "as in the last run"
    return ("bfloat16" if known.machine.gpu else "float32"), "not measured on this machine yet"


def _text_steps(recipe: Recipe, known: Circumstances) -> int:
    """Steps on texts, before the dialogues; their pieces are about as long as may be."""
    return forecast.text_steps(recipe, math.ceil(known.texts / (recipe.training.max_length or 1024)))


def _parameters(recipe: Recipe, shape: Shape, trained: int | None) -> int:
    return shape.parameters + (trained or 0 if recipe.adaptation.method != "full" else 0)


def _saved(recipe: Recipe, dtype: str, trained: int | None) -> int | None:
    kept = dtype if recipe.adaptation.method == "full" else forecast.choose_adapter_dtype(recipe)
    return trained * (2 if kept == "bfloat16" else 4) if trained else None
