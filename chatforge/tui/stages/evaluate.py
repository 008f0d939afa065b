"""The stage Evaluate: start the judging, watch it, read the verdict and the conversations behind it.

new, stopped, failed, died, running ──► words       done ──► result ◄──w──► conversations
"""

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from chatforge.evaluation import report as reports
from chatforge.evaluation.scales import PRIMARY, Scale
from chatforge.project.looking import touched
from chatforge.project.stages import Snapshot, Stage
from chatforge.runs.course import Course
from chatforge.runs.events import Stamped
from chatforge.runs.folder import RunFolder
from chatforge.tui import evaluate_keys, evaluate_words, evaluate_work, probe_texts
from chatforge.tui.evaluate_keys import BUSY
from chatforge.tui.evaluate_page import offer
from chatforge.tui.evaluate_words import Standing
from chatforge.tui.evaluate_work import Ended
from chatforge.tui.modals.log import Lines
from chatforge.tui.stage import Main, StagePane
from chatforge.tui.widgets.cases import Cases
from chatforge.tui.widgets.result import Result
from chatforge.tui.widgets.told import Told

TICK_SECONDS = 1.0
"""Between two looks at the clock while an evaluation runs."""

_FIRST = {"words": "#evaluate-words", "result": "#evaluate-result", "cases": "#cases-list"}
"""What has the focus in each view."""


class EvaluatePane(StagePane):
    """Evaluate."""

    STAGE: ClassVar[Stage] = Stage.EVALUATE
    HELP: ClassVar[str | None] = evaluate_keys.HELP
    DEFAULT_CSS = """
    EvaluatePane { height: 1fr; }
    EvaluatePane #evaluate-words { padding: 0 2; }
    EvaluatePane #evaluate-said { height: auto; }
    EvaluatePane ContentSwitcher { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*evaluate_keys.KEYS]

    class Found(Message):
        """The run's files were read."""

        def __init__(self, run: RunFolder, stamp: object, ended: Ended) -> None:
            super().__init__()
            self.run, self.stamp, self.ended = run, stamp, ended

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._ended = Ended(None, "", ())
        self._stamp: object = None
        self._run: RunFolder | None = None
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
            self._run, self._ended, self._stamp, self._measure = run, Ended(None, "", ()), None, PRIMARY
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
        self.post_message(self.Found(run, stamp, evaluate_work.read(run)))

    @on(Found)
    def _take(self, event: Found) -> None:
        event.stop()
        if event.run == self.snapshot.run:
            self._stamp, self._ended = event.stamp, event.ended
            if event.ended.report and self._measure.key not in event.ended.report.against[0].scores:
                self._measure = PRIMARY
            self._draw()

    def _draw(self) -> None:
        if not self.is_mounted or not self.query("#evaluate-said"):
            return
        view, report = self._view(), self._ended.report
        if view == "words":
            self._draw_words()
        elif report and view == "result":
            short = "-short" in self.screen.classes
            self.query_one(Result).show(report, self._measure, self.forge.signs, short=short)
        elif report:
            self.query_one(Cases).show(report, self.forge.signs, narrow="-narrow" in self.screen.classes)
        switcher = self.query_one(ContentSwitcher)
        if switcher.current != f"evaluate-{view}":
            inside = self.in_focus(self)
            switcher.current = f"evaluate-{view}"
            if inside:
                self.query_one(_FIRST[view], Widget).focus()
        self.refresh_bindings()

    def _view(self) -> str:
        """Which of the three views is due."""
        if self._status != "done" or self._ended.report is None:
            return "words"
        return "cases" if self._reading_cases else "result"

    def _draw_words(self) -> None:
        said = self.query_one("#evaluate-said", Told)
        if self._status == "done" and self._ended.why:
            said.say(evaluate_words.unreadable(self._ended.why))
            return
        course, width = self.courses.get("evaluate"), said.content_size.width or 76
        height, recipe = self.query_one("#evaluate-words").size.height, self.snapshot.recipe
        asked = recipe.evaluation.rivals if recipe else None
        standing = Standing(self._status, course, self._ended.tail, time.time(), width, height, asked)
        said.say(evaluate_words.words(standing, self.forge.signs, self._trouble))

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
        rivals = self.query_one(Cases).choices if self._view() == "cases" else 0
        return evaluate_keys.may(action, self._view(), self._status, self._ended.report, rivals)

    def escape(self) -> bool:
        """Leave the conversations."""
        if self._view() != "cases":
            return False
        self.action_cases()
        return True

    def action_measure(self) -> None:
        """Show the next measure."""
        if self._ended.report:
            self._measure = evaluate_keys.next_measure(self._ended.report, self._measure)
        self._draw()
        self.query_one(Result).bring_bars()

    def action_part(self, by: int) -> None:
        """Go to another part of the report."""
        self.query_one(Result).turn(by)

    def action_cases(self) -> None:
        """Go between the result and the conversations."""
        self._reading_cases = not self._reading_cases
        self._draw()

    def action_order(self) -> None:
        """Sort the conversations in another way."""
        self.query_one(Cases).turn()

    def action_rival(self) -> None:
        """Put another rival beside the adapted model."""
        self.query_one(Cases).next_rival()

    def action_marks(self) -> None:
        """Mark what differs from the true reply in another way."""
        self.query_one(Cases).next_marks()

    def action_probes(self) -> None:
        """Show what was said to the probes."""
        if (report := self._ended.report) and (found := report.probes):
            said = list(probe_texts.lines(found, self.forge.signs))
            self.app.push_screen(Lines("Safety and forgetting: what was asked and answered", lambda: said, once=True))

    def action_blind(self) -> None:
        """Let a person judge."""
        from chatforge.tui.blind import BlindScreen  # not at the top: few come here, and none waits for it

        if self._run and (report := self._ended.report):
            self.app.push_screen(BlindScreen(self._run, report, self.forge.signs))

    @work(exclusive=True, group="page", exit_on_error=False)
    async def action_page(self) -> None:
        """Write the report as a page and open it."""
        if self._run and (report := self._ended.report):
            await offer(self.forge, self._run, report)

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_again(self) -> None:
        """Ask, then evaluate once more."""
        run = self.snapshot.run
        if run is None or self.leave_blocked(Stage.EVALUATE):
            return
        if await self.app.push_screen_wait(evaluate_keys.ask_again()) == "again":
            self._start(run)

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_stop(self) -> None:
        """Ask, then stop the evaluation."""
        run = self.snapshot.run
        if run and await self.app.push_screen_wait(evaluate_keys.ask_to_stop()) == "stop":
            self._stopping = self._status in BUSY
            self._draw()
            self._end(run)

    @work(thread=True, exclusive=True, group="launch", exit_on_error=False)
    def _start(self, run: RunFolder) -> None:
        self.app.call_from_thread(self._set_starting, True)
        self.app.call_from_thread(self._set_starting, False, evaluate_work.begin(run, self.home))
        self.post_message(self.Look())

    @work(thread=True, exclusive=True, group="launch", exit_on_error=False)
    def _end(self, run: RunFolder) -> None:
        if trouble := evaluate_work.stop(run):
            self._stopping = False
            self.app.call_from_thread(self.forge.tell, trouble, "error")
        self.post_message(self.Look())

    def _set_starting(self, starting: bool, trouble: str = "") -> None:
        self._starting, self._trouble = starting, trouble
        if trouble and self._view() != "words":
            self.forge.tell(trouble, "error")
        self._draw()
        self.forge.draw()


PANE = EvaluatePane
