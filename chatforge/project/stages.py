"""The seven stages from a base model to a chatbot, and how each of them stands. Pure: no disk, no screen.

    Model → Data → Adapt → Train → Evaluate → Chat → Export

A `Snapshot` holds the facts about a project; `status` and `blocker` say what follows from them. Going back and changing
something makes later stages stale; nothing is deleted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from chatforge.errors import Problem

if TYPE_CHECKING:  # pydantic and psutil are slow to import, and the first screen needs only the stages' names
    from chatforge.recipe.schema import Recipe
    from chatforge.runs.folder import RunFolder
    from chatforge.runs.state import StageStatus


class Stage(StrEnum):
    """A step of the way, in the order of a newcomer."""

    MODEL = "model"
    DATA = "data"
    ADAPT = "adapt"
    TRAIN = "train"
    EVALUATE = "evaluate"
    CHAT = "chat"
    EXPORT = "export"


class Status(StrEnum):
    """How a stage stands."""

    LOCKED = "locked"
    READY = "ready"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"
    STALE = "out of date"


ORDER = tuple(Stage)


@dataclass(frozen=True)
class Corrections:
    """Replies that a person rewrote, and what became of them.

    Attributes:
        waiting: how many the latest run has not learned from.
        named: whether the recipe trains on their file, so that the next run learns them.
    """

    waiting: int = 0
    named: bool = False


@dataclass(frozen=True)
class Snapshot:
    """What is known of a project at one moment.

    Attributes:
        recipe_path: its recipe.yaml.
        recipe: what it says; None while something in it is wrong.
        problems: what is wrong in it, or in the data and models it names.
        base_here: whether the base's weights are on this machine.
        run: the project's latest run.
        changed: fields that the recipe says otherwise than the run did, such as "adaptation.lora_r".
        train, evaluate: how these stages of the run stand.
        verdict: the word of its report. exported: whether what it learned was handed on.
        corrections: replies that were rewritten, and what became of them.
        name: what the recipe calls the project, also while `recipe` is None; "" if it does not say.
        files: the dialogue files that the recipe names, also while it is None, and when each was touched.
        lesson: what a pass learns, in sentences, as far as the files were read.
    """

    recipe_path: Path
    recipe: "Recipe | None" = None
    problems: tuple[Problem, ...] = ()
    base_here: bool = False
    run: "RunFolder | None" = None
    changed: tuple[str, ...] = ()
    train: "StageStatus" = "new"
    evaluate: "StageStatus" = "new"
    verdict: str | None = None
    exported: bool = False
    corrections: Corrections = Corrections()
    name: str = ""
    files: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    lesson: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the project is called."""
        return (self.recipe.name if self.recipe else self.name) or self.recipe_path.stem

    def problems_of(self, stage: Stage) -> tuple[Problem, ...]:
        """What is wrong that this stage can mend."""
        return tuple(problem for problem in self.problems if stage_of(problem.field) == stage)


def stage_of(field: str | None) -> Stage:
    """The stage where a recipe's field is set."""
    block = (field or "").partition(".")[0]
    blocks = {
        "model": Stage.MODEL, "data": Stage.DATA, "meta": Stage.DATA, "evaluation": Stage.EVALUATE,
        "chat": Stage.CHAT, "export": Stage.EXPORT,
    }  # fmt: skip
    return blocks.get(block, Stage.ADAPT if field else Stage.DATA)


def status(snapshot: Snapshot, stage: Stage) -> Status:
    """How a stage stands."""
    match stage:
        case Stage.MODEL:
            return Status.DONE if snapshot.base_here else Status.READY
        case Stage.DATA | Stage.ADAPT:
            wrong = snapshot.problems_of(stage) or snapshot.recipe is None
            return Status.READY if wrong else Status.DONE
        case Stage.TRAIN:
            return _status_of_work(snapshot, snapshot.train, stage)
        case Stage.EVALUATE:
            return _status_of_work(snapshot, snapshot.evaluate, stage)
        case Stage.CHAT:
            return Status.LOCKED if blocker(snapshot, stage) else Status.READY
        case Stage.EXPORT:
            done = Status.DONE if snapshot.exported else Status.READY
            return Status.LOCKED if blocker(snapshot, stage) else done


