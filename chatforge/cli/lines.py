"""Events as plain lines, for pipes, files and dumb terminals."""

import time
from dataclasses import dataclass, field

from chatforge.evaluation.scales import PRIMARY
from chatforge.evaluation.wording import percent_text
from chatforge.runs import events
from chatforge.runs.course import STAGE_WORDS, plan_texts
from chatforge.runs.events import (
    Checkpoint,
    Error,
    Eval,
    Event,
    Finished,
    Note,
    Phase,
    Plan,
    Progress,
    Sample,
    Scored,
    Stamped,
    Started,
    Step,
    Stopped,
)
from chatforge.words import bytes_text, duration_text, plain

STEP_LINES = 20
"""About how many lines the steps of a stage take; likewise each phase that counts something takes half of it."""


@dataclass
class Lines:
    """Turns events into lines; what comes too often is thinned out, by how far it is, never by the clock."""

    _stage: str = "stage"
    _phase: str = ""
    _last: dict[str, int] = field(default_factory=dict)

    def add(self, stamped: Stamped) -> list[str]:
        """Return the lines to print for one event, often none. Each begins with the time of day."""
        words = self._words(stamped.event)
        clock = time.strftime("%H:%M:%S", time.localtime(stamped.t))
        return [f"{clock} {plain(word, one_line=True)}" for word in words]

    def _words(self, event: Event) -> list[str]:
        match event:
            case Started(stage=stage, pid=pid):
                self._stage = STAGE_WORDS.get(stage, stage)
                self._phase = ""
                self._last.clear()
                return [f"{self._stage} started (process {pid})"]
            case Phase(name=name):
                same, self._phase = name == self._phase, name
                self._last.pop("progress", None)
                return [] if same else [f"phase: {name}"]
            case Progress(done=done, total=total, unit=unit):
                return [f"{done}/{total} {unit}"] if self._due("progress", done, total, STEP_LINES // 2) else []
            case Plan():
                return [f"plan: {text}" for text in plan_texts(event)]
            case Step():
                return [_step(event)] if self._due("step", event.step, event.total, STEP_LINES) else []
            case Eval(step=step, loss=loss, best=best):
                return [f"step {step}: validation loss {loss:.4f}{' (best so far)' if best else ''}"]
            case _:
                return self._rest(event)

    def _rest(self, event: Event) -> list[str]:
        match event:
            case Sample(step=step, prompt=prompt, reply=reply):
                return [f"step {step}: asked: {prompt}", f"step {step}: says: {reply.strip() or '(nothing)'}"]
            case Scored(rival=rival, chance=chance):
                return [f"scored: {rival} {percent_text(event)} {PRIMARY.title} (chance {chance:.0%})"]
            case Checkpoint(step=step):
                return [f"step {step}: checkpoint saved"]
            case Note(text=text):
                return [f"note: {text}"]
            case events.Warning(text=text):
                return [f"warning: {text}"]
            case Error(what=what):
                return [f"error: {what}"]
            case Stopped(step=step):
                return [f"{self._stage} stopped at step {step}"]
            case Finished(seconds=seconds):
                return [f"{self._stage} finished in {duration_text(seconds)}"]
            case _:
                return []

    def _due(self, what: str, done: int, total: int, lines: int) -> bool:
        """Whether `done` has come into another of the `lines` equal parts, or is the first or the last."""
        part = done * lines // max(total, 1)
        due = done == total or part != self._last.get(what)
        self._last[what] = part
        return due


def _step(step: Step) -> str:
    return (
        f"step {step.step}/{step.total} ({step.step / max(step.total, 1):.0%}): loss {step.loss:.4f}, "
        f"learning rate {step.learning_rate:.2e}, {step.tokens_per_second:.0f} tokens/s, "
        f"{bytes_text(step.memory_bytes)}, ETA {duration_text(step.eta_seconds)}"
    )
