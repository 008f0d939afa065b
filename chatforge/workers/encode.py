"""Turns texts into vectors: `python -m chatforge.workers.encode ENCODER TEXTS VECTORS`.

TEXTS has one JSON string a line; VECTORS becomes a NumPy file of one unit vector a text, float32. How far it is:
`with_encoder`.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chatforge.workers.with_encoder import Told, serve, whole

if TYPE_CHECKING:
    from chatforge.models.encoder import Encoder


def main(arguments: list[str] | None = None) -> int:
    """Encode; return the exit code."""
    return serve("encode", __doc__, _encode, arguments)


def _encode(encoder: "Encoder", texts: list[str], made: Path, told: Told) -> None:
    with made.open("wb") as file:  # given a name, NumPy would add an ending to it
        np.save(file, encoder.encode([whole(str(text)) for text in texts], told))


if __name__ == "__main__":
    sys.exit(main())
