"""The dialogue files in a folder: exports of one file a conversation, and folders as Hugging Face keeps them."""

from pathlib import Path

from chatforge.errors import UserError

ENDINGS = (".jsonl", ".ndjson", ".json", ".vcon", ".csv", ".tsv", ".txt", ".md", ".xml", ".parquet")
PACKED = (".gz", ".zst")

_ABOUT_DATA = ("readme", "license", "licence", "notice", "changelog", "contributing", "citation", "requirements")
"""How the names of files begin that are about the data."""

_HUGGING_FACE = frozenset(
    ("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "config.json", "metadata.json")
)


def ending(path: Path) -> str:
    """Return the ending of a file's name in small letters, not that of a packer: ``Talks.JSONL.gz`` ─► ``.jsonl``."""
    name = Path(path.name.lower())
    return Path(name.stem).suffix if name.suffix in PACKED else name.suffix


def files_in(path: Path) -> list[Path]:
    """Return the files in a folder, and in the folders in it, that may hold dialogues, sorted.

    Left out: hidden files and folders, files about the data (README, LICENSE, dataset_info.json …), other kinds.

    Raises:
        UserError: `path` is no folder, or holds no such file.
    """
    if not path.is_dir():
        raise UserError("this is no folder", file=path, hint="check the name")
    found = sorted(file for file in path.rglob("*") if _is_wanted(file, path) and file.is_file())
    if not found:
        endings = ", ".join(ENDINGS)
        raise UserError("no dialogue files in this folder", file=path, hint=f"looked for {endings}, also packed")
    return found


def _is_wanted(file: Path, folder: Path) -> bool:
    name = file.name.lower()
    hidden = any(part.startswith((".", "__")) for part in file.relative_to(folder).parts)
    about_data = name.startswith(_ABOUT_DATA) or name in _HUGGING_FACE
    return not hidden and not about_data and ending(file) in ENDINGS
