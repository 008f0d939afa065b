"""lock.json: what a run is bound to, so that going on later is going on with the same thing.

    {"version": 1, "recipe": {"path", "sha256"}, "resolved": {…}, "origins": {…}, "data": {"/abs/train.jsonl": sha256},
     "store": "/home/me/.local/share/chatforge/models",
     "split": {"method", "seed", "counts": {"train": 70, …}, "notes": […], "parts": "tttvthht…" | null},
     "worker": {"versions": {…}, "dtype", "threads", "device", "weights": {"path", "sha256"}, "template_sha256", …}}

Written when the run is made; `worker` is added once, by the first training of the run.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chatforge.errors import Problem, UserError
from chatforge.runs import folder
from chatforge.runs.folder import RunFolder

VERSION = 1

MISSING = "missing"
"""Stands where the hash of a file would be that is not there."""


@dataclass(frozen=True)
class Lock:
    """The content of lock.json.

    Attributes:
        recipe: `path` and `sha256` of the file that was asked for.
        resolved: the recipe with every field filled, as JSON.
        origins: where each value came from.
        data: sha256 of each dialogue file, by absolute path.
        store: folder of the weights.
        split: which part each conversation is in (see `dialogues.split.record`); None in locks older than that.
        worker: what the first training found: versions, dtype, threads, device, weights; None before it.
    """

    recipe: Mapping[str, str]
    resolved: Mapping[str, Any]
    origins: Mapping[str, Any]
    data: Mapping[str, str]
    store: str
    worker: Mapping[str, Any] | None = None
    split: Mapping[str, Any] | None = None


def make(
    recipe_path: Path,
    recipe_text: str,
    resolved: Mapping[str, Any],
    origins: Mapping[str, Any],
    data: Iterable[Path],
    store: Path,
    split: Mapping[str, Any] | None = None,
) -> Lock:
    """Put together the lock of a new run; hashes the data as it is now.

    Args:
        split: which part each conversation is in.

    Raises:
        UserError: a dialogue file is missing.
    """
    hashes = data_hashes(data)
    missing = [Problem("the file is missing", Path(path)) for path, found in hashes.items() if found == MISSING]
    if missing:
        raise UserError(missing)
    recipe = {"path": str(recipe_path.resolve()), "sha256": _sha256(recipe_text.encode())}
    return Lock(recipe, resolved, origins, hashes, str(store), split=split)


def write(run: RunFolder, lock: Lock) -> None:
    """Write lock.json, whole or not at all."""
    filled = {key: value for key, value in asdict(lock).items() if value is not None}
    folder.write_json(run.lock, {"version": VERSION} | filled)


def read(run: RunFolder) -> Lock:
    """Read lock.json.

    Raises:
        UserError: it is missing, damaged or of a later version.
    """
    if not run.lock.exists():
        raise UserError(
            f"run {run.id} has no lock.json: it was broken off while it was made",
            hint=f"delete it with `{run.command('runs rm')}` and start again",
        )
    found = folder.read_json(run.lock)
    version = found.get("version") if isinstance(found, dict) else None
    if version != VERSION:
        hint = "use the ChatForge that made this run, or start a new one"
        raise UserError(f"written in version {version}; this ChatForge reads {VERSION}", file=run.lock, hint=hint)
    try:
        parts = {key: found[key] for key in ("recipe", "resolved", "origins", "data", "store")}
    except KeyError as error:
        raise UserError(f"has no {error}", file=run.lock, hint="the file was changed outside") from None
    return Lock(**parts, worker=found.get("worker"), split=found.get("split"))


def complete(run: RunFolder, worker: Mapping[str, Any]) -> Lock:
    """Add what the first training found. Later ones call `check` instead.

    Raises:
        UserError: it is there already.
    """
    lock = read(run)
    if lock.worker is not None:
        raise UserError("is complete already; compare with it instead", file=run.lock)
    whole = replace(lock, worker=worker)
    write(run, whole)
    return whole


def data_hashes(paths: Iterable[Path | str]) -> dict[str, str]:
    """Return {absolute path: sha256}, or "missing" for a file that is not there."""
    absolute = [Path(path).resolve() for path in paths]
    return {str(path): _file_sha256(path) if path.is_file() else MISSING for path in absolute}


def check(lock: Lock, now: Mapping[str, Any]) -> None:
    """Compare what is with what was when the run began.

    Args:
        lock: what was.
        now: what is, under lock.json's own names, as much as the caller knows: `data`, and of the worker's
            `versions`, `weights`, `template_sha256` …. Names that the lock does not have are not compared.

    Raises:
        UserError: one problem for each difference.
    """
    was = {"data": lock.data} | dict(lock.worker or {})
    problems = [_problem(place, old, new) for place, old, new in _differences(was, now)]
    if problems:
        raise UserError(problems)


def grown(lock: Lock) -> dict[Path, int]:
    """Compare the dialogue files with what they were; return the bytes that those had which have only grown since.

    Corrections are added to the very file that the next training reads: what came later is no part of this run.

    Raises:
        UserError: one problem for each file that is missing or was changed otherwise.
    """
    now = data_hashes(lock.data)
    found: dict[Path, int] = {}
    for name, sha256 in lock.data.items():
        if now[name] in (sha256, MISSING) or (length := _length_then(Path(name), sha256)) is None:
            continue
        found[Path(name)] = length
        now[name] = sha256
    check(lock, {"data": now})
    return found


def _length_then(path: Path, sha256: str) -> int | None:
    """How many bytes of a file, whole lines from its beginning, have this hash; None if it did not just grow."""
    digest, length = hashlib.sha256(), 0
    with path.open("rb") as file:
        for line in file:
            text = line.rstrip(b"\n")  # the last line then may have had no end yet
            for part in (text, line[len(text) :]):
                digest.update(part)
                length += len(part)
                if digest.copy().hexdigest() == sha256:
                    return length
    return None


def _differences(
    was: Mapping[str, Any], now: Mapping[str, Any], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    for name, new in now.items():
        if name not in was:
            continue
        old, place = was[name], (*above, name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _differences(old, new, place)
        elif old != new:
            yield place, old, new


def _problem(place: tuple[str, ...], old: Any, new: Any) -> Problem:
    new_run = "start a new run with `chatforge run RECIPE`"
    if place[0] == "data":
        what = "is missing" if new == MISSING else "has changed since the run began"
        return Problem(what, Path(place[-1]), field="data", hint=f"put the file back as it was, or {new_run}")
    if place[0] == "versions":
        public = str(old).partition("+")[0]  # "2.13.0+cpu" is no version that an index offers
        what = f"{place[-1]} was {old} when the run began, and is {new} now"
        return Problem(what, field="versions", hint=f"`pip install {place[-1]}=={public}`, or {new_run}")
    what = f"was {old} when the run began, and is {new} now"
    return Problem(what, field=".".join(place), hint=f"bring back what was there, or {new_run}")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
