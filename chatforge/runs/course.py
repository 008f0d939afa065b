"""The course of a run, gathered from its events: how far it is, what it costs, what it said. No disk, no screen.

    events ──add──► Course ──► any screen

Steps that are done again after a resume replace what they were before, so replaying a whole file or following it
live comes to the same.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from chatforge.runs import events
from chatforge.runs.events import (
    Checkpoint,
    Error,
    Eval,
    Finished,
    Heartbeat,
    Note,
    Phase,
    Phases,
    Plan,
    Progress,
    Sample,
    Scored,
    Stamped,
    Started,
    Step,
    Stopped,
)
from chatforge.words import bytes_text, count_text, duration_text

STAGE_WORDS: Mapping[str, str] = {"train": "training", "evaluate": "evaluation"}

NOTES = 200
"""How many notes are kept: the newest."""

TOLD = (Started, Plan, Eval, Checkpoint, Note, events.Warning, Error, Stopped, Finished)
"""Events that make the story of a run: what one wants to find again later."""

Severity = Literal["note", "warning", "error"]


@dataclass(frozen=True)
class Remark:
    """A note, a warning or an error, when it came (seconds since 1970), and what to do about it."""

    t: float
    severity: Severity
    text: str
    hint: str | None = None


@dataclass
class Course:
    """What is known of a run. `add` its events in order.

    Attributes:
        stage: which one the worker is at; "" before it has begun.
        phase: what it does now. ahead: phases that were told beforehand, in order; () if none were.
        end: "", "finished", "stopped" or "failed".
        losses: training loss by step. evals: validation loss by step. samples: replies, in order.
        scores: what rivals scored so far, by name, in order.
        memory, peak: bytes, now and at most.
        begun, heard: times of the stage's start and of the last sign of life, seconds since 1970.
        step_at: time of the last step or progress.
        step_seconds: how long a step takes; 0 before the first one.
        story: the newest events that are worth telling, with their times.
    """

    stage: str = ""
    phase: str = "starting"
    ahead: tuple[str, ...] = ()
    end: str = ""
    plan: Plan | None = None
    step: Step | None = None
    progress: Progress | None = None
    sample: Sample | None = None
    checkpoint: int | None = None
    memory: int = 0
    peak: int = 0
    losses: dict[int, float] = field(default_factory=dict)
    evals: dict[int, Eval] = field(default_factory=dict)
    samples: dict[tuple[int, str], Sample] = field(default_factory=dict)
    scores: dict[str, Scored] = field(default_factory=dict)
    phases: list[tuple[str, float]] = field(default_factory=list)
    remarks: deque[Remark] = field(default_factory=lambda: deque(maxlen=NOTES))
    finished: Finished | None = None
    begun: float | None = None
    heard: float | None = None
    step_at: float = 0.0
    step_seconds: float = 0.0
    story: deque[Stamped] = field(default_factory=lambda: deque(maxlen=NOTES))
    _first: tuple[float, int] = (0.0, 0)

    def add(self, stamped: Stamped) -> None:
        """Take in one event."""
        self.heard = stamped.t
        if isinstance(stamped.event, TOLD):
            self.story.append(stamped)
        match stamped.event:
            case Started(stage=stage):
                self._begin(stage, stamped.t)
            case Phase(name=name):
                self.phase, self.progress = name, None
                self.phases.append((name, stamped.t))
            case Phases(names=names):
                self.ahead = names
            case Progress() as progress:
                self._advance(progress, stamped.t)
            case Plan() as plan:
                self.plan = plan
            case Step() as step:
                self._take(step, stamped.t)
            case Eval() as found:
                self.evals[found.step] = found
            case Heartbeat(memory_bytes=memory):
                self._weigh(memory)
            case other:
                self._add_rest(other, stamped.t)

    @property
    def best(self) -> Eval | None:
        """The lowest validation loss so far."""
        found = [one for one in self.evals.values() if one.best]
        return found[-1] if found else None

    def eta(self, now: float) -> float | None:
        """Seconds that the present thing will still take, counted down between events; None if nobody knows."""
        since = max(0.0, now - self.step_at)
        if self.progress is None:
            return max(0.0, self.step.eta_seconds - since) if self.step else None
        t, done = self._first
        if self.progress.done <= done:
            return None
        pace = (self.step_at - t) / (self.progress.done - done)
        return max(0.0, pace * (self.progress.total - self.progress.done) - since)

    def _add_rest(self, event: object, t: float) -> None:
        match event:
            case Sample() as sample:
                self.sample = sample
                self.samples[sample.step, sample.prompt] = sample
            case Scored(rival=rival) as scored:
                self.scores[rival] = scored
            case Checkpoint(step=step):
                self.checkpoint = step
            case Note(text=text):
                self.remarks.append(Remark(t, "note", text))
            case events.Warning(text=text):
                self.remarks.append(Remark(t, "warning", text))
            case Error(what=what, hint=hint):
                self.remarks.append(Remark(t, "error", what, hint))
                self.end = "failed"
            case Stopped():
                self.end = "stopped"
            case Finished() as finished:
                self.end, self.finished = "finished", finished
            case _:
                pass

    def _begin(self, stage: str, t: float) -> None:
        if stage != self.stage:
            self.step = self.checkpoint = None
        self.stage, self.phase, self.end, self.progress, self.finished = stage, "starting", "", None, None
        self.begun, self.phases, self.ahead, self.scores = t, [], (), {}

    def _take(self, step: Step, t: float) -> None:
        self.step, self.step_at = step, t
        self.losses[step.step] = step.loss
        if step.total > step.step:
            self.step_seconds = step.eta_seconds / (step.total - step.step)
        self._weigh(step.memory_bytes)

    def _advance(self, progress: Progress, t: float) -> None:
        if self.progress is None or progress.total != self.progress.total:
            self._first = (t, progress.done)
        self.progress, self.step_at = progress, t

    def _weigh(self, memory: int) -> None:
        self.memory, self.peak = memory, max(self.peak, memory)


def over_text(plan: Plan) -> str:
    """How many steps training takes, and over what."""
    canaries = f" + {plan.canaries} canar{'y' if plan.canaries == 1 else 'ies'}" if plan.canaries else ""
    on_texts, rest = f"{plan.text_steps} steps on texts, ", str(plan.steps - plan.text_steps)
    steps = on_texts + rest if plan.text_steps else f"{rest} steps"
    return f"{steps} over {plan.conversations} conversations{canaries}"


def plan_texts(plan: Plan) -> tuple[str, str, str]:
    """What training will do, what it will change, and what it will need; each fits a line of 80 signs."""
    left_out = [f"{count} {word}" for count, word in ((plan.cut, "cut"), (plan.dropped, "dropped")) if count]
    epochs = ", ".join([f"{plan.epochs:g} epochs", *left_out])
    threads = f", {plan.threads} threads" if plan.device == "cpu" else ""
    return (
        f"{over_text(plan)} ({epochs})",
        f"{plan.learned_share:.0%} of the tokens learned, "
        f"{count_text(plan.trainable)} of {count_text(plan.parameters)} weights trained",
        f"about {duration_text(plan.predicted_seconds)} and {bytes_text(plan.predicted_bytes)} of memory "
        f"on {plan.device}{threads}, {plan.dtype} ({plan.dtype_reason})",
    )
