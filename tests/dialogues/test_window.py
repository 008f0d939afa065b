"""Windows on large files: rows are found at once, read one by one, searched, and survive a file that changes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.window import Corpus, GivenUpError, index_file, index_lines, search
from chatforge.errors import UserError


def talk(text: str) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "Yes."}]}


def said(item: Conversation | BadLine) -> str:
    assert isinstance(item, Conversation)
    return item.messages[0].content


def test_rows_of_several_files_are_one_list_and_empty_lines_are_none(write: Callable[..., Path]) -> None:
    first = write(talk("one"), "", "   ", talk("two"), name="a.jsonl")
    second = write("{broken", talk("drei ü"), name="b.jsonl", end=b"\r\n")
    corpus = Corpus([index_lines(first), index_lines(second)])
    assert len(corpus) == 4
    assert [said(corpus.at(row)) for row in (0, 1, 3)] == ["one", "two", "drei ü"]
    bad = corpus.at(2)
    assert isinstance(bad, BadLine) and (bad.file, bad.line) == (second, 1)
    assert (corpus.at(1).line, corpus.at(3).line) == (4, 2)
    assert [(row, number) for row, _, _, number in corpus.rows()] == [(0, 0), (1, 1), (2, 0), (3, 1)]


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"", "empty"), (b"\n \n", "empty"), (b"\x00\x01\x02", "binary"), ("[]".encode("utf-16"), "no conversation")],
)
def test_a_file_that_is_no_text_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError, match=what):
        index_file(path, "auto", Choices())


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        index_lines(tmp_path / "none.jsonl")
    with pytest.raises(UserError, match="folder"):
        index_lines(tmp_path)


def test_a_file_that_is_cut_short_gives_bad_lines_and_no_error(write: Callable[..., Path]) -> None:
    path = write(*(talk(f"number {i}") for i in range(5)))
    corpus = Corpus([index_lines(path)])
    path.write_bytes(path.read_bytes()[:40])
    assert all(isinstance(corpus.at(row), BadLine) for row in range(5))
    assert len(list(corpus.rows())) == 5
    path.unlink()
    assert isinstance(corpus.at(0), BadLine)
    assert list(corpus.rows()) == []


def test_words_are_found_in_what_is_said_only(write: Callable[..., Path]) -> None:
    path = write(
        talk("Where is my CARD?"), talk("a/b"), json.dumps(talk("straße")), {**talk("x"), "id": "card"},
        json.dumps(talk('say "hi"')), json.dumps(talk("ÜBER"), ensure_ascii=False),
    )  # fmt: skip
    corpus = Corpus([index_lines(path)])
    wanted = {"card": [0], "user": [], "a/b": [1], "STRASSE": [2], '"hi"': [4], "über": [5], "yes": list(range(6))}
    assert {words: list(search(corpus, words)) for words in wanted} == wanted


def test_what_nobody_waits_for_is_given_up(write: Callable[..., Path]) -> None:
    path = write(*(talk("x") for _ in range(4_000)))
    with pytest.raises(GivenUpError):
        index_lines(path, lambda: True)
    with pytest.raises(GivenUpError):
        list(search(Corpus([index_lines(path)]), "y", lambda: True))


def test_a_place_in_a_file_is_found_as_a_row(write: Callable[..., Path], tmp_path: Path) -> None:
    first, second = write(talk("one"), "", talk("two"), name="a.jsonl"), tmp_path / "b.json"
    second.write_text(json.dumps([talk("three") | {"id": "x"}, talk("four") | {"id": "y"}]))  # both on one line
    corpus = Corpus([index_lines(first), index_file(second, "auto", Choices())])
    assert (corpus.find(first, 3), corpus.find(first, 2), corpus.find(tmp_path, 1)) == (1, None, None)
    assert [corpus.find(second, 1, name) for name in ("x", "y", "z", None)] == [2, 3, 2, 2]
