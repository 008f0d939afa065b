"""Copies beside their originals: what they would be, what they are, and when there is no reason for one."""

import json
from pathlib import Path

import pytest

from chatforge.dialogues.checks.copies import ANONYMISED, MENDED, copy_of, differs, preview, write
from chatforge.dialogues.reading import open_source
from chatforge.errors import UserError


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    path = tmp_path / "talks.jsonl"
    said = [("Is it <b>free</b>?", "Yes."), ("I am at anna.keller@example.com", "Thank you."), ("So?", "null")]
    lines = [
        json.dumps({"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": reply}]})
        for asked, reply in said
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_what_is_told_is_what_is_written(talks: Path) -> None:
    source = open_source(talks)
    told = preview(source, MENDED)
    assert (told.same, told.changed, told.left_out) == (1, 1, 1)
    assert list(talks.parent.iterdir()) == [talks]
    done = write(source, MENDED)
    assert (done.same, done.changed, done.left_out, done.counts) == (1, 1, 1, told.counts)
    assert done.to == told.to == talks.with_name("talks.fixed.jsonl")
    assert "<b>" not in done.to.read_text()
    with pytest.raises(UserError, match="exists already"):
        write(source, MENDED)


def test_personal_details_are_replaced(talks: Path) -> None:
    done = write(open_source(talks), ANONYMISED)
    assert done.to.name == "talks.anonymised.jsonl" and done.changed == 1
    assert "anna.keller" not in done.to.read_text() and "anna.keller" not in str(done.log and done.log.read_text())


def test_there_is_no_reason_for_a_copy_of_what_reading_puts_right(tmp_path: Path) -> None:
    table = tmp_path / "t.json"
    talk = [{"from": who, "value": "Hi"} for who in ("human", "human", "gpt", "human")]
    table.write_text(json.dumps([{"conversations": talk}]))
    source = open_source(table)
    assert not differs(source, preview(source, MENDED))
    talk[0]["value"] = "<b>Hi</b>"
    table.write_text(json.dumps([{"conversations": talk}]))
    assert differs(source, preview(source, MENDED))


@pytest.mark.parametrize("name", ["a.jsonl", "a.txt", "a.jsonl.gz", "a.csv.zst"])
def test_a_copy_is_named_after_its_original(name: str) -> None:
    assert copy_of(Path("x", name), MENDED) == Path("x", "a.fixed.jsonl")
