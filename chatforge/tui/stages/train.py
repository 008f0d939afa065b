"""The stage Train: start a training, watch it, stop it, go on with it.

    Snapshot.train ─► standing ─┬─ new ────────► what will happen
                                └─ all others ─► TrainingView

The training is a process of its own: whatever happens to it, this screen lives, and the other way round.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.worker import Worker, WorkerState

from chatforge.project.stages import Snapshot, Stage
from chatforge.runs.course import Course
from chatforge.runs.events import Stamped
from chatforge.tui import train_keys, train_words, train_work
from chatforge.tui.modals.log import log_of, warnings_of
from chatforge.tui.stage import Main, StagePane
from chatforge.tui.train_keys import Doing
from chatforge.tui.train_plan import introduction
from chatforge.tui.train_words import BROKEN, LIVE, Standing
from chatforge.tui.train_work import Curiosity, Learned, Outcome
from chatforge.tui.widgets.told import Told
from chatforge.tui.widgets.train_view import Shown, TrainingView

TICK_SECONDS = 1.0
"""Time between two looks at the clock."""


class TrainPane(StagePane):
    """Before, during and after a training."""

    STAGE: ClassVar[Stage] = Stage.TRAIN
    HELP: ClassVar[str | None] = train_keys.HELP
    DEFAULT_CSS = """
    TrainPane #train-before { padding: 1 2; }
    TrainPane #train-intro { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*train_keys.BINDINGS]

    @dataclass
    class Done(Message):
        """Something that was done beside the screen has ended: `what` is "begin", "resume" or "stop"."""

        what: str
        outcome: Outcome

    @dataclass
    class Found(Message):
        """Something was found out beside the screen."""

        learned: Learned

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self.clock = time.time
        self._doing: Doing | None = None
        self._trouble = ""
        self._learned = Learned()
        self._keys: object = None

    @property
    def course(self) -> Course:
        """What is known of the training."""
        return self.courses.get("train") or Course()

    @property
    def standing(self) -> Standing:
        """How the training stands."""
        return train_keys.standing_of(self.snapshot, self._doing.what if self._doing else None)

    @property
    def view(self) -> TrainingView:
        """The picture of the training."""
        return self.query_one(TrainingView)

    # What is drawn

    def compose(self) -> ComposeResult:
        """What will happen; and what happens."""
        with VerticalScroll(id="train-before"):
            yield Told(id="train-intro")
        yield TrainingView(self.forge.signs, "train-live")

    def on_mount(self) -> None:
        """Fill the widgets, and look at the clock from time to time."""
        self._curiosity = Curiosity(self.forge.runs_dir, self.home)
        super().on_mount()
        self.set_interval(TICK_SECONDS, self._tick)

    def on_resize(self, event: events.Resize) -> None:
        """Write anew what was written for another width."""
        self.call_after_refresh(self._draw)

    def show(self, snapshot: Snapshot) -> None:
        """Show how the training stands."""
        if self._doing and self._doing.is_over(snapshot):
            self._doing = None
        self._find_out()
        self.view.show_chart(self.course)
        self._draw()

    def happened(self, work: str, course: Course, new: Sequence[Stamped]) -> None:
        """Show what came."""
        if not self.is_mounted:
            return
        if work == "train":
            self._find_out()
            self.view.show_chart(course)
        self._draw()

    def _draw(self) -> None:
        """Write what is to be said now; nothing is written twice."""
        before, view, new = self.query_one("#train-before"), self.view, self.standing == "new"
        lost = self.in_focus(view if new else before) and (before.display != new or view.display == new)
        before.display, view.display = new, not new
        if new:
            warn = self.forge.signs.warn
            intro = introduction(self.snapshot, self._learned.plan, self.forge.runs_dir, warn, self._trouble)
            self.query_one("#train-intro", Told).say(intro)
        else:
            view.show(self._shown())
        if lost:
            (before if new else view.chart).focus()
        self._draw_keys()

    def _shown(self) -> Shown:
        standing = self.standing
        why = self._trouble or (standing in BROKEN and self._learned.why) or ""
        return Shown(
            self.course,
            standing,
            self.clock(),
            why,
            train_words.after(standing, self.snapshot.evaluate, train_keys.key_to_evaluation(self.snapshot, standing)),
            self._learned.machine_bytes,
        )

    def _draw_keys(self) -> None:
        """Let footer and bar follow, only when something about the keys has changed."""
        warned = train_words.warnings(self.course) > 0
        now = (self.standing, warned, bool(self.course.losses), self.snapshot)
        if now != self._keys:
            self._keys = now
            self.refresh_bindings()
            self.forge.draw()

    def _tick(self) -> None:
        if self.display and self.standing in LIVE:
            self.view.show_clocks(self._shown())

    # What is found out beside the screen

    def _find_out(self) -> None:
        for what, job in self._curiosity.due(self.snapshot, self.standing, self.course).items():
            self._beside(what, job, self.Found)

    def _beside(self, what: str, job: Callable[[], Any], message: Callable[[Any], Message]) -> None:
        """Do a job in a thread, and post a message with what it returns."""
        self.run_worker(
            lambda: self.post_message(message(job())),
            group=f"train-{what}", thread=True, exclusive=True, exit_on_error=False,
        )  # fmt: skip

    @on(Found)
    def _take(self, event: Found) -> None:
        event.stop()
        self._learned = self._learned.joined(event.learned)
        self._draw()

    @on(Worker.StateChanged)
    def _fail(self, event: Worker.StateChanged) -> None:
        """A defect in what is done beside the screen is told, too."""
        if event.state is WorkerState.ERROR:
            self._doing, self._trouble = None, f"{type(event.worker.error).__name__}: {event.worker.error}"
            self._draw()

    def command(self) -> str:
        """The shell command that does what can be done here."""
        return train_keys.command(self.snapshot, self.standing, self.forge.runs_dir)

    def main(self) -> Main:
        """Start, resume or lead on."""
        label = train_keys.label(self.snapshot, self.standing)
        return super().main() if label is None else Main(label)

    async def act(self) -> None:
        """Do it."""
        if self.standing in ("starting", *LIVE):
            self.forge.tell("the training goes on; s stops it, d leaves it alone")
        elif self.standing == "new" or train_keys.wants_new_run(self.snapshot, self.standing):
            self._begin()
        elif self.standing == "done":
            await super().act()
        else:
            self.action_resume()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        return train_keys.may(action, self.standing, self.course)

    def _begin(self) -> None:
        if self.leave_blocked(Stage.TRAIN):
            return
        self._do("begin", partial(train_work.begin, self.snapshot.recipe_path, self.forge.runs_dir, self.home))

    def _do(self, what: str, job: Callable[[], Outcome]) -> None:
        """Begin, resume or stop, beside the screen; one at a time."""
        if self._doing and not what == self._doing.what == "stop":  # who waits too long for saving may still end it
            return
        self._doing, self._trouble = Doing(what, self.snapshot.run), ""
        self._draw()
        self._beside("do", job, partial(self.Done, what))

    @on(Done)
    def _done(self, event: Done) -> None:
        event.stop()
        outcome = event.outcome
        self._trouble = outcome.trouble or ""
        failed = outcome.trouble or outcome.missing
        self._doing = None if failed or self._doing is None else replace(self._doing, begun=True)
        if outcome.trouble:
            self.forge.tell(outcome.trouble, "error")
        for note in outcome.notes[:3]:
            self.forge.tell(note)
        if outcome.missing:
            self.post_message(self.Go(Stage.MODEL, f"not on this machine yet: {', '.join(outcome.missing)}"))
        self._draw()
        self.post_message(self.Look())

    @work(exclusive=True, group="train-ask", exit_on_error=False)
    async def action_stop(self) -> None:
        """Ask whether to stop, and how."""
        run = self.snapshot.run
        answer = await self.app.push_screen_wait(train_keys.ask_to_stop(self.course))
        if run and answer != "keep" and self.standing in LIVE:
            self._do("stop", lambda: train_work.stop(run, save=answer == "save"))

    def action_resume(self) -> None:
        """Go on from the last checkpoint."""
        if run := self.snapshot.run:
            self._do("resume", partial(train_work.go_on, run, self.home))

    @work(exclusive=True, group="train-ask", exit_on_error=False)
    async def action_again(self) -> None:
        """Train anew, if that is really meant."""
        if await self.app.push_screen_wait(train_keys.ask_again(self.snapshot)) == "yes":
            self._begin()

    async def action_detach(self) -> None:
        """Leave the app; the training goes on."""
        run = self.snapshot.run
        if run is None or self.forge.unsaved():
            await self.app.run_action("leave")
            return
        self.app.exit(message=Text(f"The training goes on. Come back to it: {run.command('attach')}"))

    def action_log(self) -> None:
        """Show what the trainer wrote."""
        if run := self.snapshot.run:
            self.app.push_screen(log_of(run.log("train")))

    def action_warnings(self) -> None:
        """Show the warnings."""
        self.app.push_screen(warnings_of(self.course))

    def escape(self) -> bool:
        """Take away what is open in the picture. The focus stays here, so that the keys work."""
        if self.standing != "new":
            self.view.escape()
        return True


PANE = TrainPane
