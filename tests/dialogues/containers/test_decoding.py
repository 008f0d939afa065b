"""From bytes to text, and where a file is not what it should be."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatforge.dialogues.containers import opened
from chatforge.dialogues.containers.decoding import (
    Place,
    beginning,
    first_not_utf8,
    guessed,
    note_on_encoding,
    text_pieces,
    utf8_pieces,
)
from chatforge.errors import UserError

Put = Callable[..., Path]

WORDS = "Grüße, 你好 🥾\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf_8_and_utf_16_with_and_without_a_mark(put: Put, encoding: str) -> None:
    path = put(WORDS.encode(encoding))
    assert b"".join(utf8_pieces(path)) == WORDS.encode()
    assert "".join(text_pieces(path)) == WORDS
    assert note_on_encoding(path) is None


def test_characters_that_lie_across_pieces(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "PIECE", 3)
    for encoding in ("utf-8", "utf-8-sig", "utf-16-be", "utf-16"):
        text = f"\ufeff{WORDS}" if encoding == "utf-16-be" else WORDS
        assert "".join(text_pieces(put(text.encode(encoding)))) == WORDS
        assert first_not_utf8(put(text.encode(encoding))) is None


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=40).map(lambda content: content.replace(b"\0", b"")), piece=st.integers(3, 9))
def test_the_first_place_that_is_not_utf_8(
    put: Put, monkeypatch: pytest.MonkeyPatch, content: bytes, piece: int
) -> None:
    content = b"x" + content
    monkeypatch.setattr(opened, "PIECE", piece)
    place = first_not_utf8(put(content))
    try:
        content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = error.start - before.rfind(b"\n")
        assert place == Place(before.count(b"\n") + 1, column, content[error.start])
    else:
        assert place is None


def test_json_that_is_not_utf_8_names_line_column_and_the_way_out(put: Put) -> None:
    path = put('{"a": 1}\n{"a": "Café"}\n'.encode("cp1252"))
    with pytest.raises(UserError) as caught:
        list(text_pieces(path))
    (problem,) = caught.value.problems
    assert (problem.line, problem.what) == (2, "not UTF-8: byte 0xe9 at column 11")
    assert problem.hint
    assert "iconv -f WINDOWS-1252 -t UTF-8 talks.jsonl" in problem.hint


def test_other_text_is_read_as_windows_1252_line_by_line(put: Put) -> None:
    path = put("grün\n".encode() + "“grün” €".encode("cp1252"))
    assert [guessed(line) for line in path.read_bytes().splitlines()] == ["grün", "“grün” €"]
    assert guessed(b"\x81") == "\ufffd"
    assert note_on_encoding(path) == "not UTF-8: read as Windows-1252 (line 2 and others like it)"


@pytest.mark.parametrize("content", [b"a\nb\0", "Grüße\nb".encode("utf-16-le"), "\ufeff\na\0b".encode("utf-16-le")])
def test_binary(put: Put, content: bytes) -> None:
    with pytest.raises(UserError, match="the file is binary, not text"):
        list(utf8_pieces(put(content)))


def test_the_line_of_a_nul_is_told(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "PIECE", 4)
    with pytest.raises(UserError) as caught:
        list(utf8_pieces(put(b"a\nb\nc\nd\0\n")))
    assert caught.value.problems[0].line == 4


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file(put: Put, content: bytes) -> None:
    with pytest.raises(UserError, match="the file is empty"):
        beginning(put(content), 10)


def test_the_beginning_comes_after_white_space(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "PIECE", 4)
    assert beginning(put(b" \n" * 9 + b"Hello, Anna"), 5) == b"Hello"
    assert beginning(put(b"Hi"), 5) == b"Hi"
