"""Scores texts that people have scored: `python -m chatforge.workers.agreement ENCODER PAIRS VALUES`.

PAIRS has one JSON list a line, [reference, reply]; VALUES becomes JSON: {axis: [value or null, one for each pair]}. On
what fd 1 was at the start leaves how far it is, and at last how many texts were longer than the encoder reads:

    {"done": 64, "total": 400}
    {"cut": 3}
"""

import argparse
import json
import os
import sys
from pathlib import Path

from chatforge.errors import UserError
from chatforge.workers import quiet
from chatforge.workers.common import NICENESS


def main(arguments: list[str] | None = None) -> int:
    """Score; return the exit code: 0, or 1 if the encoder cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m chatforge.workers.agreement", description=__doc__)
    parser.add_argument("encoder", type=Path, help="folder of the encoder")
    parser.add_argument("pairs", type=Path)
    parser.add_argument("values", type=Path)
    asked = parser.parse_args(arguments)
    outlet = quiet.claim_fd_1()
    os.nice(max(0, NICENESS - os.nice(0)))
    quiet.hush()
    quiet.close_network()

    def tell(**values: int) -> None:
        outlet.write(json.dumps(values).encode() + b"\n")

    # Imported here, after fd 1 is out of the way: these libraries print while they are imported.
    from chatforge.evaluation.agreement.scoring import score_pairs
    from chatforge.models.encoder import Encoder

    try:
        encoder = Encoder.load(asked.encoder)
        with asked.pairs.open("rb") as lines:
            pairs = [(_whole(reference), _whole(reply)) for reference, reply in map(json.loads, lines)]
        values = score_pairs(pairs, encoder, lambda done, total: tell(done=done, total=total))
        asked.values.write_text(json.dumps(values), encoding="ascii")
        tell(cut=encoder.truncated)
    except UserError as error:
        print(error.problems[0].what, file=sys.stderr)  # noqa: T201 (its only way to say why)
        return 1
    except BrokenPipeError:
        pass  # nobody listens any more
    return 0


def _whole(text: str) -> str:
    """Half characters, which no tokenizer takes, can stand in any JSON."""
    return text.encode("utf-8", "replace").decode()


if __name__ == "__main__":
    sys.exit(main())
