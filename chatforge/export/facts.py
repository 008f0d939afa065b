"""Gathers what a card says about a run, from the files of its folder. Light: no weights are read into memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatforge.errors import UserError
from chatforge.evaluation import report as reports
from chatforge.evaluation.report import Report
from chatforge.export.private import public_name
from chatforge.export.record import CARD
from chatforge.models.catalog import load_catalog
from chatforge.models.sources import locate, weights_hash
from chatforge.models.store import Store
from chatforge.runs import folder, lockfile, state
from chatforge.runs.events import Finished, Plan
from chatforge.runs.folder import RunFolder
from chatforge.runs.lockfile import Lock
from chatforge.runs.reading import read_events


@dataclass(frozen=True)
class Base:
    """The model underneath, as others can find it.

    Attributes:
        name: what the recipe calls it. id: what a card calls it: a hub id where there is one.
        source: where these weights came from. sha256: of its weights, as training found them.
        licence: an identifier, or None if it is not known.
        same: whether the weights under `id` are the very ones that were trained on.
    """

    name: str
    id: str
    source: str
    sha256: str
    licence: str | None
    same: bool


@dataclass(frozen=True)
class Facts:
    """Everything a card says.

    Attributes:
        beside: the content of the adapter's chatforge.json. training: closing figures of the training.
        counts: conversations by part, as far as known. report: None without one that is about these weights.
        why_no_report: in words, if there is none.
    """

    run: str
    name: str
    beside: Mapping[str, Any]
    lock: Lock
    base: Base
    training: Mapping[str, Any]
    counts: Mapping[str, int]
    report: Report | None
    why_no_report: str

    @property
    def full(self) -> bool:
        """Whether every weight was trained: then it is a model, not an adapter."""
        return self.beside.get("method") == "full"


def gather(run: RunFolder) -> Facts:
    """Read a run's files.

    Raises:
        UserError: nothing is learned yet, or a file is damaged.
    """
    if not (run.adapter / CARD).is_file():
        what = "nothing has been learned in this run yet"
        raise UserError(what, file=run.adapter, hint="train it first, or resume it")
    beside, lock = folder.read_json(run.adapter / CARD), lockfile.read(run)
    training, counts = _training(run)
    report, why = _report(run)
    if lock.split:  # what training read holds what was mixed in, too
        counts = dict(lock.split["counts"])
    elif report:
        counts = report.facts.get("conversations", counts)
    name = str(lock.resolved.get("name") or run.id)
    return Facts(run.id, name, beside, lock, _base(beside, lock), training, counts, report, why)


def _base(beside: Mapping[str, Any], lock: Lock) -> Base:
    word, worker = str(beside["base_name"]), lock.worker or {}
    sha256 = str(worker.get("weights", {}).get("sha256", ""))
    store = Store(Path(lock.store))
    try:
        source = locate(word, store)
    except UserError:  # the folder it was trained on is gone; what is written down still holds
        return Base(public_name(word), public_name(word), "a folder", sha256, None, True)
    stored = store.find(source.name)
    licence = source.entry.licence if source.entry else stored.licence if stored else None
    if source.kind == "hub" or (stored and stored.source.startswith("hub:")):
        return Base(
            source.name,
            public_name(source.location.removeprefix("hub:")),
            "the Hugging Face hub",
            sha256,
            licence,
            True,
        )
    if source.entry:
        original = load_catalog().get(f"{source.entry.name}-hub")
        id_ = original.origin[1] if original else source.entry.name
        return Base(source.name, id_, source.entry.source, sha256, licence, original is None)
    return Base(source.name, public_name(source.name), "a local folder or file", sha256, licence, True)


def _training(run: RunFolder) -> tuple[Mapping[str, Any], dict[str, int]]:
    """Closing figures of the last training, and how many conversations it read."""
    facts: Mapping[str, Any] = {}
    counts: dict[str, int] = {}
    for stamped in read_events(run.events("train")):
        match stamped.event:
            case Finished(facts=found):
                facts = found
            case Plan(conversations=train):
                counts = {"train": train}
            case _:
                pass
    return facts, counts


def _report(run: RunFolder) -> tuple[Report | None, str]:
    """The run's report if it is about the weights that lie there now."""
    path = run.evaluation / reports.FILE
    if not path.exists() and state.stage_status(run, "evaluate") in ("running", "waiting"):
        return None, "It is being evaluated: whether training helped is not known yet."
    if not path.exists():
        return None, f"It was not evaluated: whether training helped is not known. `chatforge evaluate {run.id}` tells."
    try:
        report = reports.read(path)
    except UserError:
        return None, "Its report cannot be read."
    judged = report.facts.get("weights", {}).get("adapter")
    if judged and judged != weights_hash(run.adapter):
        return None, "It was trained again after its evaluation: what was found then is not about these weights."
    return report, ""
