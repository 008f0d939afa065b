"""The stage Evaluate: start the judging, watch it, read the verdict and the conversations behind it.

new, stopped, failed, died, running ──► words       done ──► result ◄──w──► conversations
"""

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from chatforge.errors import UserError
from chatforge.evaluation import report as reports
from chatforge.evaluation.report import Report
from chatforge.evaluation.scales import PRIMARY, SCALES, Scale
from chatforge.project import new_run
from chatforge.project.fetching import locate_all
from chatforge.project.looking import touched
from chatforge.project.stages import Snapshot, Stage
from chatforge.runs import launch
from chatforge.runs.course import Course
from chatforge.runs.events import Stamped
from chatforge.runs.folder import RunFolder
from chatforge.tui import evaluate_words
from chatforge.tui.evaluate_words import Standing
from chatforge.tui.modals.question import Answer, Question
from chatforge.tui.stage import Main, StagePane
from chatforge.tui.widgets.cases import Cases
from chatforge.tui.widgets.result import Result
from chatforge.tui.widgets.told import Told

TICK_SECONDS = 1.0
"""Between two looks at the clock while an evaluation runs."""

BUSY = ("running", "waiting")

_FIRST = {"words": "#evaluate-words", "result": "#evaluate-result", "cases": "#cases-list"}
"""What has the focus in each view."""


