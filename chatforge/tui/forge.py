"""The forge: one project on one screen, seven stages side by side. All that happens comes together here.

recipe.yaml ──look──► Snapshot ──► rail, strip, stages          stages ──Edit, Go, Look──► here
run's events ──follow──► RunEvents ──► Course ──► stages
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Footer

from chatforge.errors import UserError
from chatforge.project.editing import set_fields
from chatforge.project.looking import Looker, touched
from chatforge.project.stages import ORDER, Snapshot, Stage, blocker, due
from chatforge.runs.course import Course
from chatforge.runs.folder import RunFolder
from chatforge.tui.follow import RunEvents, follow
from chatforge.tui.modals.jump import Jump, Spot
from chatforge.tui.modals.question import Answer, Question
from chatforge.tui.signs import Signs
from chatforge.tui.stage import StagePane
from chatforge.tui.stages import pane_of
from chatforge.tui.turn import in_turn
from chatforge.tui.widgets.frame import Bar, Head, Word
from chatforge.tui.widgets.rail import Chosen, Rail
from chatforge.words import plain

WATCH_SECONDS = 2.0
"""Time between two looks whether the recipe was changed outside."""


class ForgeScreen(Screen[None]):
    """One project.

    Args:
        recipe: its recipe.yaml. runs_dir: where its runs are. stage: what to show first; default the one that is due.
    """

    DEFAULT_CSS = """
    ForgeScreen ContentSwitcher { width: 1fr; height: 1fr; }
    ForgeScreen.-narrow Rail { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"go('{stage}')", stage.title(), show=False, id=f"stage.{stage}")
            for number, stage in enumerate(ORDER, 1)
        ),
        Binding("ctrl+n", "main", "Next", id="stage.main", priority=True, tooltip="Do what this stage is for"),
        Binding("ctrl+o", "jump", "Jump", id="jump", priority=True, tooltip="A letter on everything"),
        Binding("ctrl+g", "copy", "Copy command", id="command.copy", priority=True, show=False),
        Binding("escape", "back", "Back", id="back", show=False),
        Binding("0", "start", "Projects", id="projects", show=False, tooltip="Back to the list of projects"),
    ]

    snapshot: var[Snapshot | None] = var(None)
    stage: var[Stage] = var(Stage.MODEL, init=False)

    class Looked(Message):
        """The project was looked at."""

        def __init__(self, snapshot: Snapshot, number: int) -> None:
            super().__init__()
            self.snapshot = snapshot
            self.number = number

    def __init__(self, recipe: Path, runs_dir: Path, signs: Signs, *, stage: Stage | None = None) -> None:
        super().__init__()
        self.recipe = recipe
        self.runs_dir = runs_dir
        self.signs = signs
        self._first = stage
        self._looker = Looker(recipe, runs_dir)
        self._courses: dict[str, Course] = {}
        self._status: dict[str, str] = {}
        self._run: RunFolder | None = None
        self._written: tuple[int, int] | None = None
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
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Look at the project, and keep an eye on its recipe."""
        self._watch_recipe()  # from here on: what is changed while it is read for the first time is noticed, too
        self._look()
        self.set_interval(WATCH_SECONDS, self._watch_recipe)

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
        self._looks += 1
        number = self._looks
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
        elif looks == 1 and self._first is None and self.stage == self._opened != due(snapshot):
            await self.open(due(snapshot))  # the files were read meanwhile
        for pane in self.query(StagePane):
            pane.update(snapshot)
        self.draw()

    @on(StagePane.Edit)
    def _edit(self, event: StagePane.Edit) -> None:
        event.stop()
        self.edit(event.fields)

    def edit(self, fields: Mapping[str, Any]) -> None:
        """Set fields of the recipe's file, and look at the project anew."""
        try:
            set_fields(self.recipe, fields)
        except UserError as error:
            self.tell(str(error), "error")
        self._look()

    @on(StagePane.Look)
    def _look_again(self, event: StagePane.Look) -> None:
        event.stop()
        self._look()

    def _watch_recipe(self) -> None:
        written = touched(self.recipe)
        if self._written is not None and written != self._written:
            self._look()
        self._written = written

    # Its run

    def _follow(self, run: RunFolder | None) -> None:
        """Follow the project's run; another one than before begins with nothing known."""
        if run == self._run:
            return
        self._run, self._courses, self._status = run, {}, {}
        for pane in self.query(StagePane):
            pane.courses = self._courses
        self.workers.cancel_group(self, "follow")
        if run:
            self.run_worker(follow(run, self.post_message), group="follow", exit_on_error=False, exclusive=True)

    @on(RunEvents)
    def _hear(self, event: RunEvents) -> None:
        """Turn a bunch of events into what the stages show."""
        event.stop()
        if event.run != self._run:
            return
        course = self._courses.setdefault(event.work, Course())
        for stamped in event.events:
            course.add(stamped)
        if self._status.get(event.work) != event.status:
            self._status[event.work] = event.status
            self._look()
        for pane in self.query(StagePane):
            pane.happened(event.work, course, event.events)

    # Going from stage to stage

    @property
    def pane(self) -> StagePane | None:
        """The stage that is shown."""
        try:
            return self.query_one(f"#{self.stage.value}", StagePane)
        except NoMatches:
            return None

    async def open(self, stage: Stage, focus: str | None = None) -> None:
        """Show a stage; it is made on the first visit and kept."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        switcher = self.query_one(ContentSwitcher)
        self.stage = stage
        if self.pane is None:
            pane = pane_of(stage)(snapshot)
            pane.courses = self._courses
            await switcher.add_content(pane, set_current=True)
            for work_, course in self._courses.items():
                pane.happened(work_, course, [])
        self.set_focus(None)  # what is hidden with the focus takes it away later, from whoever has it then
        switcher.current = stage.value
        self.draw()
        self.call_after_refresh(self._focus, focus)

    def _focus(self, wanted: str | None) -> None:
        pane = self.pane
        if pane is None:
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
        """Show a stage. A locked one says why, and one that would be empty then stays closed."""
        if self.snapshot is None:
            return
        found, wanted = blocker(self.snapshot, Stage(stage)), Stage(stage)
        if found:
            why, where = found
            first = f"; {ORDER.index(where) + 1} {where.title()} comes first" if where != wanted else ""
            self.tell(f"{wanted.title()}: {why}{first}", "warning")
        if found and wanted in (Stage.EVALUATE, Stage.CHAT, Stage.EXPORT):
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
        if (pane := self.pane) and pane.escape():
            return
        if pane := self.pane:
            pane.focus()

    @work(exclusive=True, group="leave", exit_on_error=False)
    async def action_start(self) -> None:
        """Go back to the list of projects; asks if something would be lost."""
        if lost := self.unsaved():
            answers = [Answer("stay", "s", "Stay"), Answer("go", "g", "Go all the same", "warning")]
            if await self.app.push_screen_wait(Question("Leave this project?", lost, answers)) == "stay":
                return
        self.app.pop_screen()

    @work(exclusive=True, group="jump", exit_on_error=False)
    async def action_jump(self) -> None:
        """Put a letter on everything one can go to."""
        found = [w for w in self.focus_chain if not isinstance(w, Rail | StagePane)]
        chosen = await self.app.push_screen_wait(Jump([widget.region.offset for widget in found]))
        match chosen:
            case Spot(number):
                found[number].focus()
                found[number].scroll_visible()
            case Stage():
                await self.action_go(chosen)

    def tell(self, text: str, severity: Any = "information") -> None:
        """Say something in passing; what it is made of is never markup."""
        self.notify(plain(text), severity=severity, markup=False)

    def unsaved(self) -> str | None:
        """What would be lost if the app ended now; None if nothing."""
        words = [pane.unsaved() for pane in self.query(StagePane)]
        return next((word for word in words if word), None)
