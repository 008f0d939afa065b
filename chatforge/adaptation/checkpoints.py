"""Checkpoints that can be trusted: one counts only with our completion mark, which is written last."""

import json
import os
import shutil
from pathlib import Path

MARK = "complete.json"


def step_of(checkpoint: Path) -> int:
    """Optimizer step of a folder named checkpoint-N."""
    return int(checkpoint.name.rsplit("-", 1)[1])


def mark(checkpoint: Path) -> None:
    """Say that a checkpoint is whole. Its files are on disk before the mark is."""
    for path in checkpoint.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    temporary = checkpoint / f".{MARK}"
    temporary.write_text(json.dumps({"step": step_of(checkpoint)}), encoding="utf-8")
    temporary.rename(checkpoint / MARK)


def complete(folder: Path) -> list[Path]:
    """Whole checkpoints of a run, oldest first."""
    found = [path for path in folder.glob("checkpoint-*") if (path / MARK).is_file()]
    return sorted(found, key=step_of)


def newest(folder: Path) -> Path | None:
    """The whole checkpoint to go on from, or None."""
    found = complete(folder)
    return found[-1] if found else None


def clear_torn(folder: Path) -> list[str]:
    """Delete checkpoints that were never finished; return their names."""
    torn = [path for path in folder.glob("checkpoint-*") if not (path / MARK).is_file()]
    for path in torn:
        shutil.rmtree(path)
    return [path.name for path in torn]


def prune(folder: Path, best: Path | None) -> None:
    """Keep the newest and the best checkpoint; call it after `mark`, so that there is always a whole one."""
    found = complete(folder)
    for path in found[:-1]:
        if best is None or path.name != best.name:
            shutil.rmtree(path)
