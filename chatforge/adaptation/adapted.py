"""Base and adapted model of a run, side by side, for evaluation and chat."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import psutil
import torch
from peft import PeftModel

from chatforge import paths
from chatforge.dialogues.rendering import Renderer
from chatforge.errors import UserError
from chatforge.models.loading import Dtype, choose_device, context_of, load_base, load_tokenizer, torch_dtype
from chatforge.models.machine import read_facts
from chatforge.models.sources import check_folder
from chatforge.models.store import folder_bytes
from chatforge.runs import folder
from chatforge.runs.folder import RunFolder

CARD = "chatforge.json"
"""File beside an adapter that says how to use it."""


@dataclass(frozen=True)
class Card:
    """What must be the same wherever the adapter is used.

    Attributes:
        base: folder of the base's weights; base_name: what the recipe calls it.
        system: the system message it was trained with.
        template_sha256: hash of chat template, system message and stop tokens.
        threads: processor threads that training used.
    """

    base: str
    base_name: str
    method: str
    dtype: Dtype
    load_in_4bit: bool
    system: str
    template_sha256: str
    threads: int


def write_card(adapter: Path, card: Card) -> None:
    """Write the card beside an adapter."""
    folder.write_json(adapter / CARD, asdict(card))


def read_card(adapter: Path) -> Card:
    """Read it.

    Raises:
        UserError: there is none: the run is not trained, or was stopped before its first validation.
    """
    if not (adapter / CARD).is_file():
        raise UserError("nothing has been learned in this run yet", file=adapter, hint="train it first, or resume it")
    fields: Mapping[str, Any] = folder.read_json(adapter / CARD)
    return Card(**{name: fields[name] for name in Card.__dataclass_fields__})


Open = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Pair:
    """The base and the adapted model, each at hand inside its context, one at a time.

    Attributes:
        tokenizer, renderer: the ones that training used.
        context: most tokens the model can look at.
        note: what the user should know about switching, or None.
        base, adapted: open the model in evaluation mode; `adapted` is None for a bare base.
    """

    tokenizer: Any
    renderer: Renderer
    context: int
    base: Open
    adapted: Open | None
    note: str | None = None


def open_pair(run: RunFolder, device: torch.device | None = None) -> Pair:
    """Load what a run has learned, with its base.

    Raises:
        UserError: nothing learned yet; base weights gone, or another chat template than the trained one.
    """
    card = read_card(run.adapter)
    base_folder, device = Path(card.base), device or choose_device()
    if not base_folder.is_dir():
        raise UserError(
            "the base model of this run is gone", file=base_folder, hint=f"chatforge models fetch {card.base_name}"
        )
    tokenizer = load_tokenizer(run.adapter)
    renderer = Renderer(tokenizer, card.system)
    if renderer.fingerprint() != card.template_sha256:
        raise UserError(
            "chat template, system message or stop tokens beside the adapter are not the ones it was trained with",
            file=run.adapter,
            hint="the files were changed outside; train again",
        )
    load = Loader(card, base_folder, run.adapter, device)
    if card.method == "full":
        return _full_pair(load, tokenizer, renderer)
    model = PeftModel.from_pretrained(load.base(), str(run.adapter), torch_device=str(device)).eval()
    _compute_as_trained(model, torch_dtype(card.dtype))
    return Pair(tokenizer, renderer, context_of(model), lambda: _without(model), lambda: nullcontext(model))


def open_base(base: Path, system: str, dtype: Dtype | None = None, device: torch.device | None = None) -> Pair:
    """Load a base model alone, to talk to it before anything is trained.

    Args:
        dtype: None takes the one that was measured as fast on this machine, bfloat16 before anything was measured.

    Raises:
        UserError: the folder is no model that can be loaded.
    """
    check_folder(base)
    tokenizer = load_tokenizer(base)
    known = read_facts(paths.machine_facts(paths.home()))
    fast = cast("Dtype", known.dtype) if known else "bfloat16"
    model = load_base(base, dtype=dtype or fast, device=device or choose_device())
    return Pair(tokenizer, Renderer(tokenizer, system), context_of(model), lambda: nullcontext(model), None)


@dataclass(frozen=True)
class Loader:
    """Loads the two models of a fully trained run."""

    card: Card
    base_folder: Path
    result_folder: Path
    device: torch.device

    def base(self) -> Any:
        """The base as training saw it."""
        return load_base(
            self.base_folder, dtype=self.card.dtype, device=self.device, load_in_4bit=self.card.load_in_4bit
        )

    def result(self) -> Any:
        """The model with every weight trained."""
        return load_base(self.result_folder, dtype=self.card.dtype, device=self.device)

    def both_fit(self) -> bool:
        """Whether base and result fit into memory at once, with a third to spare."""
        # Both are loaded in the dtype that the result is saved in, whatever the base has on disk.
        need = 2 * folder_bytes(self.result_folder)
        if self.device.type == "cuda":
            return bool(torch.cuda.mem_get_info(self.device)[0] > 1.33 * need)
        return bool(psutil.virtual_memory().available > 1.33 * need)


def _compute_as_trained(model: Any, dtype: torch.dtype) -> None:
    """Hold the adapter in the numbers that training computed with: its base's, also where it was kept in float32.

    PEFT would go to float32 and back at every adapted layer: other replies than those of training, and more time
    (likelihoods of 100 conversations with SmolLM2-135M on two cores: 41 instead of 32 s).
    """
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.data = parameter.data.to(dtype)


@contextmanager
def _without(model: Any) -> Iterator[Any]:
    """The base: the same model with its adapter switched off."""
    with model.disable_adapter():
        yield model


def _full_pair(load: Loader, tokenizer: Any, renderer: Renderer) -> Pair:
    if load.both_fit():
        base, result = load.base(), load.result()
        return Pair(tokenizer, renderer, context_of(result), lambda: nullcontext(base), lambda: nullcontext(result))
    slot = _Slot()
    note = "base and result don't fit into memory together: switching between them loads the other one"
    first = slot.open("adapted", load.result)
    return Pair(
        tokenizer,
        renderer,
        context_of(first),
        lambda: nullcontext(slot.open("base", load.base)),
        lambda: nullcontext(slot.open("adapted", load.result)),
        note,
    )


class _Slot:
    """Room for one model: another one takes the place of the first."""

    def __init__(self) -> None:
        self._name: str | None = None
        self._model: Any = None

    def open(self, name: str, load: Callable[[], Any]) -> Any:
        if name != self._name:
            self._model = None  # given back before the other one is loaded
            self._model, self._name = load(), name
        return self._model
