"""Fills what a recipe leaves open, by preset, model size, amount of data and machine; each value with its reason.

Rates, passes and ranks start from published sweeps (LoRA Without Regret; LoRA Learns Less and Forgets Less; QLoRA).
Those sweeps are of models from 1 billion parameters up: the row for smaller ones is our extrapolation.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from chatforge.recipe.batches import Facts, plan_batches, steps_per_epoch
from chatforge.recipe.evaluation import RivalWord
from chatforge.recipe.files import LoadedRecipe
from chatforge.recipe.resolved import Origin, Resolved, Source, value_of
from chatforge.recipe.schema import Data, Recipe, iter_fields

Preset = Literal["quick", "balanced", "thorough"]

FEW = 1_000  # conversations under which a model sees each of them often
MANY = 10_000
QUICK_STEPS = 200  # `quick` ends after this many steps however much data there is


@dataclass(frozen=True)
class _Size:
    """Starting values for models up to `limit` parameters: LoRA rate and passes by amount of data."""

    limit: float
    words: str
    rates: tuple[float, float]  # under FEW conversations, from FEW on
    epochs: Mapping[Preset, tuple[float, float, float]]  # under FEW, under MANY, from MANY on


_SIZES = (
    _Size(
        600e6,
        "under 600M parameters",
        (1e-3, 7e-4),
        {"quick": (1.5, 1.0, 1.0), "balanced": (3.0, 2.0, 1.0), "thorough": (8.0, 3.0, 2.0)},
    ),
    _Size(
        4.5e9,
        "0.6 to 4.5 billion parameters",
        (5e-4, 3e-4),
        {"quick": (1.0, 1.0, 1.0), "balanced": (4.0, 2.0, 1.0), "thorough": (6.0, 3.0, 2.0)},
    ),
    _Size(
        math.inf,
        "over 4.5 billion parameters",
        (2e-4, 1e-4),
        {"quick": (1.0, 1.0, 0.5), "balanced": (3.0, 2.0, 1.0), "thorough": (4.0, 2.0, 2.0)},
    ),
)
_LOOKS_PER_EPOCH = 2
_REPLY_TOKENS: Mapping[Preset, int] = {"quick": 64, "balanced": 96, "thorough": 160}
_JUDGED: Mapping[Preset, int | None] = {"quick": 40, "balanced": None, "thorough": None}
_RIVALS: Mapping[Preset, tuple[tuple[RivalWord, ...], str]] = {
    "quick": (("2-examples",), "the strongest of them for its time"),
    "balanced": (get_args(RivalWord), "every one"),
    "thorough": (get_args(RivalWord), "every one"),
}
_LORA_FIELDS = ("lora_r", "lora_alpha", "lora_dropout", "lora_target_modules", "adapter_dtype")
_ALL = "every test conversation"

_DEFAULT_REASONS: Mapping[str, str] = {
    "preset": "the middle budget",
    "model.base": "small enough for any machine",
    "model.dtype": "measured on this machine before training",
    "data.valid": "split off train in whole groups",
    "data.test": "split off train in whole groups",
    "data.texts": "nothing is learned before the dialogues",
    "adaptation.method": "nearly as good as full, for less memory",
    "adaptation.lora_target_modules": "attention only is worse at equal size",
    "adaptation.adapter_dtype": "measured on this machine before training",
    "training.warmup_ratio": "the first steps are the riskiest",
    "training.lr_scheduler_type": "ends with small, careful steps",
    "training.weight_decay": "early stopping guards against overfitting",
    "evaluation.second_encoder": "none judges again",
    "evaluation.facts": "no facts are looked for",
    "evaluation.candidates": "chance is 10 %",
    "evaluation.turns_per_conversation": "more turns of a conversation say little more",
    "evaluation.endpoints": "none is asked",
    "evaluation.remote_endpoints": "nothing leaves this machine",
    "chat.temperature": "always the likeliest word",
    "chat.notice": "none is shown",
}


def resolve(loaded: LoadedRecipe, facts: Facts) -> Resolved:
    """Fill every field that the recipe leaves open. Deterministic: same recipe and facts, same result."""
    filling = _Filling(loaded, facts)
    filling.general()
    filling.adaptation()
    filling.training()
    filling.evaluation()
    return filling.result()


def learned_conversations(recipe: Recipe, facts: Facts) -> int | None:
    """Conversations of a pass: those of train after valid and test are split off, and what is mixed in.

    None if they are not counted.
    """
    if facts.conversations is None:
        return None
    return kept_for_training(recipe.data, facts.conversations) + facts.beside


def kept_for_training(data: Data, conversations: int) -> int:
    """How many of the conversations in the train files are left after valid and test are split off, about."""
    kept = 1.0 - (0 if data.valid else data.valid_share) - (0 if data.test else data.test_share)
    return max(1, round(conversations * kept))


class _Filling:
    """Collects values and their origins, block by block; what the recipe sets is never overwritten."""

    def __init__(self, loaded: LoadedRecipe, facts: Facts) -> None:
        self.loaded, self.facts = loaded, facts
        self.recipe = loaded.recipe
        self.values: dict[str, Any] = loaded.recipe.model_dump()
        self.origins = {name: self._given(name) for name, _ in iter_fields()}
        self.preset: Preset = loaded.recipe.preset
        self.size = next(size for size in _SIZES if (facts.parameters or 1e9) <= size.limit)
        self.conversations = learned_conversations(loaded.recipe, facts)
        # Uncounted data is taken for little data: more passes, stopped early if they don't help.
        self.amount = self.conversations if self.conversations is not None else FEW - 1

    def _given(self, name: str) -> Origin:
        if name in self.loaded.lines:
            word = self.loaded.spelled.get(name)
            return Origin("recipe", f"line {self.loaded.lines[name]}" + (f", as `{word}`" if word else ""))
        return Origin("default", _DEFAULT_REASONS.get(name, ""))

    def get(self, name: str) -> Any:
        return value_of(self.values, name)

    def fill(self, name: str, value: object, source: Source, why: str) -> None:
        """Set a field that the recipe does not set."""
        if self.origins[name].source == "recipe":
            return
        block, _, leaf = name.rpartition(".")
        (self.values[block] if block else self.values)[leaf] = value
        self.origins[name] = Origin(source, why)

    def result(self) -> Resolved:
        return Resolved(Recipe.model_validate(self.values), self.origins)

    def general(self) -> None:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", self.loaded.path.stem).strip("-._")[:60]
        self.fill("name", stem or "recipe", "default", "the recipe's file name")
        for split in ("valid", "test"):
            if getattr(self.recipe.data, split):
                self.fill(f"data.{split}_share", 0.0, "default", f"{split} files are named")

    def adaptation(self) -> None:
        method = self.recipe.adaptation.method
        four = method == "qlora"
        self.fill("adaptation.load_in_4bit", four, "default", f"follows from method {method}")
        if method == "full":
            for name in _LORA_FIELDS:
                self.origins[f"adaptation.{name}"] = Origin("default", "not used: full trains no adapter")
            return
        few = self.amount < FEW
        self.fill("adaptation.lora_r", 16, "preset", "on all layers, more rank hardly helps")
        rank = self.get("adaptation.lora_r")
        self.fill("adaptation.lora_alpha", 2 * rank, "preset", "2 x lora_r")
        why = "under 1,000 conversations" if few else "enough conversations without it"
        self.fill("adaptation.lora_dropout", 0.05 if few else 0.0, "preset", why)

    def training(self) -> None:
        self._batches()
        self._rate()
        self._duration()
        self._looks()
        cores = self.facts.cores
        self.fill("training.threads", cores, "machine", f"{cores} processor core{'s' if cores > 1 else ''}")

    def _rate(self) -> None:
        few = self.amount < FEW
        rate = self.size.rates[0 if few else 1]
        size = self.size.words if self.facts.parameters else "unknown size"
        why = f"{size}, {'under' if few else 'over'} 1,000 conversations"
        if self.recipe.adaptation.method == "full":
            rate, why = rate / 10, f"a tenth of LoRA's; {why}"
        self.fill("training.learning_rate", rate, "preset", why)

    def _batches(self) -> None:
        length = 2048 if self.facts.gpu_bytes else 1024
        fitting = "fits a GPU" if self.facts.gpu_bytes else "longer is slow without a GPU"
        self.fill("training.max_length", length, "preset", fitting)
        training = self.recipe.training
        plan = plan_batches(
            self.facts,
            method=self.recipe.adaptation.method,
            dtype=self.recipe.model.dtype,
            length=self.get("training.max_length"),
            effective=8 if self.amount < FEW else 16,
            batch=training.per_device_train_batch_size,
            accumulation=training.gradient_accumulation_steps,
            checkpointing=training.gradient_checkpointing,
        )
        source: Source = "machine" if plan.squeezed else "preset"
        self.fill("training.per_device_train_batch_size", plan.batch, source, plan.why_batch)
        self.fill("training.gradient_accumulation_steps", plan.accumulation, source, plan.why_accumulation)
        self.fill("training.gradient_checkpointing", plan.checkpointing, "machine", plan.why_checkpointing)

    def _steps_per_epoch(self) -> int | None:
        if self.conversations is None:
            return None
        batch: int = self.get("training.per_device_train_batch_size")
        return steps_per_epoch(self.conversations, batch, int(self.get("training.gradient_accumulation_steps")))

    def _duration(self) -> None:
        steps = self.recipe.training.max_steps
        if steps is not None and steps > 0:
            per_epoch = self._steps_per_epoch()
            passes = round(max(0.01, min(1000.0, steps / per_epoch)), 2) if per_epoch else 1.0
            why = f"follows from max_steps, {per_epoch} steps a pass" if per_epoch else "not used: max_steps decides"
            self.fill("training.num_train_epochs", passes, "recipe", why)
            return
        self.fill("training.max_steps", -1, "default", "num_train_epochs decides")
        kind = 0 if self.amount < FEW else 1 if self.amount < MANY else 2
        epochs = self.size.epochs[self.preset][kind]
        why = f"about {self.conversations:,} conversations to learn" if self.conversations else "data not counted"
        per_epoch = self._steps_per_epoch()
        if self.preset == "quick" and per_epoch and per_epoch * epochs > QUICK_STEPS:
            epochs, why = max(0.01, round(QUICK_STEPS / per_epoch, 2)), f"about {QUICK_STEPS} steps; {why}"
        self.fill("training.num_train_epochs", epochs, "preset", why)

    def _looks(self) -> None:
        per_epoch, most = self._steps_per_epoch(), self.get("training.max_steps")
        steps = max(1, per_epoch // _LOOKS_PER_EPOCH) if per_epoch else 20
        why = f"about {_LOOKS_PER_EPOCH} looks per epoch of {per_epoch} steps" if per_epoch else "data not counted"
        if 0 < most < steps:
            steps, why = most, "one look, at the end"
        self.fill("training.eval_steps", steps, "preset", why)
        if self.preset == "quick":
            self.fill("training.early_stopping_patience", 0, "preset", "too short to stop early")
        else:
            why = "about 1.5 epochs without a gain"
            self.fill("training.early_stopping_patience", 3, "preset", why)

    def evaluation(self) -> None:
        self.fill("evaluation.max_new_tokens", _REPLY_TOKENS[self.preset], "preset", "enough for a short reply")
        judged = _JUDGED[self.preset]
        self.fill("evaluation.conversations", judged, "preset", f"{judged}, to be quick" if judged else _ALL)
        words, why = _RIVALS[self.preset]
        self.fill("evaluation.rivals", list(words), "preset", why)
        small = self.size is _SIZES[0]
        together = 32 if small else 8
        self.fill("evaluation.batch_size", together, "machine", self.size.words)
