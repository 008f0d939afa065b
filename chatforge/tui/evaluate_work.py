"""What the stage Evaluate has done beside the screen: begin, stop, read the report.

Each function may take seconds and is called in a thread; none touches a widget.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatforge.errors import UserError
from chatforge.evaluation import elsewhere
from chatforge.evaluation import report as reports
from chatforge.evaluation.report import Report
from chatforge.project import new_run
from chatforge.project.fetching import locate_all
from chatforge.runs import launch
from chatforge.runs.folder import RunFolder


@dataclass(frozen=True)
class Ended:
    """What an evaluation has left behind.

    Attributes:
        why: why there is no report that can be read; "" if there is. tail: the end of the worker's log.
    """

    report: Report | None
    why: str
    tail: Sequence[str]


def read(run: RunFolder) -> Ended:
    """Read a run's report."""
    report, why = None, ""
    try:
        report = reports.read(run.evaluation / reports.FILE)
    except (UserError, OSError) as error:
        why = str(error)
    return Ended(report, why, launch.read_tail(run.log("evaluate")))


def begin(run: RunFolder, home: Path) -> str:
    """Start the worker, once everything it needs is known to be here; returns why it could not be started, or ""."""
    try:
        rivals = elsewhere.read(run).runs
        names = new_run.models(new_run.recipe_of(run), evaluating=True, rivals=rivals)
        missing = [source.name for source in locate_all(names, home) if source.path is None]
        if missing:
            hint = f"`chatforge models fetch {missing[0]}` brings it"
            raise UserError(f"{missing[0]} is not on this machine", hint=hint)
        launch.start(run, "evaluate")
    except (UserError, OSError) as error:
        return str(error)
    return ""


def stop(run: RunFolder) -> str:
    """End the worker at once: what is not complete is not kept. Returns why it could not be ended, or ""."""
    try:
        launch.stop(run, save=False)
    except (UserError, OSError) as error:
        return str(error)
    return ""
