"""Whatever a file holds: records, bad lines or an error in words; never a trace, never a hang."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatforge.dialogues.containers import json_value, lines, open_container, parquet, table, text, xml
from chatforge.dialogues.draft import BadLine, Record
from chatforge.errors import UserError

Put = Callable[..., Path]

READERS = (
    lines.records,
    json_value.records,
    text.records,
    xml.records,
    parquet.records,
    lambda path: table.records(path, ","),
    lambda path: open_container(path).records(),
)
STARTS = (b"", b"", b'{"a": ', b"[", b"[{", b"<?xml ?>", b"<a>", b"PAR1", b"a,b\n", b"\xff\xfe", b"\xef\xbb\xbf")
SIGNS = st.sampled_from(list(b"{}[]\":,;\t|\n\r\\u0dE<>/a&!'")).map(lambda sign: bytes([sign]))
BODIES = st.one_of(
    st.binary(max_size=60),
    st.lists(SIGNS, max_size=40).map(b"".join),
    st.text(max_size=40).map(lambda words: words.encode("utf-8", "surrogatepass")),
    st.recursive(
        st.none() | st.text(max_size=4), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    ).map(lambda value: json.dumps(value).encode()),
)
CONTENTS = st.tuples(st.sampled_from(STARTS), st.lists(BODIES, max_size=4).map(b"\n".join)).map(b"".join)
NAMES = st.sampled_from(["x", "x.jsonl", "x.json", "x.csv", "x.tsv", "x.txt", "x.xml", "x.parquet"])
PACKERS = st.sampled_from([bytes, gzip.compress, zstandard.compress])


def check(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for reader in READERS:
        try:
            items = list(reader(path))
        except UserError as error:
            assert all(problem.file == path for problem in error.problems)
            continue
        for item in items:
            assert item.line >= 1
            if isinstance(item, BadLine):
                assert item.reason
            else:
                assert isinstance(item, Record)
                repr(item).encode()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENTS, name=NAMES, pack=PACKERS, cut=st.floats(0, 1) | st.just(1))
def test_any_bytes(tmp_path: Path, content: bytes, name: str, pack: Callable[[bytes], bytes], cut: float) -> None:
    packed = pack(content)
    check(tmp_path / name, packed[: int(len(packed) * cut)])


@pytest.mark.fuzz
@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENTS, name=NAMES, pack=PACKERS, cut=st.floats(0, 1) | st.just(1))
def test_any_bytes_long(tmp_path: Path, content: bytes, name: str, pack: Callable[[bytes], bytes], cut: float) -> None:
    packed = pack(content)
    check(tmp_path / name, packed[: int(len(packed) * cut)])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), damage=st.binary(min_size=1, max_size=4))
def test_a_damaged_parquet_file(tmp_path: Path, place: float, damage: bytes) -> None:
    import pyarrow as pa
    from pyarrow import parquet as pq

    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": ["one", "two"], "b": [[{"c": 1}], []]}), path)
    content = bytearray(path.read_bytes())
    at = int(place * (len(content) - 1))
    content[at : at + len(damage)] = damage
    check(path, bytes(content))


@pytest.mark.parametrize(
    "content", [b"[" * 300_000, b'{"a":' * 100_000, b"<a>" * 100_000, b"9" * 300_000, b'"' * 99_999]
)
def test_much_of_one_thing(tmp_path: Path, content: bytes) -> None:
    check(tmp_path / "x", content)
