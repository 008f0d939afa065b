"""Data sets of the hub, brought to this machine: the files that hold data, of one commit, which is recorded.

    HOME/data/acme--talks/            train-00000-of-00001.parquet, test-….parquet, LICENSE, chatforge.json
    HOME/data/acme--talks.train/      only one split of it

Like a model, a data set is there if and only if its `chatforge.json` is. Scripts are never fetched.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeVar

from chatforge.errors import UserError
from chatforge.folders import PART_WORDS, is_wanted, part_of
from chatforge.models.data_sets import DataSet
from chatforge.models.download import Report, bring, only_one
from chatforge.models.hub import Hub, Listing
from chatforge.models.sources import file_sha256
from chatforge.models.store import Store, StoredModel
from chatforge.runs.events import Phase

_SHOWN = 8

Value = TypeVar("Value")


def obtain_data(wanted: DataSet, store: Store, report: Report, hub: Hub) -> StoredModel:
    """Bring a data set to this machine, unless it is here; report as it goes.

    Args:
        store: the folder of all data sets. hub: where it is looked up.

    Raises:
        UserError: not there, gated, no data files, no such split, no room, no network, a file that arrived damaged.
    """
    store.path.mkdir(parents=True, exist_ok=True)
    with only_one(store, wanted.name, report):
        if stored := store.find(wanted.name):
            return stored
        report(Phase("looking it up"))
        listing = _of_split(hub.listing(wanted.repository), wanted)
        folder = bring(wanted.repository, wanted.name, listing, store, report, hub)
        report(Phase("recording"))
        digests = {name: file_sha256(folder / name) for name in sorted(listing.sizes)}
        origin = f"hub:datasets/{wanted.repository}@{listing.revision}"
        made = StoredModel(wanted.name, folder, origin, None, None, listing.licence, 0, "data", digests)
        return store.publish(folder, made)


def _of_split(listing: Listing, wanted: DataSet) -> Listing:
    """Leave out the files of other splits."""
    files = [name for name in listing.sizes if is_wanted(PurePosixPath(name))]
    if not files:
        raise UserError(
            f"{wanted.repository} has no data files (Parquet, JSON, CSV) that could be read",
            hint="the hub's own Parquet files of it, where it makes any: --revision refs/convert/parquet",
        )
    if wanted.split is None:
        return listing
    others = {name for name in files if not _is_of(PurePosixPath(name), wanted.split)}
    if len(others) == len(files):
        more = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
        raise UserError(
            f"{wanted.repository} has no files of a split `{wanted.split}`",
            hint=f"it has {', '.join(files[:_SHOWN])}{more}; without --split all are fetched",
        )

    def kept(values: Mapping[str, Value]) -> dict[str, Value]:
        return {name: value for name, value in values.items() if name not in others}

    return replace(listing, sizes=kept(listing.sizes), hashes=kept(listing.hashes))


def _is_of(file: PurePosixPath, split: str) -> bool:
    return split in _names(file) or (split in PART_WORDS and part_of(file) == PART_WORDS[split])


def _names(file: PurePosixPath) -> Iterator[str]:
    """What a file of a split may be called by: its folders, and its name with and without the number of a piece."""
    stem = file.name.split(".")[0]
    yield from (*file.parts[:-1], stem, re.sub(r"-\d+(-of-\d+)?$", "", stem))
