"""A dialogue file whose kind is known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatforge.dialogues.draft import BadLine, Record

Kind = Literal["lines", "json", "table", "text", "xml", "parquet"]


@dataclass(frozen=True)
class Container:
    """A file whose kind is known.

    Attributes:
        kind: "lines": JSON, one value a line; "json": one large array or object; "table": CSV or TSV with a header;
            "text": the whole file is one record; "xml": one record, a tree; "parquet": rows.
        notes: what was guessed and should be known, such as an encoding that is not UTF-8.
        records: reads the file from its beginning; may be called again. A place that cannot be read comes as a
            `BadLine`; an error of the whole file raises `UserError`.
    """

    path: Path
    kind: Kind
    records: Callable[[], Iterator[Record | BadLine]]
    notes: tuple[str, ...] = ()
