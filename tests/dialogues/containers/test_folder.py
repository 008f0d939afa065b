"""Which files of a folder may hold dialogues."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.dialogues.containers import files_in
from chatforge.dialogues.containers.folder import ending
from chatforge.errors import UserError

Put = Callable[..., Path]


def test_dialogue_files_sorted_and_nothing_else(put: Put, tmp_path: Path) -> None:
    wanted = ["a.jsonl", "b.CSV", "data/train-00000.parquet", "talks/1.txt", "talks/2.vcon", "z.json.gz"]
    others = [
        "README.md",
        "README_upstream.md",
        "LICENSE",
        "license.txt",
        "dataset_info.json",
        "data/state.json",
        "picture.png",
        "a.zip",
        ".hidden.json",
        ".git/config.json",
        "__MACOSX/a.jsonl",
        "notes.gz",
    ]
    for name in [*wanted, *others]:
        put("x", name)
    assert files_in(tmp_path) == sorted(tmp_path / name for name in wanted)


def test_a_folder_inside_a_hidden_one(put: Put, tmp_path: Path) -> None:
    path = put("x", ".cache/talks/a.jsonl")
    assert files_in(tmp_path / ".cache" / "talks") == [path]


def test_nothing_to_find(put: Put, tmp_path: Path) -> None:
    path = put("x", "README.md")
    for folder in (tmp_path, path, tmp_path / "none"):
        with pytest.raises(UserError) as caught:
            files_in(folder)
        assert caught.value.problems[0].hint


@pytest.mark.parametrize(
    ("name", "expected"), [("a.JSONL", ".jsonl"), ("a.b.csv.gz", ".csv"), ("a.gz", ""), ("a", ""), (".gz", "")]
)
def test_endings(name: str, expected: str) -> None:
    assert ending(Path(name)) == expected


def test_copies_beside_their_originals_and_their_logs_are_left_out(tmp_path: Path) -> None:
    copies = ("a.fixed.jsonl", "a.fixed.jsonl.log.jsonl", "b.anonymised.jsonl", "c.fixed.jsonl")
    for name in ("a.txt", "b.csv.gz", *copies):
        (tmp_path / name).touch()
    assert [path.name for path in files_in(tmp_path)] == ["a.txt", "b.csv.gz", "c.fixed.jsonl"]
