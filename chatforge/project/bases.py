"""The base models one can choose from: the catalogue, the store, and what a recipe names; what fits, what is here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chatforge import paths
from chatforge.errors import UserError
from chatforge.models.catalog import Entry, load_catalog
from chatforge.models.machine import Machine, look
from chatforge.models.memory import Fit, fit
from chatforge.models.sources import Source, check_folder, describe, locate
from chatforge.models.store import Store, StoredModel, folder_bytes, free_bytes
from chatforge.paths import expand
from chatforge.recipe.evaluation import Evaluation
from chatforge.recipe.files import load_draft
from chatforge.recipe.schema import Model, Recipe
from chatforge.words import bytes_text

METHODS = ("lora", "qlora")
"""Methods by which the catalogue is judged."""

_TALKING_OVERHEAD = 1_100_000_000  # interpreter with torch and transformers loaded


@dataclass(frozen=True)
class Base:
    """One model that can be chosen.

    Attributes:
        name: what a recipe writes.
        entry: what is known of it; None before a hub id or a GGUF file is fetched.
        path: its folder on this machine; None if it has to be fetched.
        part: whether a broken-off download of it can go on.
        fits: by method, whether it can be trained here; empty if nothing is known of it.
        problem: why it cannot be used.
    """

    name: str
    entry: Entry | None = None
    path: Path | None = None
    part: bool = False
    fits: Mapping[str, Fit] = field(default_factory=dict)
    problem: UserError | None = None


@dataclass(frozen=True)
class Shelf:
    """What there is to choose from, at one moment.

    Attributes:
        bases: every chat model, in the catalogue's order; the recipe's own, if it stands nowhere else, first.
        used: the one that the recipe names; None if the recipe cannot be read.
        encoder: the embedding model that judging needs.
        machine: this machine. free_bytes: free disk where weights are kept.
        seconds: that the recipe would train each base, by name, as far as foretold.
    """

    bases: tuple[Base, ...]
    used: Base | None
    encoder: Base | None
    machine: Machine
    free_bytes: int
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[Base, ...]:
        """The recipe's base and its encoder, as far as they have to be fetched."""
        wanted = (self.used, self.encoder)
        return tuple(base for base in wanted if base and base.path is None and base.problem is None)


def gather(home: Path, used: str | None, encoder: str | None, machine: Machine | None = None) -> Shelf:
    """Look at catalogue, store and machine. Takes a moment: call it beside the screen.

    Args:
        used: the recipe's base, its paths absolute. encoder: the recipe's encoder.

    Raises:
        UserError: the store's own catalogue cannot be read.
    """
    store, machine = Store(paths.store(home)), machine or look()
    bases = [_base(entry, model, store, machine) for entry, model in known(store) if entry.kind == "chat"]
    bases += [Base(model.name, path=model.path) for model in _undescribed(store)]
    chosen = named(used, store, machine) if used else None
    if chosen and all(base.name != chosen.name for base in bases):
        bases.insert(0, chosen)
    judge = named(encoder, store, machine) if encoder else None
    return Shelf(tuple(bases), chosen, judge, machine, free_bytes(store.path))


def asked(recipe_path: Path, recipe: Recipe | None) -> tuple[str | None, str | None]:
    """Base and encoder that a recipe names, paths absolute; also of one with problems elsewhere (`recipe` is None).

    Both are None if the file cannot be read at all.
    """
    if recipe:
        return recipe.model.base, recipe.evaluation.encoder
    try:
        values = load_draft(recipe_path).values
    except UserError:
        return None, None
    folder = recipe_path.absolute().parent
    names = (values.get("model.base", Model().base), values.get("evaluation.encoder", Evaluation().encoder))
    base, encoder = (_absolute(str(name), folder) for name in names)
    return base, encoder


def known(store: Store) -> list[tuple[Entry, StoredModel | None]]:
    """The catalogue and what else is in the store and can be described, each with the store's copy of it.

    Raises:
        UserError: the store's own catalogue cannot be read.
    """
    catalog = load_catalog(store.path)
    rows = [(entry, store.find(entry.name)) for entry in catalog.values()]
    unlisted = [model for model in store.entries() if model.name not in catalog]
    return [*rows, *((entry, model) for model in unlisted if (entry := described(model)))]


