"""Opening: what is packed is unpacked, what is no dialogue file is refused in words."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from chatforge.dialogues.containers.opened import PIECE, pieces
from chatforge.errors import UserError

Put = Callable[..., Path]

TEXT = b'{"a": 1}\n' * 3


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        list(pieces(path))
    (problem,) = caught.value.problems
    assert problem.file == path
    assert problem.hint
    return problem.what


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_packed_files_are_known_by_their_bytes(put: Put, pack: Callable[[bytes], bytes]) -> None:
    assert b"".join(pieces(put(pack(TEXT), "anything.txt"))) == TEXT


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_packed_files_one_after_another_are_one(put: Put, pack: Callable[[bytes], bytes]) -> None:
    assert b"".join(pieces(put(pack(TEXT) + pack(TEXT)))) == TEXT * 2


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("keep", [0.2, 0.5, 0.99])
def test_a_packed_file_that_is_cut_off(put: Put, pack: Callable[[bytes], bytes], keep: float) -> None:
    packed = pack(os.urandom(5000))
    assert refusal(put(packed[: int(len(packed) * keep)])) == "the packed file is damaged or cut off"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_packed_file_that_is_damaged(put: Put, pack: Callable[[bytes], bytes]) -> None:
    packed = bytearray(pack(TEXT * 100))
    packed[8:-8] = bytes(len(packed) - 16)
    assert refusal(put(bytes(packed))) == "the packed file is damaged or cut off"
    assert refusal(put(pack(TEXT) + b"something else")) == "the packed file is damaged or cut off"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_what_was_packed_small_comes_in_pieces(put: Put, pack: Callable[[bytes], bytes]) -> None:
    sizes = [len(piece) for piece in pieces(put(pack(bytes(96 * PIECE))))]
    assert sum(sizes) == 96 * PIECE
    assert max(sizes) <= 80 * PIECE


@pytest.mark.parametrize(
    ("start", "words"),
    [(b"PK\x03\x04", "Excel"), (b"%PDF-1.7", "PDF"), (b"{\\rtf1", "RTF"), (b"SQLite format 3\0", "SQLite")],
)
def test_other_documents_are_named(put: Put, start: bytes, words: str) -> None:
    assert words in refusal(put(start + b"rest"))


def test_what_is_no_file(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "nothing.jsonl")
    assert "null" in refusal(tmp_path / "a\0b")
    assert refusal(tmp_path) == "this is a folder, not a file"
    os.mkfifo(tmp_path / "pipe")
    assert "pipe" in refusal(tmp_path / "pipe")


def test_a_file_one_may_not_read(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = put(TEXT)
    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(path) == "cannot be read: Permission denied"
