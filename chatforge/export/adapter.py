"""Hands on what a run has learned: the adapter (or the model, where every weight was trained) with its card.

adapter/  ─┐
card      ─┼─► parcel ──write──► FOLDER        all of it or nothing; what lies there is never overwritten unasked
recipe …  ─┘
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from chatforge.errors import UserError
from chatforge.export.card import SYSTEM_FILE, card
from chatforge.export.facts import Facts, gather
from chatforge.export.private import names_of, public_name, public_recipe, without_paths
from chatforge.export.record import CARD, remember
from chatforge.models.store import free_bytes
from chatforge.paths import expand
from chatforge.runs import folder
from chatforge.runs.folder import RunFolder
from chatforge.runs.lockfile import VERSION
from chatforge.words import bytes_text

README = "README.md"
FORM = 1
"""Version of what an export's chatforge.json says, under `export`: the mark of a folder that we wrote."""

_CARRIED = (".safetensors", ".json", ".jinja", ".model", ".txt")
_WITH_PATHS = ("config.json", "generation_config.json", "tokenizer_config.json")
"""Endings that are handed on (never a pickle); files in which libraries leave paths of this machine."""

At = Literal["free", "earlier export", "other files"]


@dataclass(frozen=True)
class Item:
    """One file: its name, what it is for, its size, and either where it lies or what it holds."""

    name: str
    what: str
    size: int
    source: Path | None = None
    content: bytes = b""


