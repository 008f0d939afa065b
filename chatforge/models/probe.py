"""A one-second measurement: which dtype trains faster on this machine, and how fast. Heavy: torch."""

import time
from pathlib import Path

import torch

from chatforge.models.machine import (
    REFERENCE_LINEAR_PARAMETERS,
    MachineFacts,
    look,
    read_facts,
    write_facts,
)

_HIDDEN, _INNER, _TOKENS = 576, 1536, 1024  # SmolLM2-135M's MLP, a batch of 4 x 256
_WORTH_IT = 1.1  # bfloat16 rounds: only a clear gain pays for that


def known_or_measured(path: Path) -> MachineFacts:
    """Return the facts kept in `path` if they are about this machine and torch, else measure and keep them."""
    kept = read_facts(path)
    if kept and kept.key == _key():
        return kept
    facts = measure()
    write_facts(path, facts)
    return facts


def measure(seconds: float = 1.0) -> MachineFacts:
    """Time forward and backward through one MLP in float32 and bfloat16, half of `seconds` for each.

    Only the input gets a gradient, as under LoRA, where the base is frozen.
    """
    device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    speeds = {dtype: _weights_per_second(dtype, device, seconds / 2) for dtype in ("float32", "bfloat16")}
    dtype, reason = _choose(speeds["float32"], speeds["bfloat16"], device.type)
    tokens = speeds[dtype] / REFERENCE_LINEAR_PARAMETERS
    gain = round(speeds["bfloat16"] / speeds["float32"], 2)
    return MachineFacts(dtype, reason, round(tokens, 1), device.type, _key(), gain)


def _choose(float32: float, bfloat16: float, device: str) -> tuple[str, str]:
    """Choose from the two measured speeds; return the dtype and why."""
    if device == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return "bfloat16", "this GPU computes bfloat16 in hardware"
        return "float32", "this GPU has no bfloat16 in hardware"
    gain = bfloat16 / float32
    if gain >= _WORTH_IT:
        return "bfloat16", f"measured here: {gain:.1f} times as fast as float32"
    return "float32", f"measured here: bfloat16 reaches only {gain:.2f} of its speed"


def _weights_per_second(dtype: str, device: torch.device, seconds: float) -> float:
    """Training speed of one gated MLP: weights times tokens per second, forward and backward."""
    kind = getattr(torch, dtype)
    gate, up, down = (
        torch.randn(shape, device=device, dtype=kind) * 0.02
        for shape in ((_HIDDEN, _INNER), (_HIDDEN, _INNER), (_INNER, _HIDDEN))
    )
    x = torch.randn(_TOKENS, _HIDDEN, device=device, dtype=kind, requires_grad=True)

    def once() -> float:
        start = time.perf_counter()
        y = (torch.nn.functional.silu(x @ gate) * (x @ up)) @ down
        torch.autograd.grad(y.sum(), x)
        if device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - start

    once()  # the first time pays for allocation and for choosing kernels
    times, begun = [once()], time.perf_counter()
    while time.perf_counter() - begun < seconds:
        times.append(once())
    median = sorted(times)[len(times) // 2]
    return 3 * _HIDDEN * _INNER * _TOKENS / median


def _key() -> str:
    """What the measurement holds for: this hardware, this torch, this many threads."""
    return f"{look().key}, torch {torch.__version__}, {torch.get_num_threads()} threads"
