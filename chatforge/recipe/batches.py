"""How many conversations at once: a rough memory rule that needs only a model's size.

`models.memory` predicts a run's memory from the model's true shape before it starts; this rule only has to choose
sensible batches while the model may not even be on this machine yet.
"""

import math
from dataclasses import dataclass

SHARE_OF_GPU = 0.7
"""The rest is for the libraries and what this rule does not see."""

SHARE_OF_MAIN_MEMORY = 0.2
"""A whole run on a processor peaks at about four times what this rule counts: batches of ever new shapes leave gaps
that the allocator keeps (SmolLM2-135M, batch 8: 15.6 GB where 3.8 are counted), and other programs want room, too."""

MOST_AT_ONCE_ON_CPU = 4
"""Two cores are busy with four conversations; eight took as long each, padded more and held twice the memory."""


@dataclass(frozen=True)
class Facts:
    """What presets look at. None = not known.

    Attributes:
        parameters: of the base.
        conversations: in the train files, before anything is split off.
        tokens: in the train files, counted or estimated.
        cores: processor cores of this machine.
        ram_bytes: main memory of this machine.
        gpu_bytes: memory of the GPU that would be used; None without one.
        beside: conversations that each pass learns beside those of train: further datasets, general chat.
    """

    parameters: int | None
    conversations: int | None
    tokens: int | None
    cores: int
    ram_bytes: int
    gpu_bytes: int | None
    beside: int = 0

    @property
    def usable_bytes(self) -> int:
        """Memory of the device that would train, as far as this rule may fill it by its own count."""
        if self.gpu_bytes is None:
            return int(SHARE_OF_MAIN_MEMORY * self.ram_bytes)
        return int(SHARE_OF_GPU * self.gpu_bytes)


@dataclass(frozen=True)
class BatchPlan:
    """Chosen batches, each with its reason; `squeezed` if memory forced smaller ones."""

    batch: int
    accumulation: int
    checkpointing: bool
    squeezed: bool
    why_batch: str
    why_accumulation: str
    why_checkpointing: str


def steps_per_epoch(conversations: int, batch: int, accumulation: int) -> int:
    """Optimizer steps of one pass; the last one may hold fewer conversations."""
    return max(1, math.ceil(conversations / (batch * accumulation)))


def total_steps(
    conversations: int, batch: int | None, accumulation: int | None, epochs: float | None, max_steps: int | None
) -> int:
    """Optimizer steps of a whole training; what is None counts as one, `max_steps` as no limit.

    Args:
        max_steps: if positive, how many there are, whatever the epochs.
    """
    if max_steps and max_steps > 0:
        return max_steps
    return max(1, math.ceil(steps_per_epoch(conversations, batch or 1, accumulation or 1) * (epochs or 1.0)))


def training_bytes(parameters: int, method: str, dtype: str, tokens: int, checkpointing: bool) -> int:
    """Roughly the bytes that training takes with `tokens` = batch x length at once.

    The width is guessed from the size (12 x layers x width^2 parameters, about 64 x layers = width).
    """
    width = (parameters * 64 / 12) ** (1 / 3)
    per_number = 4 if dtype == "float32" else 2
    held = {"full": 16.0, "qlora": 0.6}.get(method, per_number * 1.1) * parameters
    # About 17 numbers of model width are kept per layer and token; with checkpointing one, plus one whole layer.
    layers = max(1.0, width / 64)
    kept = width * 17 * (1 + layers / 17 if checkpointing else layers)
    return int(held + tokens * kept * per_number)


def plan_batches(
    facts: Facts,
    *,
    method: str,
    dtype: str,
    length: int,
    effective: int,
    batch: int | None,
    accumulation: int | None,
    checkpointing: bool | None,
) -> BatchPlan:
    """Choose batch, accumulation and checkpointing; those that are given (not None) are kept.

    Args:
        length: longest conversation, tokens.
        effective: conversations per optimizer step to aim at.
    """
    most = effective if facts.gpu_bytes is not None else min(effective, MOST_AT_ONCE_ON_CPU)
    wished = batch or max(1, min(most, effective // (accumulation or 1)))
    sizes = [batch] if batch else _halves(wished)
    choices = [
        (size, saving)
        for saving in ((False, True) if checkpointing is None else (checkpointing,))
        for size in sizes
        # Halving the batch is cheap, checkpointing is not: try all sizes without it first.
    ]
    chosen, saving = next((pick for pick in choices if _fits(facts, method, dtype, length, *pick)), choices[-1])
    summed = accumulation or max(1, round(effective / chosen))
    squeezed = chosen < wished
    fits = _fits(facts, method, dtype, length, chosen, saving)
    memory = (
        f"{(facts.gpu_bytes or facts.ram_bytes) / 1e9:.0f} GB of {'GPU ' if facts.gpu_bytes is not None else ''}memory"
    )
    return BatchPlan(
        batch=chosen,
        accumulation=summed,
        checkpointing=saving,
        squeezed=squeezed,
        why_batch=_why_batch(chosen, summed, memory if squeezed else "", facts),
        why_accumulation=f"{chosen} x {summed} = {chosen * summed} conversations per step",
        why_checkpointing=_why_saving(saving, fits, memory),
    )


def _why_batch(chosen: int, summed: int, memory: str, facts: Facts) -> str:
    if memory:
        return f"as many as fit in {memory}"
    if summed > 1 and chosen == MOST_AT_ONCE_ON_CPU and facts.gpu_bytes is None:
        return "more at once is no faster on a processor"
    return f"{chosen * summed} conversations per step"


def _why_saving(saving: bool, fits: bool, memory: str) -> str:
    if not fits:
        return f"may not fit in {memory}; take a smaller model or qlora"
    return f"needed in {memory}" if saving else f"not needed in {memory}"


def _halves(size: int) -> list[int]:
    sizes = [size]
    while sizes[-1] > 1:
        sizes.append(sizes[-1] // 2)
    return sizes


def _fits(facts: Facts, method: str, dtype: str, length: int, size: int, saving: bool) -> bool:
    if facts.parameters is None:
        return True  # nothing to judge by; the run predicts again when the model is there
    needed = training_bytes(facts.parameters, method, dtype, size * length, saving)
    return needed <= facts.usable_bytes
