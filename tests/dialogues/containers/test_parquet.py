"""Parquet: rows as Python values."""

import datetime
import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from chatforge.dialogues.containers import open_container
from chatforge.dialogues.containers.parquet import records
from chatforge.dialogues.draft import Record
from chatforge.errors import UserError

Put = Callable[..., Path]


def written(path: Path, columns: dict[str, list[object]]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_rows_with_lists_and_structures(tmp_path: Path) -> None:
    talk = [{"role": "user", "content": "Größe? 🥾"}, {"role": "assistant", "content": None}]
    path = written(tmp_path / "train.parquet", {"id": [1, 2], "messages": [talk, []]})
    container = open_container(path)
    assert container.kind == "parquet"
    assert list(container.records()) == [Record(1, {"id": 1, "messages": talk}), Record(2, {"id": 2, "messages": []})]


def test_what_json_does_not_know_becomes_text(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "day": [datetime.date(2024, 3, 1)],
        "price": [Decimal("1.50")],
        "raw": [b"caf\xc3\xa9\xff"],
        "nothing": [float("nan")],
        "sure": [True],
    }
    (record,) = records(written(tmp_path / "x.parquet", columns))
    assert record.value == {"day": "2024-03-01", "price": "1.50", "raw": "café\ufffd", "nothing": None, "sure": True}


def test_more_rows_than_are_held_at_a_time(tmp_path: Path) -> None:
    rows = list(records(written(tmp_path / "x.parquet", {"a": list(range(1000))})))
    assert [(row.line, row.value["a"]) for row in rows] == [(i + 1, i) for i in range(1000)]


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + b"x" * 50 + b"PAR1"])
def test_a_broken_file(put: Put, content: bytes) -> None:
    with pytest.raises(UserError, match="the Parquet file is damaged"):
        list(open_container(put(content, "x.parquet")).records())


def test_a_file_that_is_cut_off(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet", {"a": list(range(1000))})
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match="the Parquet file is damaged"):
        list(records(path))


def test_a_packed_one_is_refused(tmp_path: Path, put: Put) -> None:
    content = written(tmp_path / "x.parquet", {"a": [1]}).read_bytes()
    with pytest.raises(UserError, match="a Parquet file inside a packed file"):
        open_container(put(gzip.compress(content), "x.parquet.gz"))
