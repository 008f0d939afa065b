"""Dropout that costs little on a processor: only the few values that become zero are drawn.

Drawing a mask for every input of every LoRA layer was a fifth of a training step of SmolLM2-135M on two cores (torch
draws one double for each value, one after the other). At LoRA's usual 5 % it is enough to draw the positions of the
zeros. They come from torch's own generator: a resumed run draws the same ones.
"""

import math

import torch
from torch import Tensor, nn


class SparseDropout(nn.Module):
    """`nn.Dropout` by drawing positions with replacement.

    Of n values, k = -n ln(1-p) positions are drawn, so that each value stays with probability (1-1/n)^k = 1-p. Unlike
    with `nn.Dropout` the number of draws is the same each time; for thousands of values that makes no difference.

    Args:
        p: probability that a value is set to zero in training, from 0 up to but not including 1.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Zero and scale in training, nothing in evaluation; any shape."""
        if not self.training:
            return x
        draws = round(-x.numel() * math.log1p(-self.p))
        zeros = torch.randint(x.numel(), (draws,), device=x.device)
        return x.flatten().index_fill(0, zeros, 0.0).view_as(x) * (1 / (1 - self.p))


def use_sparse(model: nn.Module) -> int:
    """Replace every dropout inside LoRA layers by ours; return how many there were."""
    count = 0
    for name, module in model.named_modules():
        if name.endswith("lora_dropout") and isinstance(module, nn.ModuleDict):
            for key, old in module.items():
                if isinstance(old, nn.Dropout):
                    module[key] = SparseDropout(old.p)
                    count += 1
    return count