@dataclass(frozen=True)
class Parcel:
    """All that is handed on. `card` is the text of README.md; `kind` "adapter" or "model"."""

    run: RunFolder
    kind: str
    card: str
    items: tuple[Item, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(item.size for item in self.items)

    @property
    def target(self) -> Path:
        """Where it goes unless somebody says otherwise."""
        return self.run.exports / self.kind


def pack(run: RunFolder) -> Parcel:
    """Put together what a run hands on; nothing is written.

    Raises:
        UserError: nothing is learned yet, or a file of the run is damaged.
    """
    facts = gather(run)
    text = card(facts)
    items = [_made(README, "the card: what it is, how it did, what it is not for", text), *_carried(run, facts)]
    items += [
        _made(SYSTEM_FILE, "the system message it was trained with", str(facts.beside["system"])),
        _made("recipe.yaml", "what was asked for", _recipe(run, facts)),
        _made("lock.json", "what it came to: values, hashes, versions", _json(_lock(facts))),
    ]
    names = sorted([*(item.name for item in items), CARD])
    items.append(_made(CARD, "how ChatForge uses it", _json(_beside(facts, names))))
    return Parcel(run, "model" if facts.full else "adapter", text, tuple(items))


def what_is_at(target: Path) -> At:
    """Say what a parcel would meet at a place.

    Raises:
        UserError: there is a file of that name.
    """
    if not target.exists():
        return "free"
    if not target.is_dir():
        raise UserError("is a file; a folder is needed", file=target)
    if not any(target.iterdir()):
        return "free"
    try:
        beside = folder.read_json(target / CARD)
    except (UserError, OSError):
        return "other files"
    made = beside.get("export") if isinstance(beside, dict) else None
    names = set(made.get("files", ())) if isinstance(made, dict) else set()
    return "earlier export" if names and {path.name for path in target.iterdir()} <= names else "other files"


def write(parcel: Parcel, target: Path, *, replace: bool = False) -> Path:
    """Write a parcel's files into a folder; return it. Broken off, it leaves what was there as it was.

    Args:
        replace: an earlier export there may go. A folder with anything else in it is never touched.

    Raises:
        UserError: other files or an earlier export are there; no room; it cannot be written.
    """
    target = expand(target).resolve()
    _check(parcel, target, replace)
    draft = target.with_name(f".{target.name}-draft-{os.getpid()}")
    try:
        draft.mkdir(parents=True)
        for item in parcel.items:
            if item.source:
                shutil.copyfile(item.source, draft / item.name)
            else:
                (draft / item.name).write_bytes(item.content)
        _put(draft, target)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise UserError(what, file=target, hint="choose another folder") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    remember(parcel.run, target)
    return target


def _check(parcel: Parcel, target: Path, replace: bool) -> None:
    if target.is_relative_to(parcel.run.adapter.resolve()):
        raise UserError("lies inside the run's own adapter", file=target, hint="choose another folder")
    try:
        found = what_is_at(target)
        free = free_bytes(target.parent)
    except OSError as error:
        raise UserError(f"cannot be looked at: {error.strerror}", file=target, hint="choose another folder") from error
    if found == "other files":
        raise UserError("the folder holds other files; they are not touched", file=target, hint="choose another folder")
    if found == "earlier export" and not replace:
        raise UserError("an earlier export is there", file=target, hint="choose another folder, or replace it")
    if free < parcel.size:
        need = f"{bytes_text(parcel.size)} are needed, {bytes_text(free)} are free"
        raise UserError(f"there is no room: {need}", file=target, hint="make room, or choose another disk")


def _put(draft: Path, target: Path) -> None:
    """Put the finished folder in its place; an earlier one goes only when the new one stands."""
    if not target.exists():
        draft.rename(target)
        return
    old = target.with_name(f".{target.name}-old-{os.getpid()}")
    target.rename(old)
    try:
        draft.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _carried(run: RunFolder, facts: Facts) -> Iterator[Item]:
    """The adapter's own files, weights first; those in which paths may stand are cleaned."""
    paths = [path for path in run.adapter.iterdir() if path.is_file() and path.suffix in _CARRIED and path.name != CARD]
    for path in sorted(paths, key=lambda path: (path.suffix != ".safetensors", path.name)):
        if path.name == "adapter_config.json":
            config = without_paths(folder.read_json(path)) | {"base_model_name_or_path": facts.base.id}
            yield _made(path.name, _what(path), _json(config))
        elif path.name in _WITH_PATHS:
            yield _made(path.name, _what(path), _json(without_paths(folder.read_json(path))))
        else:
            yield Item(path.name, _what(path), path.stat().st_size, path)


def _what(path: Path) -> str:
    if path.suffix == ".safetensors":
        return "what was learned"
    if path.name.startswith("token"):
        return "the tokenizer"
    return "the chat template" if path.suffix == ".jinja" else "how the weights are loaded"


def _recipe(run: RunFolder, facts: Facts) -> str:
    lock = facts.lock
    asked = Path(lock.recipe["path"])
    roots = [str(one) for one in (Path.home(), lock.store, asked.parent, run.path.resolve().parent, run.path.resolve())]
    return public_recipe(run.recipe.read_text(encoding="utf-8"), names_of(lock.data), asked.parent, roots)


def _lock(facts: Facts) -> dict[str, Any]:
    lock, names = facts.lock, names_of(facts.lock.data)
    worker = dict(lock.worker or {})
    worker["weights"] = {"sha256": facts.base.sha256, "source": facts.base.source}
    resolved = without_paths(lock.resolved)
    resolved["data"] = resolved["data"] | {
        part: [names.get(str(Path(path).resolve()), Path(path).name) for path in lock.resolved["data"][part]]
        for part in ("train", "valid", "test")
    }
    return {
        "version": VERSION,
        "recipe": {"path": Path(lock.recipe["path"]).name, "sha256": lock.recipe["sha256"]},
        "resolved": resolved,
        "origins": without_paths(lock.origins),
        "data": {names[path]: sha256 for path, sha256 in lock.data.items()},
        "worker": without_paths(worker),
    }


def _beside(facts: Facts, files: Sequence[str]) -> dict[str, Any]:
    names = {"base": facts.base.id, "base_name": public_name(str(facts.beside["base_name"]))}
    return {**facts.beside, **names, "export": {"form": FORM, "files": files}, "run": facts.run}


def _made(name: str, what: str, text: str) -> Item:
    content = text.encode()
    return Item(name, what, len(content), None, content)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
