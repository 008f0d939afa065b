"""Folders that a recipe names in the place of files: the files in them, but for those of another part.

train: talks/            talks/a.jsonl, talks/b.jsonl; not talks/valid.jsonl, as its name says
test: talks/b.jsonl      then not talks/b.jsonl either
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatforge.errors import UserError
from chatforge.folders import files_in, part_of

Named = Mapping[str, Sequence[Path]]
"""What a recipe names for each part, absolute."""

SHOWN = 4
"""How many files are named in a sentence."""


@dataclass(frozen=True)
class Chosen:
    """The files that a folder stands for, and those in it that belong elsewhere."""

    taken: tuple[Path, ...]
    left: tuple[Path, ...] = ()


def chosen(folder: Path, part: str, named: Named) -> Chosen:
    """Choose the files of a folder that a recipe names for a part.

    What the recipe names by itself is never taken twice. For train, files are left out whose names say that they are
    another part. For valid and test, only files that say so are taken; if none does, and the folder is named for no
    other part, all those that say nothing.

    Raises:
        UserError: there is no dialogue file in it, or none for this part.
    """
    files = files_in(folder)
    says = {file: part_of(file.relative_to(folder)) for file in files}
    alone = all(folder not in places for other, places in named.items() if other != part)
    fitting = [file for file in files if says[file] == part]
    if part == "train" or (alone and not fitting):
        fitting = [file for file in files if says[file] in (None, part)]
    by_name = {place.resolve() for places in named.values() for place in places}
    taken = tuple(file for file in fitting if file.resolve() not in by_name)
    left = tuple(file for file in files if file not in taken and file.resolve() not in by_name)
    if not taken:
        raise UserError(f"no file in it is for {part}", file=folder, hint=f"there is {shown(files, folder)}")
    return Chosen(taken, left)


def shown(files: Sequence[Path], folder: Path) -> str:
    """Name the first files of a folder, and count the rest."""
    more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    return ", ".join(str(file.relative_to(folder)) for file in files[:SHOWN]) + more


def files_of(places: Sequence[Path], part: str, named: Named) -> list[Path]:
    """Put files in the place of folders; one that stands for nothing stays what it is."""
    found: list[Path] = []
    for place in places:
        try:
            found += chosen(place, part, named).taken if place.is_dir() else [place]
        except (UserError, OSError, ValueError):
            found.append(place)
    return found


def stands_for(place: Path, part: str, named: Named) -> Iterator[str]:
    """Say which files a folder stands for; nothing of what is none.

    Raises:
        UserError: as `chosen`.
    """
    if place.is_dir():
        files = chosen(place, part, named)
        count = f"{len(files.taken)} file{'s' if len(files.taken) > 1 else ''}"
        left = f"; of another part and left out: {shown(files.left, place)}" if files.left else ""
        yield f"`{place.name}` stands for {count}: {shown(files.taken, place)}{left}"
