"""What the stage Train has done beside the screen: begin, go on, stop, predict, and read how a training died.

Each function may take seconds and is called in a thread; none touches a widget.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chatforge import paths
from chatforge.errors import UserError
from chatforge.models.machine import look
from chatforge.project import new_run
from chatforge.project.circumstances import gather
from chatforge.project.facts import weigh
from chatforge.project.fetching import locate_all
from chatforge.project.inputs import check_inputs
from chatforge.project.looking import touched
from chatforge.project.prediction import predict
from chatforge.project.stages import Snapshot
from chatforge.recipe.files import load_recipe
from chatforge.recipe.presets import resolve
from chatforge.recipe.schema import Recipe
from chatforge.runs import launch
from chatforge.runs.course import Course
from chatforge.runs.folder import RunFolder
from chatforge.tui.train_plan import Forecast
from chatforge.tui.train_words import BROKEN, Standing
from chatforge.words import plain


@dataclass(frozen=True)
class Outcome:
    """How starting, stopping or resuming went.

    Attributes:
        notes: what the user should know. missing: models whose weights must be fetched first.
        trouble: why it did not work; None if it did.
    """

    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True)
class Learned:
    """Something that was found out; None where it is not about that."""

    plan: Forecast | None = None
    why: str | None = None
    machine_bytes: int | None = None

    def joined(self, newer: "Learned") -> "Learned":
        """All that is known now."""
        return Learned(newer.plan or self.plan, newer.why or self.why, newer.machine_bytes or self.machine_bytes)


class Curiosity:
    """Knows what has yet to be found out about a training, so that each thing is asked once.

    Args:
        runs_dir: where runs are. home: ChatForge's folder.
    """

    def __init__(self, runs_dir: Path, home: Path) -> None:
        self._runs_dir, self._home = runs_dir, home
        self._known: dict[str, object] = {}

    def due(self, snapshot: Snapshot, standing: Standing, course: Course) -> dict[str, Callable[[], Learned]]:
        """What is to be found out now, by name; each is called in a thread."""
        recipe, runs_dir, home, run = snapshot.recipe_path, self._runs_dir, self._home, snapshot.run
        found: dict[str, Callable[[], Learned]] = {}
        if standing == "new" and self._is_new("plan", _depends_on(snapshot, home)):
            found["plan"] = lambda: Learned(plan=forecast(recipe, runs_dir, home))
        if run and standing in BROKEN and self._is_new("end", (run, standing, course.heard)):
            found["end"] = lambda: Learned(why=words_of_end(run, course, standing))
        if course.plan and self._is_new("machine", course.plan.device):
            found["machine"] = lambda: Learned(machine_bytes=memory_of_machine(course))
        return found

    def _is_new(self, what: str, about: object) -> bool:
        known = what in self._known and self._known[what] == about
        self._known[what] = about
        return not known


def begin(recipe: Path, runs_dir: Path, home: Path) -> Outcome:
    """Check everything, make a new run and start it: training, then evaluation."""
    try:
        loaded = load_recipe(recipe)
        inputs = check_inputs(loaded, recipe, evaluating=True)
        if missing := _missing(loaded.recipe, home):
            return Outcome(missing=missing)
        launch.start(new_run.create(loaded, runs_dir, home, inputs), "train", "evaluate")
    except (UserError, OSError) as error:
        return Outcome(trouble=_words(error))
    return Outcome(inputs.notes)


def go_on(run: RunFolder, home: Path) -> Outcome:
    """Resume a run with what is left of it."""
    try:
        stage, then = new_run.what_is_left(run)
        new_run.check_unchanged(run)
        if missing := _missing(new_run.recipe_of(run), home):
            return Outcome(missing=missing)
        launch.start(run, stage, then)
    except (UserError, OSError) as error:
        return Outcome(trouble=_words(error))
    return Outcome()


def stop(run: RunFolder, *, save: bool) -> Outcome:
    """Ask the run's worker to stop."""
    try:
        launch.stop(run, save=save)
    except (UserError, OSError) as error:
        return Outcome(trouble=_words(error))
    return Outcome()


def forecast(recipe: Path, runs_dir: Path, home: Path) -> Forecast | None:
    """What the recipe comes to; None if it cannot be told (the recipe's problems are told elsewhere)."""
    try:
        loaded = load_recipe(recipe)
        known = gather(loaded, runs_dir, home)
        held_out = _held_out(loaded.recipe, known.facts.conversations)
    except (UserError, OSError):
        return None
    resolved = resolve(loaded, known.facts)
    return Forecast(resolved, predict(resolved, known), held_out)


def memory_of_machine(course: Course) -> int | None:
    """Bytes of the memory that a training works in; None before it is known where it works."""
    if course.plan is None:
        return None
    machine = look()
    if course.plan.device == "cpu":
        return machine.ram_bytes
    return machine.gpu.total_bytes if machine.gpu else None


def words_of_end(run: RunFolder, course: Course, standing: Standing) -> str:
    """Why a training is not going on, what its worker said last, and what can be done."""
    if standing == "stopped":
        saved = f"; step {course.checkpoint} is saved" if course.checkpoint is not None else ""
        return f"Stopped as you asked{saved}.\nr goes on from the last checkpoint."
    if standing == "failed":
        errors = [remark for remark in course.remarks if remark.severity == "error"]
        if errors:
            hint = f"\n{errors[-1].hint}" if errors[-1].hint else ""
            return plain(f"{errors[-1].text}{hint}\nr goes on from the last checkpoint; l shows its log.")
    tail = launch.read_tail(run.log("train"))
    said = "\n".join(f"  {line}" for line in tail) or "  (nothing: memory may have run out)"
    return plain(
        "The trainer died without a word: killed from outside, out of memory, or crashed in a library.\n"
        "r goes on from the last checkpoint; l shows its log. The last of it:\n" + said
    )


def _held_out(recipe: Recipe, conversations: int | None) -> int | None:
    """How many conversations the verdict will rest on, about; `conversations` are those of the train files."""
    data, most = recipe.data, recipe.evaluation.conversations
    if data.test:
        count: int | None = weigh(data, data.test).conversations
    else:
        count = None if conversations is None else round(conversations * data.test_share)
    return count if count is None or most is None else min(count, most)


def _depends_on(snapshot: Snapshot, home: Path) -> object:
    """What a prediction changes with."""
    return snapshot.recipe, snapshot.files, touched(paths.machine_facts(home))


def _missing(recipe: Recipe, home: Path) -> tuple[str, ...]:
    sources = locate_all(new_run.models(recipe, evaluating=True), home)
    return tuple(source.name for source in sources if source.path is None)


def _words(error: UserError | OSError) -> str:
    if isinstance(error, UserError):
        return str(error)
    place = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{place}"
