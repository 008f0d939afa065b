"""The dialogue files in a folder: exports of one file a conversation, and folders as Hugging Face keeps them."""

import re
from pathlib import Path, PurePath
from typing import Literal

from chatforge.errors import UserError

ENDINGS = (".jsonl", ".ndjson", ".json", ".vcon", ".csv", ".tsv", ".txt", ".md", ".xml", ".parquet")
PACKED = (".gz", ".zst")

Part = Literal["train", "valid", "test"]

PART_WORDS: dict[str, Part] = {
    "train": "train", "training": "train",
    "valid": "valid", "validation": "valid", "val": "valid", "dev": "valid",
    "test": "test", "testing": "test", "eval": "test", "evaluation": "test", "heldout": "test",
}  # fmt: skip
"""Words for the parts of a data set."""

_ABOUT_DATA = ("readme", "license", "licence", "notice", "changelog", "contributing", "citation", "requirements")
"""How the names of files begin that are about the data."""

_HUGGING_FACE = frozenset(
    ("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "config.json", "metadata.json")
)
_OURS = "chatforge.json"
"""Says where a fetched data set comes from."""


_COPY = re.compile(r"(?P<stem>.+)\.(?:fixed|anonymised)\.jsonl", re.IGNORECASE)
"""What copies are called that ChatForge writes beside a file (`dialogues.checks.copies`): they say the same again."""
_LOG = ".jsonl.log.jsonl"


def ending(path: PurePath) -> str:
    """Return the ending of a file's name in small letters, not that of a packer: ``Talks.JSONL.gz`` ─► ``.jsonl``."""
    name = PurePath(path.name.lower())
    return PurePath(name.stem).suffix if name.suffix in PACKED else name.suffix


def files_in(path: Path) -> list[Path]:
    """Return the files in a folder, and in the folders in it, that may hold dialogues, sorted.

    Left out: hidden files and folders, files about the data (README, LICENSE, dataset_info.json …), other kinds, and
    mended or anonymised copies whose originals are there; a recipe can name those in the place of the folder.

    Raises:
        UserError: `path` is no folder, or holds no such file.
    """
    if not path.is_dir():
        raise UserError("this is no folder", file=path, hint="check the name")
    found = sorted(file for file in path.rglob("*") if is_wanted(file.relative_to(path)) and file.is_file())
    found = [file for file in found if not _is_copy(file, found)]
    if not found:
        endings = ", ".join(ENDINGS)
        raise UserError("no dialogue files in this folder", file=path, hint=f"looked for {endings}, also packed")
    return found


def is_wanted(file: PurePath) -> bool:
    """Whether a file in a folder may hold dialogues, by its name and those of the folders it is in."""
    name = file.name.lower()
    hidden = any(part.startswith((".", "__")) for part in file.parts)
    about_data = name.startswith(_ABOUT_DATA) or name in _HUGGING_FACE or name == _OURS
    return not hidden and not about_data and not name.endswith(_LOG) and ending(file) in ENDINGS


def _is_copy(file: Path, files: list[Path]) -> bool:
    copy = _COPY.fullmatch(file.name)
    return copy is not None and any(one.parent == file.parent and _stem(one) == copy["stem"] for one in files)


def _stem(file: Path) -> str:
    name = file.name.removesuffix(file.suffix) if file.suffix in PACKED else file.name
    return Path(name).stem


def part_of(file: PurePath) -> Part | None:
    """Say which part of a data set a file is, by its name or that of a folder it is in; None if neither tells.

    ``test-00000-of-00001.parquet``, ``shop_test.csv``, ``test/talks.jsonl`` ─► "test";  ``test drives.txt`` ─► None
    """
    stem = file.name.lower().split(".")[0]
    words = re.split(r"[-_]+", re.sub(r"[-_]\d+([-_]of[-_]\d+)?$", "", stem))
    for word in (words[0], words[-1], *(part.lower() for part in reversed(file.parts[:-1]))):
        if found := PART_WORDS.get(word):
            return found
    return None
