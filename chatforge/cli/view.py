"""The live picture of a stage: events go in one by one, a frame for 80x24 comes out. No disk, no terminal here."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

from rich.console import Group
from rich.text import Text

from chatforge.cli.console import bytes_text, duration_text, plain
from chatforge.cli.words import STAGE_WORDS, bar, plan_texts, sparkline
from chatforge.runs import events
from chatforge.runs.events import (
    Checkpoint,
    Error,
    Eval,
    Finished,
    Heartbeat,
    Note,
    Phase,
    Plan,
    Progress,
    Sample,
    Stamped,
    Started,
    Step,
    Stopped,
)

NOTES = 4
"""How many notes stay on the screen."""

QUIET_SECONDS = 10.0
"""Silence after which the view says how long nothing was heard."""

_ENDS = {"finished": ("✓ ", "green"), "stopped": ("■ ", "yellow"), "failed": ("! ", "red")}


@dataclass
class View:
    """What is known of a run, gathered from its events. `add` them in order, show the view with rich.

    Attributes:
        title: the run's id.
        hint: the last line of the frame.
        now: the present, seconds since 1970.
        ascii_only: draw with signs that every terminal has.
    """

    title: str
    hint: str = ""
    now: Callable[[], float] = time.time
    ascii_only: bool = False
    stage: str = ""
    phase: str = "starting"
    end: str = ""
    plan: Plan | None = None
    step: Step | None = None
    progress: Progress | None = None
    sample: Sample | None = None
    checkpoint: int | None = None
    memory: int = 0
    losses: dict[int, float] = field(default_factory=dict)
    evals: dict[int, Eval] = field(default_factory=dict)
    notes: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=NOTES))
    _begun: float | None = None
    _heard: float | None = None
    _step_at: float = 0.0
    _first: tuple[float, int] = (0.0, 0)

    def add(self, stamped: Stamped) -> None:
        """Take in one event. A step that is done again after a resume replaces what it was before."""
        self._heard = stamped.t
        match stamped.event:
            case Started(stage=stage):
                self._begin(stage, stamped.t)
            case Phase(name=name):
                self.phase, self.progress = name, None
            case Progress() as progress:
                self._advance(progress, stamped.t)
            case Plan() as plan:
                self.plan = plan
            case Step() as step:
                self.step, self._step_at, self.memory = step, stamped.t, step.memory_bytes
                self.losses[step.step] = step.loss
            case Eval() as found:
                self.evals[found.step] = found
            case Heartbeat(memory_bytes=memory):
                self.memory = memory
            case other:
                self._add_rest(other)

    def _add_rest(self, event: object) -> None:
        match event:
            case Sample() as sample:
                self.sample = sample
            case Checkpoint(step=step):
                self.checkpoint = step
            case Note(text=text):
                self.notes.append(("", text))
            case events.Warning(text=text):
                self.notes.append(("yellow", f"warning: {text}"))
            case Error(what=what):
                self.notes.append(("red", f"error: {what}"))
                self.end = "failed"
            case Stopped():
                self.end = "stopped"
            case Finished():
                self.end = "finished"
            case _:
                pass

    def _begin(self, stage: str, t: float) -> None:
        if stage != self.stage:
            self.step = self.checkpoint = None
        self.stage, self.phase, self.end, self.progress = stage, "starting", "", None
        self._begun = t

    def _advance(self, progress: Progress, t: float) -> None:
        if self.progress is None or progress.total != self.progress.total:
            self._first = (t, progress.done)
        self.progress, self._step_at = progress, t

    def __rich__(self) -> Group:
        """The frame: at most 22 lines, each cut to the terminal's width."""
        blocks = [self._head(), self._curves(), self._story(), self._said(), self._foot()]
        lines: list[Text] = []
        for block in filter(None, blocks):
            lines += [*([Text("")] if lines else []), *block]
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        return Group(*lines)

    def _head(self) -> list[Text]:
        sign, style = _ENDS.get(self.end, ("▶ ", "bold"))
        stage = STAGE_WORDS.get(self.stage, self.stage)
        phase = self.end or self.phase
        words = stage if phase == stage or not stage else f"{stage}: {phase}"
        head = Text.assemble((f" {'' if self.ascii_only else sign}{plain(words)}", style), f"   {self.title}")
        return [head, *self._advanced(), Text(self._clocks(), style="dim")]

    def _advanced(self) -> list[Text]:
        """The progress bar: of the phase if it counts something, else of the steps."""
        if self.progress:
            done, total = self.progress.done, self.progress.total
            words = f"{done}/{total} {plain(self.progress.unit, one_line=True)}"
        elif self.step:
            done, total = self.step.step, self.step.total
            words = f"step {done}/{total}"
        else:
            return []
        share = done / max(total, 1)
        drawn = bar(share, 28, ascii_only=self.ascii_only)
        left = "" if self.end else f"   {self._left()}"
        return [Text.assemble(f"   {words}  {share:4.0%}  ", (drawn, "cyan"), left)]

    def _left(self) -> str:
        """How long the present thing will still take, counted down between events."""
        since = max(0.0, self.now() - self._step_at)
        if self.progress is None:
            eta = self.step.eta_seconds if self.step else 0.0
            return f"ETA {duration_text(eta - since)}"
        t, done = self._first
        if self.progress.done <= done:
            return "ETA -"
        pace = (self._step_at - t) / (self.progress.done - done)
        return f"ETA {duration_text(pace * (self.progress.total - self.progress.done) - since)}"

    def _clocks(self) -> str:
        if self._begun is None or self._heard is None:
            return "   the worker is starting; its libraries take some seconds to load"
        until = self._heard if self.end else self.now()
        parts = [f"elapsed {duration_text(until - self._begun)}"]
        if self.step and not self.progress:
            parts.insert(0, f"epoch {self.step.epoch:.2f}")
        if self.checkpoint is not None:
            parts.append(f"saved at step {self.checkpoint}")
        silent = self.now() - self._heard
        if not self.end and silent >= QUIET_SECONDS:
            parts.append(f"nothing heard for {duration_text(silent)}")
        return "   " + "   ".join(parts)

    def _curves(self) -> list[Text]:
        lines = []
        if self.losses and self.step and self.stage == "train":
            lines.append(self._curve("loss", self.step.loss, [v for _, v in sorted(self.losses.items())], ""))
        if self.evals and self.stage == "train":
            last, best = self.evals[max(self.evals)], [e for e in self.evals.values() if e.best]
            note = f"best {best[-1].loss:.3f} at step {best[-1].step}" if best else ""
            curve = [found.loss for _, found in sorted(self.evals.items())]
            lines.append(self._curve("validation loss", last.loss, curve, note))
        if facts := self._facts():
            lines.append(Text(f"   {facts}"))
        return lines

    def _curve(self, name: str, value: float, values: Sequence[float], note: str) -> Text:
        drawn = sparkline(values, 30, ascii_only=self.ascii_only)
        return Text.assemble(f"   {name:<16}", (f"{value:7.3f}", "bold"), "  ", (drawn, "cyan"), f"  {note}")

    def _facts(self) -> str:
        parts = []
        if self.step and not self.progress:
            parts += [f"{self.step.tokens_per_second:.0f} tokens/s", f"learning rate {self.step.learning_rate:.2e}"]
        if self.memory:
            parts.append(f"memory {bytes_text(self.memory)}")
        return "   ".join(parts)

    def _story(self) -> list[Text]:
        if not self.plan or self.stage != "train":
            return []
        return [Text(f"   {plain(words, one_line=True)}") for words in plan_texts(self.plan)]

    def _said(self) -> list[Text]:
        if not self.sample or self.stage != "train":
            return []
        asked = wrap(plain(self.sample.prompt, one_line=True), 64)[:1]
        reply = wrap(plain(self.sample.reply, one_line=True), 64)
        shown = reply[:2] if len(reply) < 3 else [reply[0], f"{reply[1]} …"]
        rows = [("asked", line) for line in asked] + [("says", line) for line in shown or ["(nothing)"]]
        lines = [Text(f"   at step {self.sample.step}:", style="dim")]
        for i, (who, line) in enumerate(rows):
            label = who if i == 0 or rows[i - 1][0] != who else ""
            lines.append(Text.assemble((f"   {label:<6} ", "dim"), line))
        return lines

    def _foot(self) -> list[Text]:
        lines = [Text(f"   {plain(text, one_line=True)}", style=style) for style, text in self.notes]
        return lines + ([Text(f"   {self.hint}", style="dim")] if self.hint and not self.end else [])
