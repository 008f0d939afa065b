"""A run's folder: what was asked and what happened, in files that every process agrees on.

    runs/1121-shop-a/           0700; id = month and day, name, a letter
      recipe.yaml               what was asked, word for word
      lock.json                 what it came to: resolved values, hashes, versions
      state.json                which process works on which stage
      events-<stage>.jsonl      what happened
      worker-<stage>.log        raw output of the worker
      checkpoints/ adapter/ evaluation/ transcripts/ exports/

Nothing else passes between those who ask, those who work and those who look on.
"""

import json
import os
import re
import shlex
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from chatforge.errors import UserError, did_you_mean

LONGEST_NAME = 40
"""Characters of a run's name that its id keeps."""


@dataclass(frozen=True)
class RunFolder:
    """Where the parts of one run lie. Nothing here reads or writes."""

    path: Path

    @property
    def id(self) -> str:
        """The run's id: the name of its folder."""
        return self.path.name

    @property
    def recipe(self) -> Path:
        """What was asked, word for word."""
        return self.path / "recipe.yaml"

    @property
    def lock(self) -> Path:
        """What the recipe came to."""
        return self.path / "lock.json"

    @property
    def state(self) -> Path:
        """Which process works on which stage."""
        return self.path / "state.json"

    @property
    def checkpoints(self) -> Path:
        """Folder to go on from after a stop or a crash."""
        return self.path / "checkpoints"

    @property
    def adapter(self) -> Path:
        """Folder of what was learned."""
        return self.path / "adapter"

    @property
    def evaluation(self) -> Path:
        """Folder of replies, measures and the verdict."""
        return self.path / "evaluation"

    @property
    def transcripts(self) -> Path:
        """Folder of the conversations held with the result."""
        return self.path / "transcripts"

    @property
    def exports(self) -> Path:
        """Folder of what was handed off."""
        return self.path / "exports"

    def command(self, verb: str) -> str:
        """Return the command line that does something with this run, for messages."""
        return f"chatforge {verb} {self.id}{_elsewhere(self.path.parent)}"

    def events(self, stage: str) -> Path:
        """File of a stage's events."""
        return self.path / f"events-{stage}.jsonl"

    def log(self, stage: str) -> Path:
        """File of a stage's raw output."""
        return self.path / f"worker-{stage}.log"

    def stage_lock(self, stage: str) -> Path:
        """File whose lock the worker of a stage holds: one writer per events file."""
        return self.path / f"{stage}.lock"


def command_of(verb: str, recipe: Path, runs_dir: Path) -> str:
    """Return the command line that does something with a recipe, for messages."""
    return f"chatforge {verb} {shlex.quote(str(recipe))}{_elsewhere(runs_dir)}"


def create(runs_dir: Path, name: str, recipe_text: str, today: date | None = None) -> RunFolder:
    """Make a new run with its recipe in it; the first free letter makes its id unique.

    Raises:
        OSError: the folder cannot be written.
    """
    _prepare(runs_dir)
    stem = f"{today or date.today():%m%d}-{_slug(name)}"
    for letters in _letters():
        run = RunFolder(runs_dir / f"{stem}-{letters}")
        with suppress(FileExistsError):
            run.path.mkdir(mode=0o700)
            break
    run.recipe.write_text(recipe_text, encoding="utf-8")
    return run


def list_runs(runs_dir: Path) -> list[RunFolder]:
    """Every run in a folder, the newest last; [] if there is no such folder."""
    if not runs_dir.is_dir():
        return []
    runs = [RunFolder(path) for path in runs_dir.iterdir() if not path.name.startswith(".")]
    return sorted((run for run in runs if run.recipe.is_file()), key=lambda run: (run.recipe.stat().st_mtime, run.id))


def find(runs_dir: Path, wanted: str) -> RunFolder:
    """Return the run with this id, or the only one whose id begins so.

    Raises:
        UserError: no such run, or several begin so.
    """
    runs = {run.id: run for run in list_runs(runs_dir)}
    if wanted in runs:
        return runs[wanted]
    near = [name for name in runs if wanted and name.startswith(wanted)]
    if len(near) == 1:
        return runs[near[0]]
    if near:
        raise UserError(f"several runs begin with {wanted!r}: {', '.join(near)}", hint="give a few letters more")
    if not runs:
        raise UserError(
            f"no run {wanted!r}: there are no runs in the folder {runs_dir}",
            hint="start one with `chatforge run RECIPE`, or say with --runs where yours are",
        )
    guess = did_you_mean(wanted, runs)
    raise UserError(f"no run {wanted!r} in the folder {runs_dir}", hint=guess or "`chatforge runs` lists them")


def contents(run: RunFolder) -> list[tuple[str, int]]:
    """What lies in a run: (name, bytes) of each file and folder at its top, folders with all they hold."""
    return [(path.name + "/" * path.is_dir(), _bytes(path)) for path in sorted(run.path.iterdir())]


def remove(run: RunFolder) -> None:
    """Delete a run and everything in it. Out of the list first, so that a broken-off removal leaves no half run.

    Raises:
        OSError: something cannot be deleted.
    """
    doomed = run.path.with_name(f".removing-{run.id}-{os.getpid()}")
    run.path.rename(doomed)
    shutil.rmtree(doomed)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file that is always whole, as `write_text` does."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file that is always whole: the old one or the new one, also after a crash or on a full disk."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> Any:
    """Read such a file.

    Raises:
        UserError: it is missing or not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError("the file is missing", file=path) from None
    except ValueError as error:
        raise UserError(f"not JSON: {error}", file=path, hint="the file was changed or damaged outside") from None


def _prepare(runs_dir: Path) -> None:
    """Make the folder of all runs; git ignores it, since transcripts and data are private."""
    if not runs_dir.is_dir():
        runs_dir.mkdir(parents=True, mode=0o700)
    ignore = runs_dir / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def _elsewhere(runs_dir: Path) -> str:
    """The option that names the folder of all runs, where that is needed."""
    return "" if runs_dir == Path("runs") else f" --runs {shlex.quote(str(runs_dir))}"


def _slug(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:LONGEST_NAME].strip("-") or "run"


def _letters() -> Iterator[str]:
    """Yield a, b … z, aa, ab …"""
    for number in count(1):
        letters = ""
        while number:
            number, digit = divmod(number - 1, 26)
            letters = chr(ord("a") + digit) + letters
        yield letters


def _bytes(path: Path) -> int:
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    return sum(inside.lstat().st_size for inside in path.rglob("*") if not inside.is_dir())
