"""The words and small drawings for what a run does, shared by the live view, plain lines and lists."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from chatforge.cli.console import bytes_text, duration_text
from chatforge.runs.events import Plan

STAGE_WORDS: Mapping[str, str] = {"train": "training", "evaluate": "evaluation"}

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII = "_.-=+*#@"


def sparkline(values: Sequence[float], width: int, *, ascii_only: bool = False) -> str:
    """Draw a curve in one line of at most `width` signs; each stands for the mean of its share of `values`.

    What is not a finite number is left out.
    """
    finite = [value for value in values if math.isfinite(value)]
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


def plan_text(plan: Plan) -> str:
    """What training will do, in one sentence."""
    left_out = [f"{count} {word}" for count, word in ((plan.cut, "cut"), (plan.dropped, "dropped")) if count]
    return (
        f"{plan.steps} steps over {plan.conversations} conversations ({plan.epochs:g} epochs"
        f"{''.join(f', {part}' for part in left_out)}), {plan.learned_share:.0%} of the tokens learned, "
        f"{plan.trainable / 1e6:.2f} of {plan.parameters / 1e6:.0f} M weights trained"
    )


def prediction_text(plan: Plan) -> str:
    """What training will need, in one sentence."""
    threads = f", {plan.threads} threads" if plan.device == "cpu" else ""
    return (
        f"about {duration_text(plan.predicted_seconds)} and {bytes_text(plan.predicted_bytes)} of memory "
        f"on {plan.device}{threads}, {plan.dtype} ({plan.dtype_reason})"
    )
