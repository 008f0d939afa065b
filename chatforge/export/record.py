"""Where what a run has learned was handed on to: written down in the run, so that it is known later. Light."""

from contextlib import suppress
from pathlib import Path

from chatforge.errors import UserError
from chatforge.runs import folder
from chatforge.runs.folder import RunFolder

FILE = "exported.json"
CARD = "chatforge.json"
"""What lies in every export, and in every adapter, and says how it was made."""


def remember(run: RunFolder, place: Path) -> None:
    """Write down that an export was written. Where the run's folder cannot be written, nothing is remembered."""
    with suppress(OSError):
        folder.write_json(run.path / FILE, list(dict.fromkeys([*_remembered(run), str(place)])))


def exported(run: RunFolder) -> bool:
    """Whether there is an export of this run: where it goes by itself, or where somebody said, unless that is gone."""
    there = [*run.exports.glob(f"*/{CARD}"), *(Path(place, CARD) for place in _remembered(run))]
    return any(_is_file(path) for path in there)


def _remembered(run: RunFolder) -> list[str]:
    path = run.path / FILE
    try:
        found = folder.read_json(path) if path.is_file() else []
    except (UserError, OSError):
        return []
    return [place for place in found if isinstance(place, str)] if isinstance(found, list) else []


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
