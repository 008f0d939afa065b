"""The seven stages from a base model to a chatbot, and how each of them stands. Pure: no disk, no screen.

    Model → Data → Adapt → Train → Evaluate → Chat → Export

A `Snapshot` holds the facts about a project; `status` and `blocker` say what follows from them. Going back and changing
something makes later stages stale; nothing is deleted.
"""

from dataclasses import dataclass
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
        verdict: the word of its report.
        corrections: replies that were rewritten, and what became of them.
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
    corrections: Corrections = Corrections()

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
            return Status.LOCKED if blocker(snapshot, stage) else Status.DONE


def blocker(snapshot: Snapshot, stage: Stage) -> tuple[str, Stage] | None:
    """Why a stage is locked and where to go first; None if it is open."""
    match stage:
        case Stage.TRAIN if snapshot.problems:
            problem = snapshot.problems[0]
            return f"the recipe is not ready: {problem.what}", stage_of(problem.field)
        case Stage.TRAIN if not snapshot.base_here:
            return "the base model is not on this machine yet", Stage.MODEL
        case Stage.EVALUATE | Stage.EXPORT if snapshot.train != "done":
            return "nothing is trained yet", Stage.TRAIN
        case Stage.CHAT if not snapshot.base_here and snapshot.train != "done":
            return "no model is on this machine yet", Stage.MODEL
        case _:
            return None


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


def _status_of_work(snapshot: Snapshot, found: "StageStatus", stage: Stage) -> Status:
    """Status of a stage that a worker does."""
    if found in ("running", "waiting"):
        return Status.RUNNING
    if found == "done":
        return Status.STALE if snapshot.changed else Status.DONE
    if blocker(snapshot, stage):
        return Status.LOCKED
    return {"stopped": Status.STOPPED, "failed": Status.FAILED, "died": Status.FAILED}.get(found, Status.READY)
