"""The forge: one project on one screen, seven stages side by side. All that happens comes together here.

recipe.yaml ──look──► Snapshot ──► rail, strip, stages          stages ──Edit, Go, Look──► here
run's events ──follow──► RunEvents ──► Course ──► stages
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from chatforge.errors import UserError
from chatforge.project.editing import set_fields
from chatforge.project.looking import Looker, Watch
from chatforge.project.stages import ORDER, Snapshot, Stage, blocker, due
from chatforge.runs.folder import RunFolder
from chatforge.tui.follow import Known, RunEvents, follow
from chatforge.tui.modals.jump import jump
from chatforge.tui.modals.question import really
from chatforge.tui.signs import Signs
from chatforge.tui.stage import StagePane
from chatforge.tui.stages import pane_of
from chatforge.tui.turn import in_turn
from chatforge.tui.widgets.frame import Bar, Head, Word
from chatforge.tui.widgets.keys import Keys
from chatforge.tui.widgets.rail import Chosen, Rail
from chatforge.words import plain

WATCH_SECONDS = 2.0
"""Time between two looks whether the recipe was changed outside."""


class ForgeScreen(Screen[None]):
    """One project.

    Args:
        recipe: its recipe.yaml. runs_dir: where its runs are. stage: what to show first; default the one that is due.
        resume: go on at once with what was broken off there.
    """

    DEFAULT_CSS = """
    ForgeScreen ContentSwitcher { width: 1fr; height: 1fr; }
    ForgeScreen.-narrow Rail { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"go('{stage}')", f"Stage {stage.title()}", show=False, id=f"stage.{stage}")
            for number, stage in enumerate(ORDER, 1)
        ),
        Binding("ctrl+n", "main", "Next", id="stage.main", priority=True, tooltip="Do what this stage is for"),
        Binding("ctrl+o", "jump", "Jump", id="jump", priority=True, tooltip="A letter on everything"),
        Binding("ctrl+g", "copy", "Copy command", id="command.copy", priority=True, show=False),
        Binding("escape", "back", "Back", id="back", show=False, tooltip="Stop or close what is open, leave the field"),
        Binding("0", "start", "Projects", id="projects", show=False, tooltip="Back to the list of projects"),
    ]

    snapshot: var[Snapshot | None] = var(None)
    stage: var[Stage] = var(Stage.MODEL, init=False)

    @dataclass
    class Looked(Message):
        """The project was looked at."""

        snapshot: Snapshot
        number: int

    def __init__(
        self, recipe: Path, runs_dir: Path, signs: Signs, *, stage: Stage | None = None, resume: bool = False
    ) -> None:
        super().__init__()
        self.recipe = recipe
        self.runs_dir = runs_dir
        self.signs = signs
        self._first = stage
        self._resume = resume
        self._looker = Looker(recipe, runs_dir)
        self._known = Known()
        self._watch = Watch(recipe)
        self._looks = self._shown_look = self._taken = 0
        self._opened = Stage.MODEL

    # What is drawn

    def compose(self) -> ComposeResult:
        """Head, rail or strip, the stages, the bar with the command, keys."""
        yield Head(self.signs)
        with Horizontal(id="body"):
            yield Rail(self.signs)
            with Vertical():
                yield ContentSwitcher()
                yield Word(self.signs)
        yield Bar()
        yield Keys()

    def on_mount(self) -> None:
        """Look at the project, and keep an eye on its recipe."""
        self._look()
        self.set_interval(WATCH_SECONDS, self._watch_files)

    def draw(self) -> None:
        """Draw what stands around the stages."""
        snapshot = self.snapshot
        if snapshot is None or not self.is_mounted:
            return
        self.query_one(Rail).show(snapshot, self.stage)
        self.query_one(Head).show(snapshot, self.stage)
        self.query_one(Word).show(snapshot, self.stage)
        if pane := self.pane:
            self.query_one(Bar).show(pane.command(), pane.main().label)

    # The project

    @work(thread=True, exclusive=True, group="look", exit_on_error=False)
    def _look(self) -> None:
        """Look at the project beside the screen."""
        number = self._looks = self._looks + 1
        try:
            if self.snapshot is None:  # something to see at once; large files may take seconds
                self.post_message(self.Looked(self._looker.glance(), number))
            self.post_message(self.Looked(self._looker.look(), number))
        except (UserError, OSError) as error:
            self.app.call_from_thread(self.tell, str(error), "error")

    @on(Looked)
    async def _take(self, event: Looked) -> None:
        if event.number < self._shown_look:
            return  # it looked earlier and took longer than one that is shown already
        self._shown_look = event.number
        looks, self._taken = self._taken, self._taken + 1
        self.snapshot = snapshot = event.snapshot
        self._follow(snapshot.run)
        if looks == 0:
            self._opened = self._first or due(snapshot)
            await self.open(self._opened)
            if self._resume and self.pane:
                await self.pane.go_on()
        elif looks == 1 and self._first is None and self.stage == self._opened != due(snapshot):
            await self.open(due(snapshot))  # the files were read meanwhile
        for pane in self.query(StagePane):
            pane.update(snapshot)
        self.draw()

    @on(StagePane.Edit)
    def _edit(self, event: StagePane.Edit) -> None:
        """Set fields of the recipe's file, and look at the project anew."""
        event.stop()
        try:
            set_fields(self.recipe, event.fields)
        except UserError as error:
            self.tell(str(error), "error")
        self._look()

    @on(StagePane.Look)
    def _look_again(self, event: StagePane.Look) -> None:
        event.stop()
        self._look()

    def _watch_files(self) -> None:
        if self._watch.changed(self.snapshot):
            self._look()

    # Its run

    def _follow(self, run: RunFolder | None) -> None:
        """Follow the project's run; another one than before begins with nothing known."""
        if run == self._known.run:
            return
        self._known = Known(run)
        for pane in self.query(StagePane):
            pane.courses = self._known.courses
        self.workers.cancel_group(self, "follow")
        if run:
            self.run_worker(follow(run, self.post_message), group="follow", exit_on_error=False, exclusive=True)

    @on(RunEvents)
    def _hear(self, event: RunEvents) -> None:
        """Turn a bunch of events into what the stages show."""
        event.stop()
        if event.run != self._known.run:
            return
        course, changed = self._known.take(event)
        if changed:
            self._look()
        for pane in self.query(StagePane):
            pane.happened(event.work, course, event.events)

    # Going from stage to stage

    @property
    def pane(self) -> StagePane | None:
        """The stage that is shown."""
        return next(self.query(f"#{self.stage.value}").results(StagePane), None)

    async def open(self, stage: Stage, focus: str | None = None) -> None:
        """Show a stage; it is made on the first visit and kept."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        switcher = self.query_one(ContentSwitcher)
        self.stage = stage
        # What is hidden with the focus takes it away later, from whoever has it then; and its keys stay in the footer.
        self.set_focus(None)
        if self.pane is None:
            pane = pane_of(stage)(snapshot)
            pane.courses = self._known.courses
            await switcher.add_content(pane)
            if not pane.is_attached:  # the app was left meanwhile
                return
            for work_, course in self._known.courses.items():
                pane.happened(work_, course, [])
        switcher.current = stage.value
        self.draw()
        self.call_after_refresh(self._focus, focus)

    def _focus(self, wanted: str | None) -> None:
        if (pane := self.pane) is None:
            return
        if wanted and (found := pane.query(f"#{wanted}")):
            found.first().focus()
        else:
            next((w for w in self.focus_chain if pane in w.ancestors), pane).focus()

    @on(StagePane.Go)
    async def _go(self, event: StagePane.Go) -> None:
        event.stop()
        if event.why:
            self.tell(event.why, "warning")
        await self.open(event.stage, event.focus)

    @on(Chosen)
    async def _chosen(self, event: Chosen) -> None:
        event.stop()
        await self.action_go(event.stage)

    # Keys

    async def action_go(self, stage: str) -> None:
        """Show a stage. A locked one that would be empty stays closed and says why; others say so themselves."""
        if self.snapshot is None:
            return
        found, wanted = blocker(self.snapshot, Stage(stage)), Stage(stage)
        if found and wanted in (Stage.EVALUATE, Stage.CHAT, Stage.EXPORT):
            why, where = found
            self.tell(f"{wanted.title()}: {why}; {ORDER.index(where) + 1} {where.title()} comes first", "warning")
            self.draw()  # the rail goes back to where we are
        else:
            await self.open(wanted)

    def action_main(self) -> None:
        """Do what the stage that is shown is for."""
        in_turn(self, self._act)

    async def _act(self) -> None:
        if pane := self.pane:
            await pane.act()
            self.draw()

    def action_copy(self) -> None:
        """Copy the shell command of this stage."""
        if pane := self.pane:
            self.app.copy_to_clipboard(pane.command())
            self.tell(f"copied: {pane.command()}")

    def action_back(self) -> None:
        """Stop or close what is open, else leave the field. Never quits."""
        if (pane := self.pane) and not pane.escape():
            pane.focus()

    @work(exclusive=True, group="leave", exit_on_error=False)
    async def action_start(self) -> None:
        """Go back to the list of projects; asks if something would be lost."""
        if (lost := self.unsaved()) and not await really(self.app, "Leave this project?", lost, "g", "Go all the same"):
            return
        if self.is_active:  # the same key once more may come after it has led away
            self.dismiss()

    @work(exclusive=True, group="jump", exit_on_error=False)
    async def action_jump(self) -> None:
        """Put a letter on everything one can go to."""
        widgets = [w for w in self.focus_chain if not isinstance(w, Rail | StagePane)]
        if stage := await jump(self.app, widgets):
            await self.action_go(stage)

    def tell(self, text: str, severity: Any = "information") -> None:
        """Say something in passing; what it is made of is never markup."""
        self.notify(plain(text), severity=severity, markup=False)

    def unsaved(self) -> str | None:
        """What would be lost if the app ended now; None if nothing."""
        words = [pane.unsaved() for pane in self.query(StagePane)]
        return next((word for word in words if word), None)