def named(word: str, store: Store, machine: Machine, relative_to: Path | None = None) -> Base:
    """What a word under `model.base` means; what is wrong with it is said in `problem`."""
    try:
        source = locate(word, store, relative_to)
        if source.kind == "folder" and source.path:
            check_folder(source.path)
    except UserError as error:
        return Base(word, problem=error)
    if source.entry:
        return _base(source.entry, store.find(source.name), store, machine)
    if source.kind == "folder" and source.path:
        return _of_folder(source, source.path, machine)
    stored = store.find(source.name)
    if stored and (entry := described(stored)):
        word = source.name if source.kind == "stored" else word
        return Base(word, entry, stored.path, fits=judged(entry, machine))
    name = source.name if source.kind == "stored" else word
    return Base(name, path=source.path, part=store.resumable(source.name).is_dir())


def written(source: Source, recipe_folder: Path) -> str:
    """How a recipe in `recipe_folder` writes this source: a name, a hub id, or a path that starts at the recipe."""
    if source.kind not in ("folder", "gguf"):
        return source.entry.name if source.entry else source.location if source.kind == "hub" else source.name
    path, folder = Path(source.location), recipe_folder.resolve()
    return f"./{path.relative_to(folder)}" if path.is_relative_to(folder) else str(path)


def typed(word: str, home: Path, recipe_folder: Path) -> tuple[Base, str]:
    """What somebody typed: the model it means, and how a recipe in `recipe_folder` writes it."""
    store = Store(paths.store(home))
    base = named(word, store, look(), recipe_folder)
    if base.problem:
        return base, word
    return base, written(locate(word, store, recipe_folder), recipe_folder)


def judged(entry: Entry, machine: Machine) -> dict[str, Fit]:
    """Whether a chat model can be trained here, by method; {} for an encoder."""
    return {method: fit(entry, machine, method) for method in METHODS} if entry.kind == "chat" else {}


def talking_bytes(entry: Entry) -> int:
    """About what it takes to talk with a model without training it, in 16 bits a weight."""
    return 2 * entry.parameters + _TALKING_OVERHEAD


def described(model: StoredModel) -> Entry | None:
    """A stored model in the catalogue's words; None if its `config.json` does not say enough."""
    try:
        return describe(model)
    except UserError:
        return None


def size_text(parameters: int) -> str:
    """A model's size as people say it: "135M", "1.7B"."""
    return f"{parameters / 1e9:.1f}B" if parameters >= 999.5e6 else f"{parameters / 1e6:.0f}M"


def context_text(tokens: int) -> str:
    """How much a model reads at once: "8k"; "?" if that is not known."""
    return f"{tokens // 1024}k" if tokens >= 1024 else str(tokens or "?")


def machine_text(machine: Machine) -> str:
    """This machine in a few words: "2 cores, 7.6 GB, no GPU"."""
    gpu = f"{machine.gpu.name} with {bytes_text(machine.gpu.total_bytes)}" if machine.gpu else "no GPU"
    return f"{machine.cores} cores, {bytes_text(machine.ram_bytes)}, {gpu}"


def _base(entry: Entry, model: StoredModel | None, store: Store, machine: Machine) -> Base:
    path = model.path if model else None
    return Base(entry.name, entry, path, store.resumable(entry.name).is_dir(), judged(entry, machine))


def _of_folder(source: Source, path: Path, machine: Machine) -> Base:
    """A folder of the user's own, described as if it were in the store."""
    entry = described(StoredModel(source.name, path, f"folder:{path}", None, None, None, folder_bytes(path)))
    return Base(str(path), entry, path, fits=judged(entry, machine) if entry else {})


def _undescribed(store: Store) -> list[StoredModel]:
    catalog = load_catalog(store.path)
    return [m for m in store.entries() if m.name not in catalog and m.kind == "chat" and described(m) is None]


def _absolute(name: str, folder: Path) -> str:
    return str(folder / expand(name)) if name.startswith((".", "/", "~")) or name.endswith(".gguf") else name
