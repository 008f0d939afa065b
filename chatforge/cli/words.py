"""The words and small drawings for what a run does, shared by the live view, plain lines and lists."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from chatforge.cli.console import bytes_text, duration_text
from chatforge.runs.events import Plan

STAGE_WORDS: Mapping[str, str] = {"train": "training", "evaluate": "evaluation"}

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII = "_.-=+*#@"


ABSURD = 1e12
"""No loss is as large; NaN and infinity are not smaller."""


def sparkline(values: Sequence[float], width: int, *, ascii_only: bool = False) -> str:
    """Draw a curve in one line of at most `width` signs; each stands for the mean of its share of `values`.

    What is not a number that a loss can be is left out.
    """
    finite = [value for value in values if abs(value) < ABSURD]
    if not finite:
        return ""
    columns = min(width, len(finite))
    cuts = [len(finite) * i // columns for i in range(columns + 1)]
    means = [sum(finite[a:b]) / (b - a) for a, b in pairwise(cuts)]
    low, span = min(means), max(means) - min(means)
    signs = _ASCII if ascii_only else _BLOCKS
    return "".join(signs[int((mean - low) / span * (len(signs) - 1) + 0.5) if span else 0] for mean in means)


def bar(share: float, width: int, *, ascii_only: bool = False) -> str:
    """Draw how much is done, `width` signs long; `share` is cut to 0..1."""
    full = round(min(1.0, max(0.0, share)) * width)
    done, rest = ("#", ".") if ascii_only else ("━", "╌")
    return done * full + rest * (width - full)


def count_text(count: float) -> str:
    """Return a large number for people: "4.88 M", "1.7 B"."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("K", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f}"


def plan_texts(plan: Plan) -> tuple[str, str, str]:
    """What training will do, what it will change, and what it will need; each fits a line of 80 signs."""
    left_out = [f"{count} {word}" for count, word in ((plan.cut, "cut"), (plan.dropped, "dropped")) if count]
    epochs = ", ".join([f"{plan.epochs:g} epochs", *left_out])
    threads = f", {plan.threads} threads" if plan.device == "cpu" else ""
    return (
        f"{plan.steps} steps over {plan.conversations} conversations ({epochs})",
        f"{plan.learned_share:.0%} of the tokens learned, "
        f"{count_text(plan.trainable)} of {count_text(plan.parameters)} weights trained",
        f"about {duration_text(plan.predicted_seconds)} and {bytes_text(plan.predicted_bytes)} of memory "
        f"on {plan.device}{threads}, {plan.dtype} ({plan.dtype_reason})",
    )
