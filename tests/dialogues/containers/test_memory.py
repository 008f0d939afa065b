"""Memory does not grow with the file."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.dialogues.containers import open_container
from chatforge.dialogues.draft import Record

Put = Callable[..., Path]

SIZE = 20_000_000
PEAK = 12_000_000
"""Bytes that may be in use at a time while a file of `SIZE` bytes is read."""

WORDS = "Wo ist mein Päckchen? Es ging am Montag ab, hieß es 🥾. " * 40
SAID = [{"role": "user", "content": WORDS}, {"role": "assistant", "content": WORDS}]
TALK = json.dumps({"id": 1, "messages": SAID}, ensure_ascii=False)
ROW = f'"{WORDS}","{WORDS}"'


@pytest.mark.parametrize(
    ("name", "start", "row", "between", "end"),
    [
        ("talks.jsonl", "", TALK, "\n", "\n"),
        ("talks.json", "[", TALK, ",", "]"),
        ("talks.json", '{"train": [', TALK, ",\n", "]}"),
        ("talks.csv", "question,answer\n", ROW, "\n", "\n"),
    ],
)
def test_a_large_file_takes_little_memory(put: Put, name: str, start: str, row: str, between: str, end: str) -> None:
    rows = SIZE // len(row.encode())
    path = put(start + between.join([row] * rows) + end, name)
    tracemalloc.start()
    found = sum(isinstance(item, Record) for item in open_container(path).records())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == rows
    assert peak < PEAK
