"""Have texts scored on our axes, to hold against what people say of them: a worker scores, we wait. Light."""

import json
from collections.abc import Sequence
from pathlib import Path

from chatforge.project import encoder_client
from chatforge.project.encoder_client import Told


def score(
    encoder: Path, pairs: Sequence[tuple[str, str]], told: Told = lambda done, total: None
) -> tuple[dict[str, list[float | None]], int]:
    """Return the values of each axis, one for each (reference, reply), and how many texts the encoder has cut.

    Args:
        encoder: folder of the embedding model.
        told: hears (pairs scored, pairs in all).

    Raises:
        UserError: the encoder cannot be used, or the worker died. OSError: it cannot be started.
    """
    name = "the process that scores the texts"
    return encoder_client.ask("agreement", encoder, pairs, _values, told, name=name, hint="try again")


def _values(path: Path) -> dict[str, list[float | None]]:
    values: dict[str, list[float | None]] = json.loads(path.read_text(encoding="ascii"))
    return values
