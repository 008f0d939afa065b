"""The checks of `chatforge doctor`. Each looks at one thing, and none of them loads anything heavy."""

import getpass
import importlib.metadata as metadata
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatforge import paths
from chatforge.models.machine import Machine, look
from chatforge.models.store import Store, folder_bytes
from chatforge.runs import folder, state
from chatforge.words import bytes_text

LOGIND = (Path("/etc/systemd/logind.conf"), Path("/etc/systemd/logind.conf.d"))
LINGER = Path("/var/lib/systemd/linger")

GB = 10**9
LITTLE_DISK, LEAST_DISK = 5 * GB, 1 * GB
LITTLE_MEMORY, LEAST_MEMORY = 4 * GB, 2 * GB
"""Under the first a warning; under the second the default recipe cannot work."""

NEEDED = ("torch", "transformers", "trl", "peft", "bitsandbytes", "sentence-transformers")
"""Packages that are named even where ChatForge's own list of them cannot be read."""


@dataclass(frozen=True)
class Check:
    """One finding; `hint` says what to do."""

    level: Literal["ok", "warn", "fail"]
    what: str
    hint: str | None = None


def look_over(home: Path, runs_dir: Path) -> list[Check]:
    """Do every check, in the order they matter to a newcomer."""
    machine = look()
    return [
        check_python(),
        *check_packages(),
        *check_gpus(machine),
        check_memory(machine),
        check_disk("weights", home),
        check_disk("runs", runs_dir),
        *check_store(Store(paths.store(home))),
        *check_background(*LOGIND, linger=LINGER / getpass.getuser()),
        *check_runs(runs_dir),
    ]


def check_python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Check:
    """Python must be 3.11 or newer."""
    what = f"Python {'.'.join(map(str, version))} ({sys.executable})"
    if version >= (3, 11):
        return Check("ok", what)
    return Check("fail", what, "ChatForge needs Python 3.11 or newer")


def check_packages(required: list[str] | None = None) -> Iterator[Check]:
    """Every package must be there in the version that ChatForge was tested with, or a newer one.

    Args:
        required: "name>=version" of each; by default what the installed ChatForge says of itself.
    """
    if required is None:
        try:
            required = [line for line in metadata.requires("chatforge") or [] if "extra ==" not in line]
        except metadata.PackageNotFoundError:
            yield Check("warn", "ChatForge runs from its folder, not installed", "install it with `pip install -e .`")
            required = list(NEEDED)
    good, bad = [], []
    for line in required:
        name, least = re.match(r"([\w.-]+)\s*(?:>=([\w.]+))?", line.strip()).groups()  # type: ignore[union-attr]
        found = _version(name)
        if found is None:
            bad.append(Check("fail", f"{name} is missing", f"pip install '{line}'"))
        elif least and _numbers(found) < _numbers(least):
            bad.append(Check("fail", f"{name} {found} is older than {least}", f"pip install --upgrade '{line}'"))
        else:
            good.append(f"{name} {found}")
    if good:
        yield Check("ok", f"packages: {', '.join(sorted(good))}")
    yield from bad


def check_gpus(machine: Machine, torch: str | None = None) -> Iterator[Check]:
    """A GPU is not needed; one that torch cannot use is worth a word."""
    torch = torch or _version("torch") or ""
    for gpu in machine.gpus:
        yield Check("ok", f"GPU {gpu.name}: {bytes_text(gpu.free_bytes)} of {bytes_text(gpu.total_bytes)} free")
    if machine.gpus and torch.endswith("+cpu"):
        hint = "install torch from the wheel index for your CUDA version, see README"
        yield Check("warn", f"torch {torch} cannot use the GPU", hint)
    if not machine.gpus:
        arm_mac = machine.system.startswith("Darwin arm")
        more = "; Apple's GPU is not used yet" if arm_mac else ""
        yield Check("ok", f"no NVIDIA GPU: work is done on {machine.cores} processor cores{more}")


