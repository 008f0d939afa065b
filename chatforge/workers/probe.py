"""`python -m chatforge.workers.probe HOME [--again]`: measure this machine, keep the result, print it as JSON."""

import dataclasses
import json
import sys
from pathlib import Path

from chatforge import paths
from chatforge.models.machine import write_facts
from chatforge.models.probe import known_or_measured, measure


def main(arguments: list[str]) -> int:
    """Run the probe unless its result is already kept in the home folder `arguments[0]`, or with `--again` anyway."""
    kept = paths.machine_facts(Path(arguments[0]))
    if "--again" in arguments[1:]:
        write_facts(kept, measure())
    facts = known_or_measured(kept)
    sys.stdout.write(json.dumps(dataclasses.asdict(facts)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
