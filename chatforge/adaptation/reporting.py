"""Turns what the trainer does into events, and a request to stop into a saved stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil
import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from chatforge.runs.events import Checkpoint, Eval, Event, Phase, Step
from chatforge.runs.events import Warning as WarningEvent

Emit = Callable[[Event], None]


def memory_now(device: torch.device) -> int:
    """Bytes this process uses now: on the GPU if it trains there, else in main memory."""
    if device.type == "cuda":
        return int(torch.cuda.memory_allocated(device))
    return int(psutil.Process().memory_info().rss)


@dataclass(frozen=True)
class Leg:
    """Which part of a training a trainer's steps are.

    Attributes:
        name: of its phase. before, after: steps of the other parts. seconds_after: what those after it will take.
    """

    name: str = "training"
    before: int = 0
    after: int = 0
    seconds_after: float = 0.0


class Reporting(TrainerCallback):
    """Writes one event per step, validation and checkpoint.

    Args:
        emit: writes an event.
        stopping: asked after every step; True makes the trainer save and stop.
        tokens_seen: how many tokens went through the model in training so far.
        samples: called with the step after each validation, to show what the model answers now.
        leg: the part that is reported.
    """

    def __init__(
        self,
        emit: Emit,
        stopping: Callable[[], bool],
        tokens_seen: Callable[[], int],
        samples: Callable[[int], None],
        device: torch.device,
        leg: Leg | None = None,
    ) -> None:
        self._emit, self._stopping, self._tokens_seen, self._samples = emit, stopping, tokens_seen, samples
        self._device = device
        self._began, self._tokens_before = 0.0, 0
        self._seconds: list[float] = []
        self._tokens_per_second = 0.0
        self._best: float | None = None
        self.stopped = False
        self.leg = leg or Leg()

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Say that steps begin."""
        self._best = state.best_metric
        self._emit(Phase(self.leg.name))

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Start the clock of a step."""
        self._began, self._tokens_before = time.monotonic(), self._tokens_seen()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Stop the clock; obey a request to stop."""
        seconds = max(time.monotonic() - self._began, 1e-9)
        self._seconds = [*self._seconds[-19:], seconds]
        self._tokens_per_second = (self._tokens_seen() - self._tokens_before) / seconds
        if self._stopping() and state.global_step < state.max_steps + self.leg.after:
            self.stopped = True
            control.should_save = control.should_training_stop = True

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """One step's figures."""
        if not logs or "loss" not in logs:
            return
        own = (state.max_steps - state.global_step) * _mean(self._seconds)
        self._emit(
            Step(
                step=self.leg.before + state.global_step,
                total=self.leg.before + state.max_steps + self.leg.after,
                epoch=float(state.epoch or 0.0),
                loss=float(logs["loss"]),
                learning_rate=float(logs.get("learning_rate", 0.0)),
                grad_norm=float(logs.get("grad_norm", 0.0)),
                tokens_per_second=round(self._tokens_per_second, 1),
                memory_bytes=memory_now(self._device),
                eta_seconds=round(own + self.leg.seconds_after, 1),
            )
        )
        if not abs(float(logs["loss"])) < float("inf"):
            self._emit(WarningEvent("the loss is not a number any more: lower training.learning_rate"))

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """A look at the validation conversations, and what the model answers now."""
        loss = float((metrics or {})["eval_loss"])
        better = self._best is None or loss < self._best
        self._best = loss if better else self._best
        step = self.leg.before + state.global_step
        self._emit(Eval(step, loss, better))
        self._samples(step)
        if state.global_step:
            self._emit(Phase(self.leg.name))

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """A checkpoint is whole."""
        step = self.leg.before + state.global_step
        self._emit(Checkpoint(step, f"{args.output_dir}/checkpoint-{state.global_step}"))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