class EvaluatePane(StagePane):
    """Evaluate."""

    STAGE: ClassVar[Stage] = Stage.EVALUATE
    HELP = """\
**Evaluate** shows whether training helped. The adapted model and everything you could have without training answer the
same held-out conversations; the verdict follows by rule from the difference to the best of them.

`^n` evaluates, or goes on to Chat · `m` another measure · `w` conversation by conversation · `s` stops
"""
    DEFAULT_CSS = """
    EvaluatePane { height: 1fr; }
    EvaluatePane #evaluate-words { padding: 0 2; }
    EvaluatePane #evaluate-said { height: auto; }
    EvaluatePane ContentSwitcher { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "measure", "Measure", id="evaluate.measure", tooltip="The next measure"),
        Binding("w", "cases", "Conversations", id="evaluate.cases", tooltip="Result, or conversation by conversation"),
        Binding("o", "order", "Order", id="evaluate.order", tooltip="Sort the conversations in another way"),
        Binding("e", "again", "Again", id="evaluate.again", tooltip="Evaluate once more"),
        Binding("s", "stop", "Stop", id="evaluate.stop", tooltip="Stop the evaluation"),
    ]

    class Found(Message):
        """The run's files were read: its report, or why it cannot be read; the end of its log."""

        def __init__(self, run: RunFolder, stamp: object, report: Report | None, why: str, tail: Sequence[str]) -> None:
            super().__init__()
            self.run, self.stamp, self.report, self.why, self.tail = run, stamp, report, why, tail

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._report: Report | None = None
        self._stamp: object = None
        self._run: RunFolder | None = None
        self._why = ""
        self._tail: Sequence[str] = ()
        self._measure: Scale = PRIMARY
        self._reading_cases = False
        self._starting = self._stopping = False
        self._trouble = ""

    def compose(self) -> ComposeResult:
        """Three views, one at a time."""
        with ContentSwitcher(initial="evaluate-words"):
            with VerticalScroll(id="evaluate-words"):
                yield Told(id="evaluate-said")
            yield Result(id="evaluate-result")
            yield Cases(id="evaluate-cases")

    def on_mount(self) -> None:
        """Show what is known, and keep the clock going."""
        super().on_mount()
        self.set_interval(TICK_SECONDS, self._tick)

    # What is shown

    def show(self, snapshot: Snapshot) -> None:
        """Show how the evaluation stands; what lies in files is read beside the screen."""
        run = snapshot.run
        if run != self._run:
            self._run, self._report, self._stamp, self._why, self._tail = run, None, None, "", ()
            self._measure = PRIMARY
        self._stopping = self._stopping and snapshot.evaluate in BUSY
        stamp = (run, snapshot.evaluate, run and touched(run.evaluation / reports.FILE))
        if run and snapshot.evaluate in ("done", "failed", "died") and stamp != self._stamp:
            self._read(run, stamp)
        self._draw()

    def happened(self, work: str, course: Course, new: Sequence[Stamped]) -> None:
        """Show how far the evaluation is."""
        if work == "evaluate":
            self._draw()

    @work(thread=True, exclusive=True, group="report", exit_on_error=False)
    def _read(self, run: RunFolder, stamp: object) -> None:
        report, why = None, ""
        try:
            report = reports.read(run.evaluation / reports.FILE)
        except (UserError, OSError) as error:
            why = str(error)
        self.post_message(self.Found(run, stamp, report, why, launch.read_tail(run.log("evaluate"))))

    @on(Found)
    def _take(self, event: Found) -> None:
        event.stop()
        if event.run == self.snapshot.run:
            self._stamp, self._report, self._why, self._tail = event.stamp, event.report, event.why, event.tail
            self._draw()

    def _draw(self) -> None:
        if not self.is_mounted or not self.query("#evaluate-said"):
            return
        view = self._view()
        if view == "words":
            self._draw_words()
        elif self._report and view == "result":
            short = "-short" in self.screen.classes
            self.query_one(Result).show(self._report, self._measure, self.forge.signs, short=short)
        elif self._report:
            self.query_one(Cases).show(self._report, self.forge.signs, narrow="-narrow" in self.screen.classes)
        switcher = self.query_one(ContentSwitcher)
        if switcher.current != f"evaluate-{view}":
            inside = self.in_focus(self)
            switcher.current = f"evaluate-{view}"
            if inside:
                self.query_one(_FIRST[view], Widget).focus()
        self.refresh_bindings()

    def _view(self) -> str:
        """Which of the three views is due."""
        if self._status != "done" or self._report is None:
            return "words"
        return "cases" if self._reading_cases else "result"

    def _draw_words(self) -> None:
        said = self.query_one("#evaluate-said", Static)
        if self._status == "done" and self._why:
            said.update(evaluate_words.unreadable(self._why))
            return
        course, width = self.courses.get("evaluate"), said.content_size.width or 76
        standing = Standing(self._status, course, self._tail, time.time(), width)
        said.update(evaluate_words.words(standing, self.forge.signs, self._trouble))

    @property
    def _status(self) -> str:
        """How the evaluation stands; what has just been started counts as running, and is stopped in its time."""
        found = self.snapshot.evaluate
        if self._stopping and found in BUSY:
            return "stopping"
        return "running" if self._starting and found not in BUSY else found

    def _tick(self) -> None:
        if self._status in (*BUSY, "stopping") and self.display:
            self._draw_words()

    @on(events.Resize)
    def _resize(self) -> None:
        self._draw()

    # What can be done

    def main(self) -> Main:
        """Evaluate, or go on to the chat."""
        if self._status in (*BUSY, "stopping", "done"):
            return super().main()
        return Main("Evaluate")

    async def act(self) -> None:
        """Do it."""
        if self.main().leads_on:
            await super().act()
        elif not self.leave_blocked(Stage.EVALUATE) and self.snapshot.run:
            self._start(self.snapshot.run)

    def command(self) -> str:
        """How the shell shows or makes the report."""
        run = self.snapshot.run
        if run is None:
            return super().command()
        return run.command("report" if self._status == "done" else "evaluate")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are offered where they do something."""
        view, possible = self._view(), {
            "measure": "result", "cases": "result cases", "order": "cases", "again": "result",
        }  # fmt: skip
        if action == "stop":
            return self._status in BUSY
        return view in possible[action].split() if action in possible else True

    def action_measure(self) -> None:
        """Show the next measure."""
        if self._report:
            there = [scale for scale in SCALES if scale.key in self._report.against[0].scores]
            self._measure = there[(there.index(self._measure) + 1) % len(there)]
        self._draw()
        self.query_one(Result).bring_bars()

    def action_cases(self) -> None:
        """Go between the result and the conversations."""
        self._reading_cases = not self._reading_cases
        self._draw()

    def action_order(self) -> None:
        """Sort the conversations in another way."""
        self.query_one(Cases).turn()

    def escape(self) -> bool:
        """Leave the conversations."""
        if self._view() != "cases":
            return False
        self.action_cases()
        return True

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_again(self) -> None:
        """Ask, then evaluate once more."""
        run = self.snapshot.run
        text = "The report is replaced when the new one is complete. With the same data and weights it says the same."
        answers = [Answer("keep", "k", "Keep this report"), Answer("again", "e", "Evaluate again")]
        if run is None or self.leave_blocked(Stage.EVALUATE):
            return
        if await self.app.push_screen_wait(Question("Evaluate again?", text, answers)) == "again":
            self._start(run)

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_stop(self) -> None:
        """Ask, then stop the evaluation."""
        run = self.snapshot.run
        text = "Nothing of an evaluation is kept before it is complete: the next one starts afresh."
        answers = [Answer("keep", "k", "Keep evaluating"), Answer("stop", "s", "Stop", "warning")]
        if run and await self.app.push_screen_wait(Question("Stop the evaluation?", text, answers)) == "stop":
            self._stopping = self._status in BUSY
            self._draw()
            self._end(run)

    @work(thread=True, exclusive=True, group="launch", exit_on_error=False)
    def _start(self, run: RunFolder) -> None:
        """Start the worker, once everything it needs is known to be here."""
        trouble = ""
        self.app.call_from_thread(self._set_starting, True)
        try:
            self._check_weights(run)
            launch.start(run, "evaluate")
        except (UserError, OSError) as error:
            trouble = str(error)
        self.app.call_from_thread(self._set_starting, False, trouble)
        self.post_message(self.Look())

    def _check_weights(self, run: RunFolder) -> None:
        names = new_run.models(new_run.recipe_of(run), evaluating=True)
        missing = [source.name for source in locate_all(names, self.home) if source.path is None]
        if missing:
            hint = f"`chatforge models fetch {missing[0]}` brings it"
            raise UserError(f"{missing[0]} is not on this machine", hint=hint)

    @work(thread=True, exclusive=True, group="launch", exit_on_error=False)
    def _end(self, run: RunFolder) -> None:
        """End the worker at once: what is not complete is not kept, so there is nothing to save."""
        try:
            launch.stop(run, save=False)
        except (UserError, OSError) as error:
            self._stopping = False
            self.app.call_from_thread(self.forge.tell, str(error), "error")
        self.post_message(self.Look())

    def _set_starting(self, starting: bool, trouble: str = "") -> None:
        self._starting, self._trouble = starting, trouble
        if trouble and self._view() != "words":
            self.forge.tell(trouble, "error")
        self._draw()
        self.forge.draw()


PANE = EvaluatePane
