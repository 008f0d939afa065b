"""Turns texts into vectors: `python -m chatforge.workers.encode ENCODER TEXTS VECTORS`.

TEXTS has one JSON string a line; VECTORS becomes a NumPy file of one unit vector a text, float32. On what fd 1 was at
the start leaves how far it is, and at last how many texts were longer than the encoder reads:

    {"done": 256, "total": 1200}
    {"cut": 3}
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np

from chatforge.errors import UserError
from chatforge.workers import quiet
from chatforge.workers.common import NICENESS


def main(arguments: list[str] | None = None) -> int:
    """Encode; return the exit code: 0, or 1 if the encoder cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m chatforge.workers.encode", description=__doc__)
    parser.add_argument("encoder", type=Path, help="folder of the encoder")
    parser.add_argument("texts", type=Path)
    parser.add_argument("vectors", type=Path)
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
        with asked.texts.open("rb") as lines:
            # Half characters, which no tokenizer takes, can stand in any JSON.
            texts = [str(json.loads(line)).encode("utf-8", "replace").decode() for line in lines]
        np.save(asked.vectors, encoder.encode(texts, lambda done, total: tell(done=done, total=total)))
        tell(cut=encoder.truncated)
    except UserError as error:
        print(error.problems[0].what, file=sys.stderr)  # noqa: T201 (its only way to say why)
        return 1
    except BrokenPipeError:
        pass  # nobody listens any more
    return 0


if __name__ == "__main__":
    sys.exit(main())
