"""The evaluation worker: `python -m chatforge.workers.evaluate RUN`."""

import sys
from collections.abc import Mapping
from typing import Any

from chatforge.runs.events import Event
from chatforge.workers.common import Stage, StoppedEarlyError, stage_main


def work(stage: Stage) -> Mapping[str, Any]:
    """Evaluate. Heavy libraries are imported here: after the network is closed, with a heartbeat."""
    from chatforge.evaluation.job import evaluate_run

    def emit(event: Event) -> None:
        # Progress comes with every reply: the place to stop. Nothing is kept, an evaluation starts afresh.
        if stage.stopping.is_set():
            raise StoppedEarlyError(0)
        stage.emit(event)

    report = evaluate_run(stage.run, emit)
    return {
        "verdict": report.verdict.word,
        "sentence": report.verdict.sentence,
        "identification": {rival.name: rival.identification.value for rival in report.rivals},
        "conversations": len(report.items),
    }


if __name__ == "__main__":
    sys.exit(stage_main("evaluate", work))
