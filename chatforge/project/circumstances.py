"""What predictions are made from: data, base, machine and earlier runs, gathered once; predicting is then quick."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatforge import paths
from chatforge.dialogues.texts import read_texts
from chatforge.errors import UserError
from chatforge.models.catalog import Shape
from chatforge.models.machine import Machine, MachineFacts, look, read_facts
from chatforge.models.sources import locate, read_shape
from chatforge.models.store import Store
from chatforge.project.earlier_runs import Earlier, earlier_runs
from chatforge.project.facts import Sizes, facts_for, weigh, weigh_beside
from chatforge.recipe.batches import Facts
from chatforge.recipe.files import LoadedRecipe
from chatforge.recipe.schema import Data


@dataclass(frozen=True)
class Circumstances:
    """What predictions are made from.

    Attributes:
        facts: what presets look at. sizes: of the train files; valid: of the valid files; None if unreadable.
        shape: of the base; None if it is not known before its weights are here.
        measured: what the probe kept about this machine. earlier: trainings that ended well here, the newest last.
        beside: of what a pass learns beside train; None if nothing, or unreadable.
        texts: about how many tokens are learned before the dialogues; 0 if none, or unreadable.
    """

    facts: Facts
    machine: Machine
    sizes: Sizes | None = None
    valid: Sizes | None = None
    shape: Shape | None = None
    measured: MachineFacts | None = None
    earlier: tuple[Earlier, ...] = ()
    beside: Sizes | None = None
    texts: int = 0


def gather(loaded: LoadedRecipe, runs_dir: Path, home: Path) -> Circumstances:
    """Look at data, base, machine and earlier runs. Reads the dialogue files: not for the screen's own thread."""
    machine, data = look(), loaded.recipe.data
    sizes = _weigh(data, data.train)
    beside = _weigh_beside(data, sizes.conversations) if sizes else None
    measured = read_facts(paths.machine_facts(home))
    return Circumstances(
        facts=facts_for(loaded, sizes, machine, home, beside),
        machine=machine,
        sizes=sizes,
        valid=_weigh(data, data.valid),
        beside=beside,
        texts=_text_tokens(data),
        shape=shape_of(loaded.recipe.model.base, Store(paths.store(home))),
        measured=measured if measured and measured.key.startswith(f"{machine.key}, ") else None,
        earlier=earlier_runs(runs_dir, machine),
    )


def shape_of(base: str, store: Store) -> Shape | None:
    """The sizes of a base from its weights or the catalogue; None if neither knows."""
    try:
        source = locate(base, store)
        if source.path and source.path.is_dir():
            return read_shape(source.path)
        return source.entry.shape if source.entry else None
    except UserError:
        return None


def _text_tokens(data: Data) -> int:
    try:
        return sum(one.tokens for one in read_texts(data.texts))
    except UserError:
        return 0


def _weigh(data: Data, files: Sequence[Path]) -> Sizes | None:
    try:
        return weigh(data, files) if files else None
    except UserError:
        return None


def _weigh_beside(data: Data, train: int) -> Sizes | None:
    try:
        return weigh_beside(data, train)
    except UserError:
        return None
