"""What a run is bound to: the lock's data, weights, versions, dtype and threads; measured once, held ever after."""

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import torch

from chatforge import __version__, paths
from chatforge.adaptation.forecast import choose_adapter_dtype, choose_dtype
from chatforge.errors import UserError
from chatforge.models.loading import Dtype, choose_device
from chatforge.models.machine import look
from chatforge.models.probe import known_or_measured
from chatforge.models.sources import check_folder, locate, weights_hash
from chatforge.models.store import Store
from chatforge.recipe.files import recipe_from_dict
from chatforge.recipe.schema import Recipe
from chatforge.runs import lockfile
from chatforge.runs.events import Event, Phase
from chatforge.runs.folder import RunFolder

LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate", "bitsandbytes")
"""Their versions decide what comes out of the same seed."""


@dataclass(frozen=True)
class Bound:
    """The fixed circumstances of a run.

    Attributes:
        weights: folder of the base.
        dtype: of the base's weights; adapter_dtype: of what is trained beside them.
        autocast: float32 weights computed in bfloat16 (every weight trained, on a GPU).
        known: True when the lock had all of this already.
        worker: what the lock says under `worker`, the template's hash still missing in a new run.
    """

    run: RunFolder
    recipe: Recipe
    weights: Path
    device: torch.device
    dtype: Dtype
    dtype_reason: str
    adapter_dtype: Dtype
    autocast: bool
    threads: int
    known: bool
    worker: dict[str, Any]

    def settle_template(self, fingerprint: str) -> None:
        """Write the template's hash into the lock of a new run, or compare it with the lock's.

        Raises:
            UserError: tokenizer, system message or template are not the lock's any more.
        """
        if self.known:
            lockfile.check(lockfile.read(self.run), {"template_sha256": fingerprint})
        else:
            lockfile.complete(self.run, self.worker | {"template_sha256": fingerprint})


def bind(run: RunFolder, emit: Callable[[Event], None]) -> Bound:
    """Read the lock and compare it with what is here now; decide what a new run still leaves open.

    Raises:
        UserError: the data changed; other weights, versions or device than the lock's; weights missing.
    """
    lock = lockfile.read(run)
    lockfile.grown(lock)
    recipe = recipe_from_dict(lock.resolved, run.path)
    weights = _weights(recipe.model.base, Store(Path(lock.store)))
    device = choose_device()
    now = {
        "versions": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "device": device.type,
        "weights": {"path": str(weights), "sha256": weights_hash(weights)},
    }
    if lock.worker is not None:
        lockfile.check(lock, now)
        return _bound(run, recipe, weights, device, dict(lock.worker), known=True)
    emit(Phase("measuring"))
    return _bound(run, recipe, weights, device, now | _decide(recipe), known=False)


def _bound(
    run: RunFolder, recipe: Recipe, weights: Path, device: torch.device, worker: dict[str, Any], *, known: bool
) -> Bound:
    bound = Bound(
        run=run,
        recipe=recipe,
        weights=weights,
        device=device,
        dtype=cast("Dtype", worker["dtype"]),
        dtype_reason=worker["dtype_reason"],
        adapter_dtype=cast("Dtype", worker["adapter_dtype"]),
        autocast=False,
        threads=int(worker["threads"]),
        known=known,
        worker=worker,
    )
    mixed = recipe.adaptation.method == "full" and device.type == "cuda"
    return replace(bound, autocast=mixed and torch.cuda.is_bf16_supported(including_emulation=False))


def _decide(recipe: Recipe) -> dict[str, Any]:
    """Threads, dtype and their reasons, for a run that has none yet."""
    machine = look()
    threads = recipe.training.threads or machine.cores
    torch.set_num_threads(threads)
    dtype, reason = choose_dtype(recipe, _measured)
    return {
        "chatforge": __version__,
        "dtype": dtype,
        "dtype_reason": reason,
        "adapter_dtype": choose_adapter_dtype(recipe),
        "threads": threads,
        "hardware": machine.key,
    }


def _measured() -> tuple[str, str]:
    facts = known_or_measured(paths.machine_facts(paths.home()))
    return facts.dtype, facts.reason


def _weights(base: str, store: Store) -> Path:
    source = locate(base, store)
    if source.path is None or not source.path.is_dir():
        raise UserError(
            f"the weights of {base} are not on this machine",
            field="model.base",
            hint=f"chatforge models fetch {source.name}",
        )
    check_folder(source.path)
    return source.path
