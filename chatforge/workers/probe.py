"""`python -m chatforge.workers.probe HOME`: measure this machine, keep the result, print it as JSON."""

import dataclasses
import json
import sys
from pathlib import Path

from chatforge import paths
from chatforge.models.probe import known_or_measured


def main(arguments: list[str]) -> int:
    """Run the probe unless its result is already kept in the home folder `arguments[0]`."""
    facts = known_or_measured(paths.machine_facts(Path(arguments[0])))
    sys.stdout.write(json.dumps(dataclasses.asdict(facts)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
