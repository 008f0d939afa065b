"""The interfaces' end of the workers that hold texts before an encoder (`workers.with_encoder`). Light."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from chatforge.runs.pipe import Pipe

T = TypeVar("T")

Told = Callable[[int, int], object]
"""Hears (done, in all)."""


def ask(
    worker: str, encoder: Path, rows: Sequence[object], load: Callable[[Path], T], told: Told, *, name: str, hint: str
) -> tuple[T, int]:
    """Have a worker make its file from rows; return what is in it, and how many texts the encoder has cut.

    Args:
        worker: name of its module. encoder: folder of the embedding model.
        rows: what can be written as JSON. load: reads the file.
        name, hint: what the process is called, and what to do without it.

    Raises:
        UserError: the encoder cannot be used, or the worker died. OSError: it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix=f"chatforge-{worker}-") as scratch:
        given, made = Path(scratch, "rows.jsonl"), Path(scratch, "made")
        with given.open("w", encoding="ascii") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        command = ["-m", f"chatforge.workers.{worker}", str(encoder), str(given), str(made)]
        pipe = Pipe(command, Path(scratch, "worker.log"), _read, name=name, hint=hint)
        try:
            while "cut" not in (heard := pipe.receive()):
                told(heard["done"], heard["total"])
            return load(made), heard["cut"]
        finally:
            pipe.close(0)


def _read(line: bytes) -> Mapping[str, int] | None:
    try:
        values = json.loads(line)
    except ValueError:
        return None
    return values if isinstance(values, dict) else None
