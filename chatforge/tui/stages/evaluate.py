"""The stage Evaluate: start the judging, watch it, read the verdict and the conversations behind it.

new, stopped, failed, died, running ──► words       done ──► result ◄──w──► conversations
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, Literal

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from chatforge.evaluation import report as reports
from chatforge.evaluation.scales import PRIMARY
from chatforge.project.looking import touched
from chatforge.project.stages import Snapshot, Stage
from chatforge.runs.course import Course
from chatforge.runs.events import Stamped
from chatforge.runs.folder import RunFolder
from chatforge.tui import evaluate_keys, evaluate_words, evaluate_work, probe_texts
from chatforge.tui.evaluate_page import offer
from chatforge.tui.evaluate_words import Standing
from chatforge.tui.evaluate_work import BUSY, Did, Doing, Ended, Found
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

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._forget(None)

    def _forget(self, run: RunFolder | None) -> None:
        """Begin with nothing known of a run."""
        self._run, self._stamp, self._ended = run, object(), Ended()
        self._reading_cases, self._measure = False, PRIMARY
        self._doing, self._trouble = Doing(), ""

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
            self._forget(run)
        self._doing.look(snapshot.evaluate)
        stamp = (run, snapshot.evaluate, run and touched(run.evaluation / reports.FILE))
        if run and snapshot.evaluate not in BUSY and stamp != self._stamp:
            self._stamp, self._ended = stamp, Ended()
            self._read(run, stamp)
        self._draw()

    def happened(self, work: str, course: Course, new: Sequence[Stamped]) -> None:
        """Show how far the evaluation is."""
        if work == "evaluate":
            self._draw()

    @work(thread=True, exclusive=True, group="report", exit_on_error=False)
    def _read(self, run: RunFolder, stamp: object) -> None:
        self.answer(Found(stamp, evaluate_work.read(run)))

    @on(Found)
    def _take(self, event: Found) -> None:
        event.stop()
        if event.stamp == self._stamp:
            self._ended = event.ended
            if event.ended.report and self._measure.key not in event.ended.report.against[0].scores:
                self._measure = PRIMARY
            self._draw()
            self.forge.draw()

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
        course, width = self.courses.get("evaluate"), said.content_size.width or 76
        height, recipe, found = self.query_one("#evaluate-words").size.height, self.snapshot.recipe, self._ended
        asked = recipe.evaluation.rivals if recipe and self._run is None else found.asked
        known = Standing(self._status, course, found.tail, time.time(), width, height, asked, found.guests, found.why)
        said.say(evaluate_words.words(known, self.forge.signs, self._trouble))

    @property
    def _status(self) -> str:
        """How the evaluation stands, with what was just asked for."""
        return self._doing.status(self.snapshot.evaluate)

    @property
    def _judged(self) -> bool:
        """Whether there is a report, and nothing known against it."""
        return self._status == "done" and not self._ended.why

    def _tick(self) -> None:
        if self._status in (*BUSY, "stopping") and self.display:
            self._draw_words()

    @on(events.Resize)
    def _resize(self) -> None:
        self._draw()

    @on(events.Hide)
    def _left(self) -> None:
        """Why it could not be started is told once: it may be mended when one comes back."""
        self._trouble = ""
        self._draw()

    # What can be done

    def main(self) -> Main:
        """Evaluate, or go on to the chat."""
        return super().main() if self._judged or self._status in (*BUSY, "stopping") else Main("Evaluate")

    async def act(self) -> None:
        """Do it."""
        if self.main().leads_on:
            await super().act()
        elif not self.leave_blocked(Stage.EVALUATE) and self.snapshot.run:
            self._ask(self.snapshot.run, again=False)

    def command(self) -> str:
        """How the shell shows or makes the report."""
        run = self.snapshot.run
        return run.command("report" if self._judged else "evaluate") if run else super().command()

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
        if (report := self._ended.report) and report.probes:
            said = list(probe_texts.lines(report.probes, self.forge.signs))
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

    def action_again(self) -> None:
        """Ask, then evaluate once more."""
        if (run := self.snapshot.run) and not self.leave_blocked(Stage.EVALUATE):
            self._ask(run, again=True)

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def _ask(self, run: RunFolder, *, again: bool) -> None:
        """Evaluate, once it is clear that this is wanted, and who is asked."""
        guests = await asyncio.to_thread(evaluate_work.guests, run)
        question = evaluate_keys.ask_again(guests) if again else evaluate_keys.ask_first(guests)
        answer = await self.app.push_screen_wait(question) if question else "evaluate"
        if answer != "keep" and run == self._run:
            self._doing, self._trouble = Doing(starting=True), ""
            self._draw()
            self.forge.draw()
            self._do("started", run, partial(evaluate_work.begin, run, self.home, alone=answer == "alone"))

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_stop(self) -> None:
        """Ask, then stop the evaluation; one that is about to start is stopped once it has."""
        run = self.snapshot.run
        if run and await self.app.push_screen_wait(evaluate_keys.ask_to_stop()) == "stop" and self._status in BUSY:
            self._doing.stopping = True
            self._draw()
            if self._doing.begun or not self._doing.starting:
                self._do("stopped", run, partial(evaluate_work.stop, run))

    @work(thread=True, exclusive=True, group="launch", exit_on_error=False)
    def _do(self, what: Literal["started", "stopped"], run: RunFolder, doing: Callable[[], str]) -> None:
        command = run.command("evaluate" if what == "started" else "stop")
        trouble = f"the evaluation could not be {what}; `{command}` in a shell may say why"
        try:
            trouble = doing()
        finally:
            self.post_message(Did(what, run, trouble))

    @on(Did)
    def _after(self, event: Did) -> None:
        event.stop()
        if event.run != self._run:
            return
        if self._doing.after(event):
            self._do("stopped", event.run, partial(evaluate_work.stop, event.run))
            return
        self._trouble = event.trouble if event.what == "started" and self._view() == "words" else ""
        if event.trouble and not self._trouble:
            self.forge.tell(self.forge.signs.typed(event.trouble), "error")
        self._draw()
        self.forge.draw()
        self.post_message(self.Look())


PANE = EvaluatePane
