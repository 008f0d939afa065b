"""What the workers have in common that hold texts before an encoder and leave one file behind.

ROWS has one JSON value a line; the file made is the worker's own. On what fd 1 was at the start leaves how far it is,
and at last how many texts were longer than the encoder reads:

    {"done": 64, "total": 400}
    {"cut": 3}
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatforge.errors import UserError
from chatforge.workers import quiet
from chatforge.workers.common import NICENESS

if TYPE_CHECKING:
    from chatforge.models.encoder import Encoder

Told = Callable[[int, int], None]
"""Hears (done, in all)."""

Work = Callable[["Encoder", list[Any], Path, Told], None]
"""Makes the file from the rows."""


def serve(name: str, what: str | None, work: Work, arguments: list[str] | None) -> int:
    """Do the work on what the command line names; return the exit code: 0, or 1 if the encoder cannot be used.

    Args:
        name: of the worker's module. what: it does, for its help.
    """
    parser = argparse.ArgumentParser(prog=f"python -m chatforge.workers.{name}", description=what)
    parser.add_argument("encoder", type=Path, help="folder of the encoder")
    parser.add_argument("rows", type=Path)
    parser.add_argument("made", type=Path)
    asked = parser.parse_args(arguments)
    outlet = quiet.claim_fd_1()
    os.nice(max(0, NICENESS - os.nice(0)))
    quiet.hush()
    quiet.close_network()

    def tell(**values: int) -> None:
        outlet.write(json.dumps(values).encode() + b"\n")

    # Imported here, after fd 1 is out of the way: these libraries print while they are imported.
    from chatforge.models.encoder import Encoder

    try:
        encoder = Encoder.load(asked.encoder)
        with asked.rows.open("rb") as lines:
            rows = [json.loads(line) for line in lines]
        work(encoder, rows, asked.made, lambda done, total: tell(done=done, total=total))
        tell(cut=encoder.truncated)
    except UserError as error:
        print(error.problems[0].what, file=sys.stderr)  # noqa: T201 (its only way to say why)
        return 1
    except BrokenPipeError:
        pass  # nobody listens any more
    return 0


def whole(text: str) -> str:
    """Half characters, which no tokenizer takes, can stand in any JSON."""
    return text.encode("utf-8", "replace").decode()
