"""Plain text is one record."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.dialogues.containers import text
from chatforge.dialogues.containers.text import records
from chatforge.dialogues.draft import Record
from chatforge.errors import UserError

Put = Callable[..., Path]

TALK = "D: Guten Tag\n\nP: Größe “M”\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(put: Put, encoding: str, end: str) -> None:
    assert list(records(put(TALK.replace("\n", end).encode(encoding)))) == [Record(1, TALK)]


def test_one_damaged_line_leaves_the_others(put: Put) -> None:
    assert list(records(put("Grüße\n".encode() + b"gr\xfcn\n"))) == [Record(1, "Grüße\ngrün\n")]


def test_too_much_text(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_TEXT", 1 << 20)
    with pytest.raises(UserError, match="plain text of more than 1 MB"):
        list(records(put("x" * ((1 << 20) + 1))))
