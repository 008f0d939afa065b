"""Have texts scored on our axes, to hold against what people say of them: a worker scores, we wait. Light."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chatforge.runs.pipe import Pipe

PROGRAM = ("-m", "chatforge.workers.agreement")

Told = Callable[[int, int], object]
"""Hears (pairs scored, pairs in all)."""


def score(
    encoder: Path, pairs: Sequence[tuple[str, str]], told: Told = lambda done, total: None
) -> tuple[dict[str, list[float | None]], int]:
    """Return the values of each axis, one for each (reference, reply), and how many texts the encoder has cut.

    Args:
        encoder: folder of the embedding model.

    Raises:
        UserError: the encoder cannot be used, or the worker died. OSError: it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="chatforge-agreement-") as scratch:
        given, made = Path(scratch, "pairs.jsonl"), Path(scratch, "values.json")
        with given.open("w", encoding="ascii") as file:
            file.writelines(json.dumps(pair) + "\n" for pair in pairs)
        pipe = Pipe(
            [*PROGRAM, str(encoder), str(given), str(made)],
            Path(scratch, "worker.log"),
            _read,
            name="the process that scores the texts",
            hint="try again",
        )
        try:
            while "cut" not in (heard := pipe.receive()):
                told(heard["done"], heard["total"])
            values: dict[str, list[float | None]] = json.loads(made.read_text(encoding="ascii"))
            return values, heard["cut"]
        finally:
            pipe.close(0)


def _read(line: bytes) -> Mapping[str, int] | None:
    try:
        values = json.loads(line)
    except ValueError:
        return None
    return values if isinstance(values, dict) else None
