"""What can be done with a training as it stands: keys, main action, shell command. Pure."""

from dataclasses import dataclass
from pathlib import Path

from textual.binding import Binding

from chatforge.project.stages import ORDER, Snapshot, Stage, blocker
from chatforge.runs.course import Course
from chatforge.runs.folder import RunFolder, command_of
from chatforge.tui import train_words
from chatforge.tui.modals.question import Answer, Question
from chatforge.tui.train_words import BROKEN, LIVE, Standing

HELP = """\
## Train

The training runs in a process of its own. Leaving ChatForge (`d`) does not stop it; `chatforge attach` or this
screen shows it again, from its first step on.

- `s` asks whether to stop: with a checkpoint, or at once.
- `r` goes on from the last checkpoint, to the same weights as without the break.
- `l` shows what the trainer wrote (its newest 2000 lines), `w` its warnings.
- When it is done, the evaluation on the held-out conversations begins by itself.
"""

BINDINGS = (
    Binding("s", "stop", "Stop", id="train.stop", tooltip="Stop the training, with or without saving"),
    Binding("r", "resume", "Resume", id="train.resume", tooltip="Go on from the last checkpoint"),
    Binding("n", "again", "New", id="train.new", tooltip="Train anew; this run stays as it is"),
    Binding("d", "detach", "Detach", id="train.detach", tooltip="Leave ChatForge; the training goes on"),
    Binding("l", "log", "Log", id="train.log", tooltip="What the trainer wrote"),
    Binding("w", "warnings", "Warnings", id="train.warnings", tooltip="What may spoil the result"),
)


@dataclass(frozen=True)
class Doing:
    """What this screen has been asked for and the project does not show yet.

    Attributes:
        what: "begin", "resume" or "stop". run: the project's run before. begun: whether a worker was told.
    """

    what: str
    run: RunFolder | None
    begun: bool = False

    def is_over(self, snapshot: Snapshot) -> bool:
        """Whether the project shows it now; until then nothing is offered twice."""
        if self.what == "stop":
            return snapshot.train not in ("running", "waiting")
        return self.begun and (self.what == "resume" or snapshot.run != self.run)


def standing_of(snapshot: Snapshot, doing: str | None) -> Standing:
    """How a training stands; `doing`: what this screen has just been asked for, "begin", "resume" or "stop"."""
    if doing in ("begin", "resume"):
        return "starting"
    if snapshot.run is None:
        return "new"
    if doing == "stop" and snapshot.train in ("running", "waiting"):
        return "stopping"
    return snapshot.train


def wants_new_run(snapshot: Snapshot, standing: Standing) -> bool:
    """Whether the recipe is another one than the run that has ended was made from."""
    return standing in (*BROKEN, "done") and bool(snapshot.changed)


def key_to_evaluation(snapshot: Snapshot, standing: Standing) -> str:
    """The key that leads to the evaluation: ctrl+n, unless that begins a new run."""
    number = ORDER.index(Stage.EVALUATE) + 1
    return str(number) if wants_new_run(snapshot, standing) else "ctrl+n"


def label(snapshot: Snapshot, standing: Standing) -> str | None:
    """What the main action is called; "" where there is none, None where it leads on to the next stage."""
    if standing in ("starting", *LIVE):
        return ""
    if standing == "new":
        found = blocker(snapshot, Stage.TRAIN)
        return f"First: {found[1].title()}" if found else "Start training"
    if wants_new_run(snapshot, standing):
        return "Train the changed recipe"
    return None if standing == "done" else "Resume"


def command(snapshot: Snapshot, standing: Standing, runs_dir: Path) -> str:
    """The shell command that does what can be done."""
    run = snapshot.run
    if run is None or standing in ("new", "starting") or wants_new_run(snapshot, standing):
        return command_of("run", snapshot.recipe_path, runs_dir)
    if standing in LIVE:
        return run.command("attach")
    return run.command("resume" if standing in BROKEN else "evaluate")


def may(action: str, standing: Standing, course: Course) -> bool:
    """Whether an action can be done now."""
    match action:
        case "stop" | "detach":
            return standing in LIVE
        case "resume":
            return standing in BROKEN
        case "again":
            return standing in (*BROKEN, "done")
        case "log":
            return standing not in ("new", "starting")
        case "warnings":
            return train_words.warnings(course) > 0
        case _:
            return True


def ask_to_stop(course: Course) -> Question:
    """Whether to stop, and how; answers "keep", "save" or "now"."""
    saved = course.checkpoint
    last = f"its last checkpoint, at step {saved}, remains" if saved is not None else "there is no checkpoint yet"
    text = f"Saving takes some seconds; the run can then go on from there. Without saving, {last}."
    answers = [
        Answer("keep", "k", "Keep training"),
        Answer("save", "s", "Stop and save"),
        Answer("now", "w", "Stop without saving", "error"),
    ]
    return Question("Stop the training?", text, answers)


def ask_again(snapshot: Snapshot) -> Question:
    """Whether to train anew; answers "no" or "yes"."""
    same = "" if snapshot.changed else " The recipe is the same: so will the result be."
    text = f"A new run is made from the recipe as it is now; the one you see stays as it is.{same}"
    return Question("Train anew?", text, [Answer("no", "n", "No"), Answer("yes", "y", "Yes, train anew")])