def check_memory(machine: Machine) -> Check:
    """Memory that is free now decides what can be trained now."""
    what = f"memory: {bytes_text(machine.available_bytes)} of {bytes_text(machine.ram_bytes)} free"
    if machine.available_bytes < LEAST_MEMORY:
        return Check("warn", what, "close other programs: the default recipe needs about 2 GB")
    if machine.available_bytes < LITTLE_MEMORY:
        return Check("warn", what, "enough for the default model; `chatforge models` says what else fits")
    return Check("ok", what)


def check_disk(purpose: str, wanted: Path) -> Check:
    """A folder must be writable, or can be made, and its disk needs room."""
    present = next(place for place in (wanted.absolute(), *wanted.absolute().parents) if place.exists())
    if not present.is_dir() or not os.access(present, os.W_OK | os.X_OK):
        option = "set CHATFORGE_HOME to a folder of yours" if purpose == "weights" else "choose another with --runs"
        return Check("fail", f"{purpose}: {wanted} cannot be written", option)
    free = shutil.disk_usage(present).free
    what = f"{purpose}: {wanted}, {bytes_text(free)} free"
    if free < LEAST_DISK:
        return Check("fail", what, "make room: weights and checkpoints need about 1 GB")
    return Check("warn", what, "larger models will not fit") if free < LITTLE_DISK else Check("ok", what)


def check_store(store: Store) -> Iterator[Check]:
    """What weights are there, and what broken-off downloads left."""
    models = store.entries()
    for model in models:
        yield Check("ok", f"model {model.name}: {bytes_text(model.bytes)}, {model.source}")
    if not models:
        hint = "the first run fetches them; or do so now: `chatforge models fetch smollm2-135m-instruct`"
        yield Check("ok", "no weights yet", hint)
    hidden = sorted(store.path.glob(".*")) if store.path.is_dir() else []
    for path in (p for p in hidden if p.is_dir() and p.name.startswith((".partial-", ".resume-"))):
        size = bytes_text(folder_bytes(path))
        if path.name.startswith(".resume-"):
            hint = "the next fetch goes on with it; or delete this folder"
        else:
            hint = "the next fetch deletes it, unless it is still being written"
        yield Check("warn", f"unfinished download: {path} ({size})", hint)


def check_background(*config: Path, linger: Path) -> Iterator[Check]:
    """Some systems end everything at logout; a detached training would be lost.

    Args:
        config: logind's files and folders of files, in the order that they override each other.
        linger: file whose existence exempts this user.
    """
    files = [file for place in config for file in (sorted(place.glob("*.conf")) if place.is_dir() else [place])]
    kills = False
    for file in files:
        text = file.read_text(errors="replace") if file.is_file() and os.access(file, os.R_OK) else ""
        for value in re.findall(r"^\s*KillUserProcesses\s*=\s*(\w+)", text, re.MULTILINE):
            kills = value.lower() in ("yes", "true", "on", "1")
    if kills and not linger.exists():
        yield Check(
            "warn",
            "this system ends your processes when you log out (KillUserProcesses=yes): a detached run too",
            "`loginctl enable-linger` lets them live",
        )


def check_runs(runs_dir: Path) -> Iterator[Check]:
    """Runs whose worker died wait for someone to go on with them."""
    for run in folder.list_runs(runs_dir):
        if state.status(run) == "died":
            yield Check("warn", f"run {run.id} died", f"`{run.command('resume')}` goes on from its last checkpoint")
    for left in sorted(runs_dir.glob(".removing-*")) if runs_dir.is_dir() else []:
        yield Check("warn", f"a removal was broken off: {left}", "delete this folder")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: "2.13.0+cpu" → (2, 13, 0)."""
    return tuple(int(part) for part in re.match(r"[\d.]*", version)[0].strip(".").split(".") if part)  # type: ignore[index]
