"""Dropout that costs little on a processor: one random byte for each value instead of one random double.

Drawing the masks of LoRA's dropout was a fifth of a training step of SmolLM2-135M on two cores (torch draws them one
after the other, in double precision). A byte is enough for a coin: the probability becomes a multiple of 1/256, and
the scale is that of the probability really used, so that the expectation stays exact. The bytes come from torch's own
generator: a resumed run draws the same ones.
"""

import torch
from torch import Tensor, nn


class ByteDropout(nn.Module):
    """`nn.Dropout` for a probability of n/256, the one nearest to `p` (at least 1/256).

    Args:
        p: share of values set to zero in training, between 0 and 1.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.zeros = min(255, max(1, round(p * 256)))

    @property
    def p(self) -> float:
        """The probability really used."""
        return self.zeros / 256

    def forward(self, x: Tensor) -> Tensor:
        """Zero and scale in training, nothing in evaluation; any shape."""
        if not self.training:
            return x
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device)
        # All 64 bits are random: the limits are those of the type.
        words.random_(torch.iinfo(torch.int64).min, None)
        keep = words.view(torch.uint8)[: x.numel()].view(x.shape) >= self.zeros
        return x * (keep * (1 / (1 - self.p))).to(x.dtype)


def use_bytes(model: nn.Module) -> int:
    """Replace every dropout inside LoRA layers by ours; return how many there were."""
    count = 0
    for name, module in model.named_modules():
        if name.endswith("lora_dropout") and isinstance(module, nn.ModuleDict):
            for key, old in module.items():
                if isinstance(old, nn.Dropout):
                    module[key] = ByteDropout(old.p)
                    count += 1
    return count
