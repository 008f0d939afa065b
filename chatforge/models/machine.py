"""What this machine has (cores, memory, GPUs), without torch, and what was once measured on it."""

import dataclasses
import json
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Gpu:
    """A CUDA device. `free_bytes` is what other programs leave at this moment."""

    name: str
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True)
class Machine:
    """What the work can use. Memory in bytes; limits of a container are respected."""

    system: str
    cores: int
    ram_bytes: int
    available_bytes: int
    gpus: tuple[Gpu, ...] = ()

    @property
    def gpu(self) -> Gpu | None:
        """The device that the work uses: the first one, as torch counts them."""
        return self.gpus[0] if self.gpus else None

    @property
    def key(self) -> str:
        """A text that changes when the hardware does: measured facts hold only for the same key."""
        gpus = "; ".join(gpu.name for gpu in self.gpus)
        return f"{self.system}, {self.cores} cores, {self.ram_bytes >> 30} GiB, {gpus or 'no GPU'}"


@dataclass(frozen=True)
class MachineFacts:
    """What the probe measured.

    Attributes:
        dtype: "bfloat16" or "float32", the better one for training here; reason: why, in words.
        tokens_per_second: training speed to expect for SmolLM2-135M with LoRA, the head left out.
        device: "cuda" or "cpu". key: the machine and library that this holds for.
        bfloat16_gain: how many times as fast as float32 bfloat16 is here.
    """

    dtype: str
    reason: str
    tokens_per_second: float
    device: str
    key: str
    bfloat16_gain: float = 1.0

    def speed_for(self, linear_parameters: int) -> float:
        """Expected tokens per second for a model with so many weights in its linear layers."""
        return self.tokens_per_second * REFERENCE_LINEAR_PARAMETERS / max(linear_parameters, 1)


REFERENCE_LINEAR_PARAMETERS = 106_168_320
"""Weights in the linear layers of SmolLM2-135M, the model that `tokens_per_second` is about."""


def look(cgroup: Path = _CGROUP) -> Machine:
    """Look at this machine now: processor, memory, GPUs (through NVML). Milliseconds; never raises."""
    memory = psutil.virtual_memory()
    limit = _number(cgroup / "memory.max") or _number(cgroup / "memory/memory.limit_in_bytes")
    total = min(memory.total, limit or memory.total)
    used = _number(cgroup / "memory.current") or 0 if limit and limit < memory.total else 0
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        cores=_cores(cgroup),
        ram_bytes=total,
        available_bytes=max(0, min(memory.available, total - used)),
        gpus=_gpus(),
    )


def read_facts(path: Path) -> MachineFacts | None:
    """Read the measured facts; None if nothing (readable) was kept."""
    try:
        return MachineFacts(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_facts(path: Path, facts: MachineFacts) -> None:
    """Keep measured facts: the file is replaced in one step, its folder made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(dataclasses.asdict(facts), indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


def _cores(cgroup: Path) -> int:
    """Cores this process may use: its affinity, cut by a container's quota."""
    try:
        usable = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        usable = os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = (cgroup / "cpu.max").read_text().split()
        usable = min(usable, max(1, int(quota) // int(period)))
    return usable


def _number(path: Path) -> int | None:
    """The number in a control file; None for no file or `max`."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _gpus() -> tuple[Gpu, ...]:
    """The NVIDIA devices in torch's order, or () where there is no driver."""
    import pynvml  # here: a machine without NVIDIA's library must be able to import this module

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        return tuple(_gpu(pynvml, handle) for handle in handles)
    except pynvml.NVMLError:
        return ()
    finally:
        with suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def _gpu(nvml: object, handle: object) -> Gpu:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)  # type: ignore[attr-defined]
    name = nvml.nvmlDeviceGetName(handle)  # type: ignore[attr-defined]
    return Gpu(name if isinstance(name, str) else name.decode(), int(memory.total), int(memory.free))
