"""Where one can go on: trainings that run or were broken off, projects opened before, recipes lying about."""

import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from chatforge.errors import UserError
from chatforge.recipe.files import load_recipe
from chatforge.runs import folder, lockfile, state
from chatforge.runs.course import Course
from chatforge.runs.folder import RunFolder
from chatforge.runs.phases import overall
from chatforge.runs.reading import read_events

NEWEST = 20
"""Runs of a folder that are looked at: what lies further back is for the list of all runs."""

LARGEST_RECIPE = 100_000
_MOST_RECIPES = 12
_LOOKS_LIKE_RECIPE = re.compile(r"^(data|datasets?)\s*:", re.MULTILINE)


@dataclass(frozen=True)
class Work:
    """A run that works now, or was broken off.

    Attributes:
        run: the run. recipe: what it was made from; None if that file is gone.
        stage: "train" or "evaluate". status: "running", "waiting", "stopped", "failed" or "died".
        done, total: steps of a training that are done; 0 of 0 before there are any.
        share: how much of the stage is done, about, 0 to 1; eta: seconds that it will still take. None if nobody knows.
    """

    run: RunFolder
    recipe: Path | None
    stage: str
    status: str
    done: int = 0
    total: int = 0
    share: float | None = None
    eta: float | None = None

    @property
    def runs(self) -> bool:
        """Whether a worker is at it."""
        return self.status in ("running", "waiting")


def work(runs_dirs: Iterable[Path], now: float | None = None) -> list[Work]:
    """Runs that work, and projects whose latest run was broken off; what runs first, then the newest."""
    found: list[Work] = []
    for runs_dir in dict.fromkeys(path.resolve() for path in runs_dirs):
        with suppress(OSError):  # a folder on a disk that is gone, or that one may not enter any more
            found += _work_in(runs_dir, now)
    return sorted(found, key=lambda one: not one.runs)


def look_again(one: Work, now: float | None = None) -> Work:
    """The same run as it stands now."""
    summary = state.summary(one.run)
    latest = summary.latest
    done, total = (latest.done, latest.total) if latest.stage == "train" else (0, 0)
    found = Work(one.run, one.recipe, latest.stage, summary.status, done, total, done / total if total else None)
    if summary.status != "running":
        return found
    course, now = _course(one.run, latest.stage), time.time() if now is None else now
    if latest.stage == "train":
        return replace(found, eta=course.eta(now))
    whole = overall(course)
    return replace(found, share=whole.share, eta=whole.eta(course, now)) if whole else found


def recipes(at: Path) -> list[Path]:
    """Recipes that can be read in a folder and in its `recipes/`: a few, by name."""
    candidates = [path for place in (at, at / "recipes") for path in sorted(place.glob("*.yaml"))]
    found: list[Path] = []
    for path in candidates:
        if len(found) < _MOST_RECIPES and _is_recipe(path):
            found.append(path)
    return found


def _work_in(runs_dir: Path, now: float | None) -> list[Work]:
    """Runs of one folder, the newest first. An old run that broke off is past once its project made a newer one."""
    found: list[Work] = []
    seen: set[str] = set()
    for run in reversed(folder.list_runs(runs_dir)[-NEWEST:]):
        source = _source(run)
        one = look_again(Work(run, _there(source), "train", "new"), now)
        latest = source not in seen
        seen.add(source)
        if one.runs or (latest and one.status in ("stopped", "failed", "died")):
            found.append(one)
    return found


def _source(run: RunFolder) -> str:
    try:
        return str(lockfile.read(run).recipe["path"])
    except (UserError, KeyError, TypeError):
        return ""


def _there(source: str) -> Path | None:
    return Path(source) if source and Path(source).is_file() else None


def _course(run: RunFolder, stage: str) -> Course:
    course = Course()
    for stamped in read_events(run.events(stage)):
        course.add(stamped)
    return course


def _is_recipe(path: Path) -> bool:
    """Whether a file loads as a recipe; most others are seen through without loading anything."""
    try:
        if path.stat().st_size > LARGEST_RECIPE or not _LOOKS_LIKE_RECIPE.search(path.read_text(encoding="utf-8")):
            return False
        load_recipe(path)
    except (OSError, UnicodeDecodeError, UserError):
        return False
    return True
