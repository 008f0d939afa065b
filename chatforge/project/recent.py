"""Which projects were opened and when: `recent.json` in ChatForge's folder, the newest first.

{"version": 1, "projects": [{"recipe": "/home/ann/shop/recipe.yaml", "runs": "/home/ann/runs", "opened": 1795168031.2}]}
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "recent.json"
VERSION = 1
KEPT = 20
"""How many projects are remembered."""


@dataclass(frozen=True)
class Recent:
    """A project that was opened.

    Attributes:
        recipe: its recipe.yaml, absolute. runs_dir: where its runs were looked for. opened: seconds since 1970.
    """

    recipe: Path
    runs_dir: Path
    opened: float

    def runs_in(self, default: Path) -> Path:
        """Where its runs are looked for now: where they were, or in `default` if that folder is gone."""
        return self.runs_dir if self.runs_dir.is_dir() else default


def read(home: Path) -> list[Recent]:
    """The remembered projects that are still there, the newest first; [] if nothing (readable) was kept."""
    return [one for one in _all(home) if one.recipe.is_file()]


def remember(home: Path, recipe: Path, runs_dir: Path, *, now: float | None = None) -> None:
    """Remember that a project was opened. The file is replaced in one step.

    Raises:
        OSError: it cannot be written.
    """
    opened = Recent(recipe.resolve(), runs_dir.resolve(), time.time() if now is None else now)
    kept = [opened, *(one for one in _all(home) if one.recipe != opened.recipe)][:KEPT]
    rows = [{"recipe": str(one.recipe), "runs": str(one.runs_dir), "opened": one.opened} for one in kept]
    home.mkdir(parents=True, exist_ok=True)
    draft = home / f".{FILE}.{os.getpid()}"
    draft.write_text(json.dumps({"version": VERSION, "projects": rows}, indent=1) + "\n", encoding="utf-8")
    draft.replace(home / FILE)


def _all(home: Path) -> list[Recent]:
    try:
        rows = json.loads((home / FILE).read_text(encoding="utf-8"))["projects"]
        found = [one for row in rows if (one := _recent(row))]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return sorted(found, key=lambda one: -one.opened)


def _recent(row: Any) -> Recent | None:
    """One row; None if it is damaged: a list for convenience never stands in the way of a start."""
    try:
        return Recent(Path(row["recipe"]), Path(row["runs"]), float(row["opened"]))
    except (KeyError, TypeError, ValueError):
        return None
