"""Scores texts that people have scored: `python -m chatforge.workers.agreement ENCODER PAIRS VALUES`.

PAIRS has one JSON list a line, [reference, reply]; VALUES becomes JSON: {axis: [value or null, one for each pair]}. How
far it is: `with_encoder`.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from chatforge.workers.with_encoder import Told, serve, whole

if TYPE_CHECKING:
    from chatforge.models.encoder import Encoder


def main(arguments: list[str] | None = None) -> int:
    """Score; return the exit code."""
    return serve("agreement", __doc__, _score, arguments)


def _score(encoder: "Encoder", pairs: list[list[str]], made: Path, told: Told) -> None:
    from chatforge.evaluation.agreement.scoring import score_pairs  # heavy: not before fd 1 is out of the way

    values = score_pairs([(whole(reference), whole(reply)) for reference, reply in pairs], encoder, told)
    made.write_text(json.dumps(values), encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
