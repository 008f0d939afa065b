"""Trainings that ended well on this machine: how fast they were, and how far off their own predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatforge.adaptation import forecast
from chatforge.errors import UserError
from chatforge.models.machine import Machine
from chatforge.runs import folder, lockfile
from chatforge.runs.events import Finished, Plan
from chatforge.runs.folder import RunFolder
from chatforge.runs.reading import read_events

NEWEST = 20
"""How many runs are looked at: older ones say little about today."""


@dataclass(frozen=True)
class Earlier:
    """One of them.

    Attributes:
        base: as the run's lock names it. train: its train files. slowdown: of its method against LoRA's.
        tokens_per_second: without padding, the time of validations in it.
        predicted, seconds: what was told before its first step, and what it took.
        dtype: of the base's weights.
    """

    run: str
    base: str
    train: tuple[str, ...]
    slowdown: float
    conversations: int
    tokens_per_epoch: int
    tokens_per_second: float
    predicted: float
    seconds: float
    dtype: str

    @property
    def ratio(self) -> float:
        """How many times as long as predicted it took."""
        return self.seconds / self.predicted


def earlier_runs(runs_dir: Path, machine: Machine) -> tuple[Earlier, ...]:
    """Read those of the newest runs that were trained to the end on this machine; the newest last."""
    found = (_read(run, machine) for run in folder.list_runs(runs_dir)[-NEWEST:])
    return tuple(run for run in found if run)


def error_text(runs: Sequence[Earlier]) -> str:
    """How far off predictions have been here; "" if there were none."""
    ratios = sorted(run.ratio for run in runs)
    if not ratios:
        return ""
    if len(ratios) == 1:
        return f"an earlier run took {_times(ratios[0])} times as long as predicted"
    low, high = _times(ratios[0]), _times(ratios[-1])
    span = low if low == high else f"{low} to {high}"
    return f"earlier runs took {span} times as long as predicted"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio >= 0.1 else f"{ratio:.2g}"


def _read(run: RunFolder, machine: Machine) -> Earlier | None:
    try:
        lock = lockfile.read(run)
        worker = lock.worker or {}
        if worker.get("hardware") != machine.key:
            return None
        events = [stamped.event for stamped in read_events(run.events("train"))]
        plan = next(event for event in reversed(events) if isinstance(event, Plan))
        facts = next(event.facts for event in reversed(events) if isinstance(event, Finished))
        return _earlier(run, lock.resolved, worker, plan, facts)
    except (UserError, OSError, StopIteration, KeyError, TypeError, ValueError, ZeroDivisionError):
        return None  # not trained to the end, or written by another version: it says nothing here


def _earlier(run: RunFolder, resolved: Any, worker: Any, plan: Plan, facts: Any) -> Earlier | None:
    seconds, predicted, tokens = (float(facts[name]) for name in ("seconds", "predicted_seconds", "tokens"))
    if min(seconds, predicted, tokens) <= 0:
        return None
    saving = bool(resolved["training"]["gradient_checkpointing"])
    return Earlier(
        run=run.id,
        base=str(resolved["model"]["base"]),
        train=tuple(str(path) for path in resolved["data"]["train"]),
        slowdown=forecast.slowdown(resolved["adaptation"]["method"], saving),
        conversations=plan.conversations,
        tokens_per_epoch=plan.tokens_per_epoch,
        tokens_per_second=tokens / seconds,
        predicted=predicted,
        seconds=seconds,
        dtype=str(worker["dtype"]),
    )
