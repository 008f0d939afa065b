"""How much memory a training needs, predicted from the model's shape before anything is loaded."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from chatforge.models.catalog import Entry, Shape
from chatforge.models.machine import Machine

Verdict = Literal["fits", "tight", "won't fit"]
_BYTES = {"float32": 4.0, "bfloat16": 2.0}
_FOUR_BIT = 4.127 / 8  # NF4 with double quantisation: 4 bits a weight and 0.127 for its scales
_CUDA_OVERHEAD = 900_000_000  # context, libraries, allocator's slack
_CPU_OVERHEAD = 1_100_000_000  # interpreter with torch, transformers and trl loaded
_SLACK = (
    1.1  # activations measured against counted (SmolLM2-135M, LoRA, batch 4 x 256 in bfloat16, 2 x 512 in float32, CPU)
)


@dataclass(frozen=True)
class Memory:
    """Predicted peak use in bytes, by part; `total` is their sum."""

    weights: int
    adapter: int
    optimizer: int
    gradients: int
    activations: int
    logits: int
    overhead: int

    @property
    def total(self) -> int:
        """All parts together."""
        return (
            self.weights + self.adapter + self.optimizer + self.gradients
            + self.activations + self.logits + self.overhead
        )  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """Whether training fits this machine, and the sentence that says why."""

    verdict: Verdict
    why: str


def estimate(
    shape: Shape,
    method: str = "lora",
    dtype: str = "bfloat16",
    batch: int = 8,
    length: int = 1024,
    learned: float = 0.5,
    checkpointing: bool = False,
    adapter_dtype: str = "float32",
    rank: int = 16,
    cuda: bool = False,
) -> Memory:
    """Predict the peak of a training.

    Args:
        shape: of the base.
        method: `lora`, `qlora` or `full`; others are taken as `lora`.
        dtype, adapter_dtype: `float32` or `bfloat16`, of the weights and of what is trained beside them.
        batch, length: conversations in one forward pass, and tokens in each (padding counted).
        learned: share of the positions that the loss looks at; 1.0 where the head is applied to all.
        checkpointing: activations are computed again in the backward pass instead of being kept.
        rank: of the adapter on every linear layer. cuda: on a GPU (else in main memory).
    """
    size, small = _BYTES[dtype], _BYTES[adapter_dtype]
    full = method == "full"
    trained = shape.parameters if full else adapter_parameters(shape, rank)
    trained_size = size if full else small
    tokens = batch * length
    return Memory(
        weights=_weights(shape, method, size),
        adapter=0 if full else int(trained * trained_size),
        optimizer=int(2 * trained * trained_size),  # Adam keeps two moments of the trained weights' dtype
        gradients=int(trained * trained_size),
        activations=_activations(shape, tokens, size, small, full, checkpointing),
        # logits in dtype; their float32 copy, its softmax and their gradient
        logits=int(tokens * learned * shape.vocab * (size + 12)),
        overhead=_CUDA_OVERHEAD if cuda else _CPU_OVERHEAD,
    )


def adapter_parameters(shape: Shape, rank: int, targets: Collection[str] | None = None) -> int:
    """Weights of a LoRA adapter of this rank on the seven linear layers of each block.

    Args:
        targets: names of those that get one, such as `q_proj`; None is all seven. Other names count for nothing.
    """
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    ends = {
        "q_proj": shape.hidden + queries, "o_proj": shape.hidden + queries,
        "k_proj": shape.hidden + keys, "v_proj": shape.hidden + keys,
        "gate_proj": shape.hidden + shape.intermediate, "up_proj": shape.hidden + shape.intermediate,
        "down_proj": shape.hidden + shape.intermediate,
    }  # fmt: skip
    return shape.layers * rank * sum(end for name, end in ends.items() if targets is None or name in targets)


def usable_bytes(machine: Machine) -> tuple[int, str]:
    """Memory that a training may fill, and where it is: of a GPU nearly all, of main memory three quarters."""
    if machine.gpu:
        return int(machine.gpu.total_bytes * 0.94), machine.gpu.name
    return int(machine.ram_bytes * 0.75), "main memory"


def fit(entry: Entry, machine: Machine, method: str = "lora") -> Fit:
    """Judge whether `entry` can be trained here by `lora`, `qlora` or `full`.

    "fits": four conversations of 1024 tokens at once; "tight": one of 512 at a time; both with gradient
    checkpointing. Without a GPU, three quarters of main memory count as usable. Speed is another question.
    """
    cuda = machine.gpu is not None
    usable, place = usable_bytes(machine)
    if entry.kind == "encoder":
        need = int(entry.parameters * 4) + _CPU_OVERHEAD
        return Fit("fits" if need <= usable else "won't fit", f"needs about {gigabytes(need)}")
    easy = estimate(entry.shape, method, batch=4, cuda=cuda, checkpointing=True).total
    least = estimate(entry.shape, method, batch=1, length=512, cuda=cuda, checkpointing=True).total
    room = f"{gigabytes(usable)} usable ({place})"
    if easy <= usable:
        return Fit("fits", f"about {gigabytes(easy)} (4 x 1024 tokens) of {room}")
    if least <= usable:
        return Fit("tight", f"about {gigabytes(least)} (1 x 512 tokens), {gigabytes(easy)} (4 x 1024), of {room}")
    return Fit("won't fit", f"at least {gigabytes(least)} (1 x 512 tokens), but {room}")


def gigabytes(count: float) -> str:
    """Bytes for people: "93 MB", "1.2 GB", "16 GB" (decimal, as disks are sold)."""
    if count < 1e9:
        return f"{count / 1e6:.0f} MB"
    return f"{count / 1e9:.1f} GB" if count < 1e10 else f"{count / 1e9:.0f} GB"


def _weights(shape: Shape, method: str, size: float) -> int:
    if method != "qlora":
        return int(shape.parameters * size)
    rest = shape.parameters - shape.linear_parameters  # embeddings, head and norms stay as they are
    return int(shape.linear_parameters * _FOUR_BIT + rest * size)


def _activations(shape: Shape, tokens: int, size: float, adapter_size: float, full: bool, checkpointing: bool) -> int:
    """What the backward pass needs: counted over one block, norm → attention → norm → gated MLP."""
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    inner = 4 * shape.intermediate  # gate, its activation, up, their product
    kept = size * (4 * shape.hidden + 3 * queries + 4 * keys + inner)
    norms = 2 * 4 * shape.hidden * 2  # RMSNorm works in float32
    # Each of the seven LoRA pairs keeps its own copy of its input in the adapter's dtype, and a dropout mask.
    inputs = 0.0 if full else 2 * adapter_size * (5 * shape.hidden + queries + shape.intermediate)
    block = tokens * (kept + norms + inputs)
    edges = shape.layers * tokens * shape.hidden * size  # what checkpointing keeps: the input of every block
    return int(_SLACK * (edges + block if checkpointing else shape.layers * block))
