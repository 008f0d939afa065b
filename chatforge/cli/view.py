"""The live picture of a stage: events go in one by one, a frame for 80x24 comes out. No disk, no terminal here."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

from rich.console import Group
from rich.text import Text

from chatforge.evaluation.scales import PRIMARY
from chatforge.evaluation.wording import percent_text
from chatforge.runs.course import STAGE_WORDS, Course, plan_texts
from chatforge.runs.events import Stamped
from chatforge.words import bar, bytes_text, duration_text, plain, sparkline

NOTES = 4
"""How many notes stay on the screen."""

QUIET_SECONDS = 10.0
"""Silence after which the view says how long nothing was heard."""

_REMARKS = {"note": ("", ""), "warning": ("yellow", "warning: "), "error": ("red", "error: ")}

_ENDS = {"finished": ("✓ ", "green"), "stopped": ("■ ", "yellow"), "failed": ("! ", "red")}


@dataclass
class View:
    """The picture of a run. `add` its events in order, show the view with rich.

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
    course: Course = field(default_factory=Course)

    def add(self, stamped: Stamped) -> None:
        """Take in one event."""
        self.course.add(stamped)

    def __rich__(self) -> Group:
        """The frame: at most 22 lines, each cut to the terminal's width."""
        blocks = [self._head(), self._curves(), self._scores(), self._story(), self._said(), self._foot()]
        lines: list[Text] = []
        for block in filter(None, blocks):
            lines += [*([Text("")] if lines else []), *block]
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        return Group(*lines)

    def _head(self) -> list[Text]:
        course = self.course
        sign, style = _ENDS.get(course.end, ("▶ ", "bold"))
        stage = STAGE_WORDS.get(course.stage, course.stage)
        phase = course.end or course.phase
        words = stage if phase == stage or not stage else f"{stage}: {phase}"
        head = Text.assemble((f" {'' if self.ascii_only else sign}{plain(words)}", style), f"   {self.title}")
        return [head, *self._advanced(), Text(self._clocks(), style="dim")]

    def _advanced(self) -> list[Text]:
        """The progress bar: of the phase if it counts something, else of the steps."""
        course = self.course
        if course.progress:
            done, total = course.progress.done, course.progress.total
            words = f"{done}/{total} {plain(course.progress.unit, one_line=True)}"
        elif course.step:
            done, total = course.step.step, course.step.total
            words = f"step {done}/{total}"
        else:
            return []
        share = done / max(total, 1)
        drawn = bar(share, 28, ascii_only=self.ascii_only)
        left = "" if course.end else f"   {self._left()}"
        return [Text.assemble(f"   {words}  {share:4.0%}  ", (drawn, "cyan"), left)]

    def _left(self) -> str:
        left = self.course.eta(self.now())
        return "ETA -" if left is None else f"ETA {duration_text(left)}"

    def _clocks(self) -> str:
        course = self.course
        if course.begun is None or course.heard is None:
            return "   the worker is starting; its libraries take some seconds to load"
        until = course.heard if course.end else self.now()
        parts = [f"elapsed {duration_text(until - course.begun)}"]
        if course.step and not course.progress:
            parts.insert(0, f"epoch {course.step.epoch:.2f}")
        if course.checkpoint is not None:
            parts.append(f"saved at step {course.checkpoint}")
        silent = self.now() - course.heard
        if not course.end and silent >= QUIET_SECONDS:
            parts.append(f"nothing heard for {duration_text(silent)}")
        return "   " + "   ".join(parts)

    def _curves(self) -> list[Text]:
        course = self.course
        lines = []
        if course.losses and course.step and course.stage == "train":
            lines.append(self._curve("loss", course.step.loss, [v for _, v in sorted(course.losses.items())], ""))
        if course.evals and course.stage == "train":
            last, best = course.evals[max(course.evals)], [e for e in course.evals.values() if e.best]
            note = f"best {best[-1].loss:.3f} at step {best[-1].step}" if best else ""
            curve = [found.loss for _, found in sorted(course.evals.items())]
            lines.append(self._curve("validation loss", last.loss, curve, note))
        if facts := self._facts():
            lines.append(Text(f"   {facts}"))
        return lines

    def _curve(self, name: str, value: float, values: Sequence[float], note: str) -> Text:
        drawn = sparkline(values, 30, ascii_only=self.ascii_only)
        return Text.assemble(f"   {name:<16}", (f"{value:7.3f}", "bold"), "  ", (drawn, "cyan"), f"  {note}")

    def _facts(self) -> str:
        course = self.course
        parts = []
        if course.step and not course.progress:
            parts += [
                f"{course.step.tokens_per_second:.0f} tokens/s",
                f"learning rate {course.step.learning_rate:.2e}",
            ]
        if course.memory:
            parts.append(f"memory {bytes_text(course.memory)}")
        return "   ".join(parts)

    def _scores(self) -> list[Text]:
        """What rivals scored so far, the last ones first."""
        known = list(self.course.scores.values())[::-1] if self.course.stage == "evaluate" else []
        if not known:
            return []
        lines = [Text(f"   {PRIMARY.title} so far (chance {known[0].chance:.0%}):", style="dim")]
        width = max(len(one.rival) for one in known)
        for one in known:
            drawn = bar(one.value, 28, ascii_only=self.ascii_only)
            lines.append(Text.assemble(f"   {plain(one.rival):<{width}}  ", (drawn, "cyan"), f"  {percent_text(one)}"))
        return lines

    def _story(self) -> list[Text]:
        course = self.course
        if not course.plan or course.stage != "train":
            return []
        return [Text(f"   {plain(words, one_line=True)}") for words in plan_texts(course.plan)]

    def _said(self) -> list[Text]:
        course = self.course
        if not course.sample or course.stage != "train":
            return []
        asked = wrap(plain(course.sample.prompt, one_line=True), 64)[:1]
        reply = wrap(plain(course.sample.reply, one_line=True), 64)
        shown = reply[:2] if len(reply) < 3 else [reply[0], f"{reply[1]} …"]
        rows = [("asked", line) for line in asked] + [("says", line) for line in shown or ["(nothing)"]]
        lines = [Text(f"   at step {course.sample.step}:", style="dim")]
        for i, (who, line) in enumerate(rows):
            label = who if i == 0 or rows[i - 1][0] != who else ""
            lines.append(Text.assemble((f"   {label:<6} ", "dim"), line))
        return lines

    def _foot(self) -> list[Text]:
        course = self.course
        lines = []
        for remark in list(course.remarks)[-NOTES:]:
            style, label = _REMARKS[remark.severity]
            lines.append(Text(f"   {label}{plain(remark.text, one_line=True)}", style=style))
        return lines + ([Text(f"   {self.hint}", style="dim")] if self.hint and not course.end else [])
