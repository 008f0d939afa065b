"""Where things live on this machine. Pure: nothing here touches the disk."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """Folder of everything ChatForge keeps per user: weights and facts about the machine.

    `CHATFORGE_HOME` overrides the platform's own place.
    """
    chosen = os.environ.get("CHATFORGE_HOME")
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("chatforge")


def expand(path: str | Path) -> Path:
    """Return a path with `~` resolved; a `~name` of nobody here is a name like any other."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def store(home: Path) -> Path:
    """Folder of the weights; one sub-folder per model."""
    return home / "models"


def data_sets(home: Path) -> Path:
    """Folder of the data sets that were fetched; one sub-folder per data set."""
    return home / "data"


def machine_facts(home: Path) -> Path:
    """File that keeps what was measured on this machine (dtype, speed)."""
    return home / "machine.json"


def train_lock(home: Path) -> Path:
    """File whose lock allows one training per machine."""
    return home / "train.lock"
