"""The evaluation worker: `python -m chatforge.workers.evaluate RUN`."""

import sys
from collections.abc import Collection, Mapping
from typing import Any

from chatforge.evaluation import elsewhere
from chatforge.evaluation.scales import PRIMARY
from chatforge.recipe.files import recipe_from_dict
from chatforge.runs import lockfile
from chatforge.runs.events import Event
from chatforge.runs.folder import RunFolder
from chatforge.workers.common import Stage, StoppedEarlyError, stage_main
from chatforge.workers.quiet import Place


def work(stage: Stage) -> Mapping[str, Any]:
    """Evaluate. Heavy libraries are imported here: after the network is closed, with a heartbeat."""
    from chatforge.evaluation.job import evaluate_run

    def emit(event: Event) -> None:
        # Progress comes with every reply: the place to stop. What was said so far is in the cache.
        if stage.stopping.is_set():
            raise StoppedEarlyError(0)
        stage.emit(event)

    report = evaluate_run(stage.run, emit)
    return {
        "verdict": report.verdict.word,
        "sentence": report.verdict.sentence,
        PRIMARY.key: {rival.name: rival.primary.value for rival in report.rivals},
        "conversations": report.conversations,
    }


def reach(run: RunFolder) -> Collection[Place]:
    """The endpoints that the recipe or the command line names.

    Raises:
        UserError: one of them cannot be used.
    """
    recipe = recipe_from_dict(lockfile.read(run).resolved, run.path)
    return {(at.host, at.port) for at in elsewhere.addresses(recipe.evaluation, elsewhere.read(run))}


if __name__ == "__main__":
    sys.exit(stage_main("evaluate", work, reach=reach))
