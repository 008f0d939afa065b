"""Parquet: rows, with lists and structures as Python has them; what JSON does not know becomes text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers.opened import refuse_what_is_no_file
from chatforge.dialogues.draft import Record
from chatforge.errors import UserError

_ROWS = 256
"""Rows that are held at a time."""


MAGIC = b"PAR1"


def refuse_packed(path: Path) -> None:
    """Check that a Parquet file is not inside a gzip or Zstandard file: it is not read from its beginning to its end.

    Raises:
        UserError: it is.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise UserError(
                "a Parquet file inside a packed file", file=path, hint="unpack it; Parquet is packed already"
            )


def records(path: Path) -> Iterator[Record]:
    """Yield every row as {column: value}, with its number, from 1, for a line.

    Raises:
        UserError: the file cannot be read, or is no Parquet file, or a broken one.
    """
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyarrow import parquet as pq

    refuse_what_is_no_file(path)
    number = 0
    try:
        with pq.ParquetFile(path, buffer_size=1 << 20) as file:
            for batch in file.iter_batches(batch_size=_ROWS, use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield Record(number, _plain(row))
    except (pa.ArrowException, OSError, ValueError) as error:
        where = f" after row {number:,}" if number else ""
        what = f"the Parquet file is damaged{where}: {str(error).partition(chr(10))[0][:100]}"
        raise UserError(what, file=path, hint="copy or download it again") from None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(element) for element in value]
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value == value else None  # a NaN, as pandas writes for nothing
    return str(value)
