"""Whether what a recipe asks for fits into this machine's memory, and which smaller way would."""

from collections.abc import Iterator, Mapping
from typing import Any

from chatforge.adaptation import forecast
from chatforge.models.memory import Fit, Memory, gigabytes, usable_bytes
from chatforge.project.circumstances import Circumstances
from chatforge.recipe.schema import Recipe

TIGHT = 0.85
"""Share of the usable memory from which on a prediction that may be a fifth off is called tight."""


def expected_memory(recipe: Recipe, known: Circumstances, dtype: str) -> Memory | None:
    """Predict the peak of a training, the larger one of those on dialogues and on texts; None if the base is not known.

    Args:
        dtype: of the base's weights.
    """
    if known.shape is None:
        return None
    longest = most = recipe.training.max_length or 1024
    if known.sizes and known.sizes.longest:
        longest = min(most, max(known.sizes.longest, known.beside.longest if known.beside else 0))
    share = known.sizes.learned_share if known.sizes else 0.5
    parts = [(recipe, longest, share), *([(forecast.for_texts(recipe), most, 1.0)] if known.texts else [])]
    found = [
        forecast.memory(
            part,
            known.shape,
            dtype=dtype,
            adapter_dtype=forecast.choose_adapter_dtype(recipe),
            longest=length,
            learned_share=learned_share,
            cuda=known.machine.gpu is not None,
        )
        for part, length, learned_share in parts
    ]
    return max(found, key=lambda memory: memory.total)


def judge(recipe: Recipe, known: Circumstances, dtype: str, memory: Memory) -> Fit:
    """Say whether a training fits this machine, and if it does not, what would make it fit."""
    usable, place = usable_bytes(known.machine)
    room = f"{gigabytes(memory.total)} of {gigabytes(usable)} usable ({place})"
    if memory.total > usable:
        way = next((words for words, other in _ways_out(recipe) if _smaller(other, known, dtype, usable)), None)
        return Fit("won't fit", f"{room}; {f'{way} would make it fit' if way else 'take a smaller base'}")
    free = known.machine.gpu.free_bytes if known.machine.gpu else known.machine.available_bytes
    if memory.total > free:
        return Fit("tight", f"{room}, but only {gigabytes(free)} are free now: close other programs")
    return Fit("tight" if memory.total > TIGHT * usable else "fits", room)


def _smaller(recipe: Recipe, known: Circumstances, dtype: str, usable: int) -> bool:
    memory = expected_memory(recipe, known, dtype)
    return memory is not None and memory.total <= usable


def _ways_out(recipe: Recipe) -> Iterator[tuple[str, Recipe]]:
    """Smaller ways of the same training, the cheapest first."""

    def other(**fields: Any) -> Recipe:
        return recipe.model_copy(update={"training": recipe.training.model_copy(update=fields)})

    batch = recipe.training.per_device_train_batch_size or 1
    while batch > 1:
        batch //= 2
        yield f"a batch of {batch}", other(per_device_train_batch_size=batch)
    yield "gradient_checkpointing", other(gradient_checkpointing=True)
    least: Mapping[str, Any] = {"per_device_train_batch_size": 1, "gradient_checkpointing": True}
    yield "a batch of 1 with gradient_checkpointing", other(**least)
    for method in ("lora", "qlora"):
        small = other(**least)
        adaptation = small.adaptation.model_copy(update={"method": method})
        words = f"method {method} with a batch of 1 and gradient_checkpointing"
        yield words, small.model_copy(update={"adaptation": adaptation})
