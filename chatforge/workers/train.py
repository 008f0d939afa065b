"""The training worker: `python -m chatforge.workers.train RUN [--then evaluate]`."""

import sys
from collections.abc import Mapping
from typing import Any

from chatforge.workers.common import Stage, StoppedEarlyError, stage_main


def work(stage: Stage) -> Mapping[str, Any]:
    """Train, or go on with it. Heavy libraries are imported here: after the network is closed, with a heartbeat."""
    from chatforge.adaptation.run import train

    outcome = train(stage.run, stage.emit, stage.stopping.is_set)
    if outcome.stopped_at is not None:
        raise StoppedEarlyError(outcome.stopped_at)
    return outcome.facts


if __name__ == "__main__":
    sys.exit(stage_main("train", work, exclusive=True))
