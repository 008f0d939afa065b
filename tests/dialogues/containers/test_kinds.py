"""What kind a file is, told by what is in it."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from chatforge.dialogues.containers import Container, open_container
from chatforge.dialogues.draft import BadLine
from chatforge.errors import UserError

Put = Callable[..., Path]

ROW = '{"messages": [{"role": "user", "content": "Hi"}]}\n'
PRETTY = json.dumps([json.loads(ROW)] * 2, indent=2)
LONG = json.dumps({"text": "x" * 100_000}) + "\n"


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (ROW * 2, "talks.jsonl", "lines"),
        (ROW * 2, "talks.json", "lines"),
        (ROW * 2, "talks.txt", "lines"),
        ("\n\n" + ROW, "talks.jsonl", "lines"),
        (ROW, "talks.json", "json"),
        (ROW[:20] + "\n" + ROW * 2, "talks.jsonl", "lines"),
        (ROW[:20] + "\n" + ROW * 2, "talks", "lines"),
        (ROW[:20] + "\n", "talks.jsonl", "lines"),
        ("hello\n" + ROW, "talks.jsonl", "lines"),
        ("{'a': 1}\n{'a': 2}\n", "talks.txt", "lines"),
        ('["a"]\n["b"]\n', "talks.jsonl", "lines"),
        (LONG * 2, "talks.json", "lines"),
        (LONG, "talks.json", "json"),
        (PRETTY, "talks.json", "json"),
        (PRETTY, "talks.jsonl", "json"),
        ("[\n" + ROW.strip() + ",\n" + ROW + "]\n", "talks.jsonl", "json"),
        ("[\n" + ROW + "]\n", "talks.json", "json"),
        (json.dumps(json.loads(ROW), indent=0), "talks.json", "json"),
        (json.dumps(json.loads(ROW), indent=2), "talks.jsonl", "json"),
        ("[1, 2]", "talks.json", "json"),
        ("hello", "talks.json", "json"),
        ("question,answer\nHi,Hello\n", "faq.csv", "table"),
        ("question,answer\nHi,Hello\n", "faq", "table"),
        ("question\tanswer\nHi\tHello\n", "faq.txt", "table"),
        ("question\nHi\n", "faq.csv", "table"),
        ("[1] question,answer\nHi,Hello\n", "faq.csv", "table"),
        ('<?xml version="1.0"?>\n<a/>', "qa.txt", "xml"),
        ("<a>x</a>", "qa.xml", "xml"),
        ("<a>x</a>", "qa", "xml"),
        ("<anna> Hi\n<bob> Hello\n", "chat.txt", "text"),
        ("[10:02] Anna: Hi\n[10:03] Bob: Hello\n", "chat.txt", "text"),
        ("[doctor] hi , brian\n[patient] hi , doctor\n", "chat.txt", "text"),
        ("{{Name}}: Hi\n", "chat.txt", "text"),
        ("Doctor: Hello, you\nPatient: Hi, doctor\n", "chat.txt", "text"),
        ("Hello, Anna\nHi, Bob\n", "chat.txt", "text"),
        ("# Talk\n\n| a | b |\n", "chat.md", "text"),
        ("x", "x", "text"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_the_kind(put: Put, pack: Callable[[bytes], bytes], content: str, name: str, kind: str) -> None:
    container = open_container(put(pack(content.encode()), name))
    assert container.kind == kind
    assert list(container.records()) == list(container.records())


def test_a_mark_of_utf_16_hides_no_kind(put: Put) -> None:
    for content, kind in ((ROW * 2, "lines"), (PRETTY, "json"), ("a;b\n1;2\n", "table"), ("<?xml ?><a/>", "xml")):
        assert open_container(put(content.encode("utf-16"), "talks")).kind == kind


def notes(container: Container) -> str:
    return "; ".join(container.notes)


def test_guesses_are_told(put: Put) -> None:
    assert notes(open_container(put("a,b\n1,2\n", "faq.csv"))) == ""
    assert notes(open_container(put("a\tb\n1\t2\n", "faq.tsv"))) == ""
    assert notes(open_container(put("a\tb\n1\t2\n", "faq.csv"))) == "columns are parted by a tab"
    table = open_container(put("größe;;größe\n1;2;3\n".encode("cp1252"), "faq.csv"))
    assert notes(table) == (
        "not UTF-8: read as Windows-1252 (line 1 and others like it); columns are parted by ;; "
        "columns without a name of their own are called `column 2`, `größe 2`"
    )
    assert "not UTF-8" in notes(open_container(put("D: größe".encode("cp1252"), "talk.txt")))
    assert "its members that are objects or lists" in notes(open_container(put('{"a": {}, "b": {}}', "talks.json")))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "the file is empty"), (b"\n", "the file is empty"), (b"PK\x03\x04", "a ZIP archive"), (b"\0", "binary")],
)
def test_what_is_no_dialogue_file(put: Put, content: bytes, words: str) -> None:
    with pytest.raises(UserError, match=words):
        open_container(put(content))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="this is a folder"):
        open_container(tmp_path)


def test_a_line_of_more_than_a_few_megabytes(put: Put) -> None:
    path = put(json.dumps({"a": "x" * (9 << 20)}) + "\n", "talks.jsonl")
    container = open_container(path)
    assert container.kind == "lines"
    (bad,) = container.records()
    assert isinstance(bad, BadLine)
    assert bad.reason.startswith("a line of more than 8 MB")


def test_the_room_is_light() -> None:
    heavy = "pyarrow zstandard defusedxml numpy torch datasets pandas"
    script = f"import sys, chatforge.dialogues.containers; print([m for m in {heavy!r}.split() if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "[]\n"


def test_a_table_that_is_called_json_is_read_as_a_table_and_said(put: Put) -> None:
    rows = "question,answer\n" + "".join(f'"Where is {i}, please?",Here.\n' for i in range(3))
    container = open_container(put(rows, "talks.jsonl"))
    assert container.kind == "table"
    assert container.notes[0] == "this is a table: .jsonl is a wrong ending for it, .csv would be right"
    broken = 'foo, bar\n{"a": 1, "b": 2}\n{"a": 1, "b": 2}\n'
    assert open_container(put(broken, "broken.jsonl")).kind == "lines"