def blocker(snapshot: Snapshot, stage: Stage) -> tuple[str, Stage] | None:
    """Why a stage is locked and where to go first; None if it is open."""
    match stage:
        case Stage.TRAIN if snapshot.problems:
            return _what_is_wrong(snapshot), stage_of(snapshot.problems[0].field)
        case Stage.TRAIN if not snapshot.base_here:
            return "the base model is not on this machine yet", Stage.MODEL
        case Stage.EVALUATE | Stage.EXPORT if snapshot.train != "done":
            return "nothing is trained yet", Stage.TRAIN
        case Stage.CHAT if not snapshot.base_here and snapshot.train != "done":
            return "no model is on this machine yet", Stage.MODEL
        case _:
            return None


def bad_lines(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Those of a look's problems that are lines of dialogue files; the one behind them only sums them up."""
    if not problems or problems[-1].field not in ("data", "data.bad_lines"):
        return ()
    return tuple(problem for problem in problems if problem.file and problem.line and problem.field is None)


def count_words(problems: Sequence[Problem]) -> str:
    """How much there is to mend: "3 bad lines", "1 problem"; a look lists only the first of many bad lines."""
    bad = bad_lines(problems)
    count, what = (len(bad), "bad line") if bad else (len(problems), "problem")
    over = "over " if bad and "more bad line" in problems[-1].what else ""
    return f"{over}{count} {what}{'s' if count > 1 else ''}"


def stale_words(snapshot: Snapshot) -> str | None:
    """Why the trained adapter no longer is what the recipe asks for."""
    if snapshot.train != "done" or not snapshot.changed:
        return None
    fields = ", ".join(snapshot.changed[:3]) + (" and more" if len(snapshot.changed) > 3 else "")
    return f"trained with another recipe than the one you see: {fields} changed since"


def due(snapshot: Snapshot) -> Stage:
    """The stage that a person who comes back wants to see."""
    if snapshot.train in ("running", "waiting", "stopped", "failed", "died"):
        return Stage.TRAIN
    if snapshot.evaluate in ("running", "waiting", "done", "failed", "died"):
        return Stage.EVALUATE
    if snapshot.train == "done":
        return Stage.CHAT
    if not snapshot.base_here:
        return Stage.MODEL
    return Stage.DATA if snapshot.problems else Stage.ADAPT


def next_stage(stage: Stage) -> Stage | None:
    """The stage after this one; None after the last."""
    at = ORDER.index(stage) + 1
    return ORDER[at] if at < len(ORDER) else None


def _what_is_wrong(snapshot: Snapshot) -> str:
    """Why a training cannot begin: what is wrong first, with its place."""
    first, bad = snapshot.problems[0], bad_lines(snapshot.problems)
    if bad and first.file:
        files = {problem.file for problem in bad}
        where = first.file.name if len(files) == 1 else f"{len(files)} files"
        place = f"line {first.line}" if len(files) == 1 else f"{first.file.name}, line {first.line}"
        lines = count_words(snapshot.problems).replace("bad ", "")
        return f"{lines} of {where} cannot be used (first: {place}: {first.what})"
    if first.file and first.file != snapshot.recipe_path:
        line = f", line {first.line}" if first.line else ""
        return f"{first.file.name}{line}: {first.what}"
    field = f"{first.field}: " if first.field else ""
    return f"the recipe is not ready: {field}{first.what}"


def _status_of_work(snapshot: Snapshot, found: "StageStatus", stage: Stage) -> Status:
    """Status of a stage that a worker does."""
    if found in ("running", "waiting"):
        return Status.RUNNING
    if found == "done":
        return Status.STALE if snapshot.changed else Status.DONE
    if blocker(snapshot, stage):
        return Status.LOCKED
    return {"stopped": Status.STOPPED, "failed": Status.FAILED, "died": Status.FAILED}.get(found, Status.READY)
