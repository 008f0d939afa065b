"""What a training will take, before and after something was measured: the one set of formulas, without torch.

The screens ask with estimated tokens and a kept speed, the worker with counted tokens and a timed batch.
"""

from collections.abc import Callable

from chatforge.models.catalog import Shape
from chatforge.models.memory import Memory, estimate
from chatforge.recipe.batches import total_steps
from chatforge.recipe.schema import Recipe

FORWARD_SHARE = {"lora": 0.45, "qlora": 0.45, "full": 0.34}
"""Time of a forward pass as a share of forward and backward: frozen weights need no gradient of their own."""


def training_seconds(tokens: float, seconds_per_token: float, looks: int, look_seconds: float) -> float:
    """Time of a whole training.

    Args:
        tokens: of all passes, padding counted. looks: validations. look_seconds: what one of them takes.
    """
    return tokens * seconds_per_token + looks * look_seconds


def look_seconds(tokens: int, seconds_per_token: float, method: str) -> float:
    """Time of one validation over so many tokens, if none was timed: a forward pass."""
    return tokens * seconds_per_token * FORWARD_SHARE[method]


def slowdown(method: str, checkpointing: bool) -> float:
    """How much longer a token takes than with LoRA and everything kept: more gradients, parts computed twice."""
    return FORWARD_SHARE["lora"] / FORWARD_SHARE[method] * (1 + FORWARD_SHARE[method] * checkpointing)


def memory(
    recipe: Recipe, shape: Shape, *, dtype: str, adapter_dtype: str, longest: int, learned_share: float, cuda: bool
) -> Memory:
    """Predict the peak of a training.

    Args:
        recipe: resolved. dtype, adapter_dtype: what `choose_dtype` and `choose_adapter_dtype` say.
        longest: tokens of the longest conversation. learned_share: share of the tokens that the loss looks at.
    """
    training = recipe.training
    return estimate(
        shape,
        recipe.adaptation.method,
        dtype,
        training.per_device_train_batch_size or 1,
        longest,
        learned_share,
        bool(training.gradient_checkpointing),
        adapter_dtype,
        recipe.adaptation.lora_r or 16,
        cuda,
    )


def for_texts(recipe: Recipe) -> Recipe:
    """The recipe of the part that learns texts: a piece at a time, for it is about as long as a batch of dialogues."""
    training = recipe.training.model_copy(update={"per_device_train_batch_size": 1})
    return recipe.model_copy(update={"training": training})


def text_steps(recipe: Recipe, pieces: int) -> int:
    """Optimizer steps on texts that were cut into so many pieces."""
    training = recipe.training
    return total_steps(pieces, 1, training.gradient_accumulation_steps, training.text_epochs, None) if pieces else 0


def choose_dtype(recipe: Recipe, measured: Callable[[], tuple[str, str]]) -> tuple[str, str]:
    """Return the number format of the base's weights, and why.

    Args:
        measured: says which one is the faster here, and why; asked only if nothing else decides.
    """
    asked = recipe.model.dtype
    if recipe.adaptation.method == "full":
        if asked == "bfloat16":
            return "bfloat16", "the recipe says so"
        return "float32", "every weight is trained: bfloat16 would lose small updates"
    return measured() if asked == "auto" else (asked, "the recipe says so")


def choose_adapter_dtype(recipe: Recipe) -> str:
    """Return the number format of the adapter: Adam's last steps are smaller than bfloat16 can add to a weight."""
    asked = recipe.adaptation.adapter_dtype
    return "float32" if asked == "auto" else asked
