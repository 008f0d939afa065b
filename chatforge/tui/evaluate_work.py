"""What the stage Evaluate has done beside the screen: begin, stop, read the report.

Each function may take seconds and is called in a thread; none touches a widget.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textual.message import Message

from chatforge.errors import UserError
from chatforge.evaluation import elsewhere
from chatforge.evaluation import report as reports
from chatforge.evaluation.elsewhere import Elsewhere
from chatforge.evaluation.endpoint import is_here
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ENDPOINT, RUN
from chatforge.project import new_run
from chatforge.project.fetching import locate_all
from chatforge.runs import launch, state
from chatforge.runs.folder import RunFolder

BUSY = ("running", "waiting")
"""How an evaluation stands that is at work."""


@dataclass(frozen=True)
class Guests:
    """The rivals from elsewhere that an evaluation of a run asks.

    Attributes:
        names: of all, as reports call them. kept: of those that a command named; the recipe names the others.
        hosts: the other machines that held-out conversations are sent to.
    """

    names: Sequence[str] = ()
    kept: Sequence[str] = ()
    hosts: Sequence[str] = ()


@dataclass(frozen=True)
class Ended:
    """What lies in a run's files: what an evaluation has left behind, and whom the next one asks.

    Attributes:
        why: why there is no report that can be read; "" if there is. tail: the end of the worker's log.
        asked: the rivals that need not be there and will answer, by the recipe's words; None: nobody knows.
        guests: names of those from elsewhere.
    """

    report: Report | None = None
    why: str = ""
    tail: Sequence[str] = ()
    asked: Sequence[str] | None = None
    guests: Sequence[str] = ()


@dataclass
class Found(Message):
    """A run's files were read, as they were at this stamp."""

    stamp: object
    ended: Ended


@dataclass
class Did(Message):
    """The worker was started or stopped, unless there was trouble."""

    what: Literal["started", "stopped"]
    run: RunFolder
    trouble: str


@dataclass
class Doing:
    """What was asked for and is not yet to be seen in the run's files.

    Attributes:
        starting: asked to start. begun: that is done. stopping: asked to stop; what is about to start stops then.
    """

    starting: bool = False
    begun: bool = False
    stopping: bool = False

    def status(self, found: str) -> str:
        """How the evaluation stands: `found` in its files, or "stopping"; what was started counts as running."""
        now = "running" if self.starting and found not in BUSY else found
        return "stopping" if self.stopping and now in BUSY else now

    def look(self, found: str) -> None:
        """Take in what was found after it was done."""
        self.starting = self.starting and not self.begun
        self.begun = False
        self.stopping = self.stopping and (self.starting or found in BUSY)

    def after(self, event: Did) -> bool:
        """Take in what was done; returns whether what has just been started is to be stopped."""
        if event.trouble:
            self.starting = self.begun = self.stopping = False
        elif event.what == "started" and self.stopping:
            return True
        self.begun = self.starting
        return False


def read(run: RunFolder) -> Ended:
    """Read a run's report, and what is to be known without one."""
    report, why = None, ""
    try:
        report = reports.read(run.evaluation / reports.FILE)
    except (UserError, OSError) as error:
        why = str(error)
    tail: Sequence[str] = ()
    with suppress(OSError):
        tail = launch.read_tail(run.log("evaluate"))
    asked: Sequence[str] | None = None
    with suppress(UserError, OSError):
        asked = new_run.recipe_of(run).evaluation.rivals
    return Ended(report, why, tail, asked, guests(run).names)


def guests(run: RunFolder) -> Guests:
    """Whom an evaluation of this run asks elsewhere; nobody, where that cannot be read: `begin` says so."""
    try:
        wanted = elsewhere.read(run)
        there = elsewhere.addresses(new_run.recipe_of(run).evaluation, wanted)
    except (UserError, OSError):
        return Guests()
    runs = [f"{RUN}{path.name}" for path in wanted.runs]
    hosts = sorted({at.host for at in there if not is_here(at.host)})
    kept = [*runs, *(f"{ENDPOINT}{name}" for name in wanted.endpoints)]
    return Guests([*runs, *(f"{ENDPOINT}{at.name}" for at in there)], kept, hosts)


def begin(run: RunFolder, home: Path, *, alone: bool) -> str:
    """Start the worker, once everything it needs is known to be here; returns why it could not be started, or "".

    Args:
        alone: forget the rivals that a command named.
    """
    try:
        rivals = () if alone else elsewhere.read(run).runs
        names = new_run.models(new_run.recipe_of(run), evaluating=True, rivals=rivals)
        missing = [source.name for source in locate_all(names, home) if source.path is None]
        if missing:
            hint = f"`chatforge models fetch {missing[0]}` brings it"
            raise UserError(f"{missing[0]} is not on this machine", hint=hint)
        if alone:
            elsewhere.write(run, Elsewhere())
        launch.start(run, "evaluate")
    except (UserError, OSError) as error:
        return str(error)
    return ""


def stop(run: RunFolder) -> str:
    """End the worker at once: what is not complete is not kept. Returns why it could not be ended, or ""."""
    try:
        if state.busy(run):  # it may have ended by itself meanwhile
            launch.stop(run, save=False)
    except (UserError, OSError) as error:
        return str(error)
    return ""
