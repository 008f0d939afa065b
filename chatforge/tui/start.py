"""The start screen: what runs, what was broken off, projects, samples, a new one.

Everything here waits for nothing: the screen is painted first, then threads look at disk and machine. Imports at the
top are light for the same reason (`chatforge.project.places` and the forge bring pydantic).
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import OptionList, Static

import chatforge
from chatforge.errors import UserError
from chatforge.project import recent
from chatforge.project.new_project import sample_project
from chatforge.project.stages import Stage
from chatforge.tui.signs import UNICODE, Signs
from chatforge.tui.widgets.keys import Keys
from chatforge.tui.widgets.place_list import PlaceList, Places, Project, short
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

if TYPE_CHECKING:
    from chatforge.project.places import Work
    from chatforge.tui.app import ChatForge

TICK_SECONDS = 2.0
"""Time between two looks at what runs."""

_EMPTY = (
    "No project yet. Press n and name your file of dialogues, or take a sample: nothing is downloaded until you say so."
)


class StartScreen(Screen[None]):
    """Where one begins, and comes back to.

    Args:
        runs_dir: where runs are. at: the folder one works in. signs: what can be drawn.
    """

    DEFAULT_CSS = """
    StartScreen #head { height: 1; background: $panel; }
    StartScreen #title { width: auto; padding: 0 1; text-style: bold; color: $text-accent; }
    StartScreen #machine { width: 1fr; text-align: right; padding: 0 1; color: $text-muted; }
    StartScreen PlaceList { height: 1fr; margin: 1 0 0 0; padding: 0 2; }
    StartScreen #empty { height: auto; padding: 0 4; margin-bottom: 1; color: $text-muted; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", id="start.new", tooltip="A project from your own file of dialogues"),
        Binding("r", "resume", "Resume", id="start.resume", tooltip="Go on at once with what was broken off"),
        Binding("o", "recipe", "Open recipe", id="start.recipe", tooltip="A recipe.yaml from anywhere"),
        Binding("q", "app.leave", "Quit", id="start.quit", tooltip="A training goes on; ctrl+q quits from everywhere"),
    ]

    class Looked(Message):
        """The disk was looked at."""

        def __init__(self, places: Places) -> None:
            super().__init__()
            self.places = places

    class Machine(Message):
        """The machine was looked at."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(self, runs_dir: Path, signs: Signs = UNICODE, at: Path | None = None) -> None:
        super().__init__()
        self.runs_dir = runs_dir
        self._signs = signs
        self._at = at or Path.cwd()
        self._places = Places()

    def compose(self) -> ComposeResult:
        """Head, list, a word for newcomers, keys."""
        with Horizontal(id="head"):
            yield Static(f"ChatForge {chatforge.__version__}", id="title", markup=False)
            yield Told(id="machine")
        yield PlaceList(self._at, self.runs_dir, self._signs)
        yield Static(_EMPTY, id="empty", markup=False)
        yield Keys()

    def on_mount(self) -> None:
        """Begin."""
        self._draw()
        self.query_one(PlaceList).focus()
        self.set_interval(TICK_SECONDS, self._tick)

    def on_screen_resume(self) -> None:
        """Look again whenever one comes back."""
        # The first paint goes before: threads would fight with it for the interpreter.
        self.call_after_refresh(self._look)

    def on_resize(self, event: events.Resize) -> None:
        """Draw for another width."""
        self._draw()

    # What is known

    @work(thread=True, exclusive=True, group="look", exit_on_error=False)
    def _look(self) -> None:
        """Look at projects, runs and this machine; the quick things first."""
        home = self._app.home
        known = recent.read(home)
        opened = [Project(one.recipe, one.runs_in(self.runs_dir), _title(one.recipe), one.opened) for one in known]
        self.post_message(self.Looked(replace(self._places, recent=opened)))
        from chatforge.models.machine import look
        from chatforge.project import bases, places

        self.post_message(self.Machine(bases.machine_text(look())))
        going = places.work([self.runs_dir, *(one.runs_dir for one in known)])
        mine = [one.recipe.resolve() for one in known]
        found = [path for path in places.recipes(self._at) if path.resolve() not in mine]
        here = [Project(path, self.runs_dir, _title(path)) for path in found]
        self.post_message(self.Looked(Places(going, opened, here, known=True)))
        import chatforge.tui.forge  # noqa: F401 (so that opening a project is quick)

    def _tick(self) -> None:
        if self.app.screen is self and any(one.runs for one in self._places.work):
            self._look_at_work()

    @work(thread=True, exclusive=True, group="tick", exit_on_error=False)
    def _look_at_work(self) -> None:
        """See how far running ones are; when one has ended, the whole list is another one."""
        from chatforge.project import places

        now = [places.look_again(one) if one.runs else one for one in self._places.work]
        if [one.runs for one in now] == [one.runs for one in self._places.work]:
            self.post_message(self.Looked(replace(self._places, work=now)))
        else:
            self.app.call_from_thread(self._look)

    @on(Looked)
    def _take(self, event: Looked) -> None:
        event.stop()
        self._places = event.places
        self._draw()

    @on(Machine)
    def _take_machine(self, event: Machine) -> None:
        event.stop()
        self.query_one("#machine", Static).update(plain(event.words, one_line=True))

    # What is drawn

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        places = self._places
        self.query_one(PlaceList).show(places)
        self.query_one("#empty").display = places.known and not (places.work or places.recent or places.found)
        self.refresh_bindings()

    # What can be done

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        key = event.option_id or ""
        match self.query_one(PlaceList).targets.get(key):
            case None if key == "new":
                self.action_new()
            case None if key == "recipe":
                self.action_recipe()
            case None:
                self._open_sample(key.removeprefix("sample-"))
            case Project(recipe=recipe, runs_dir=runs_dir):
                self._open(recipe, runs_dir)
            case work:
                self._open_work(work)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Resume is offered only where there is something to resume."""
        return any(not one.runs for one in self._places.work) if action == "resume" else True

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_new(self) -> None:
        """Ask for dialogues and a name, and open what was made."""
        from chatforge.tui.modals.new_project import NewProject

        if recipe := await self.app.push_screen_wait(NewProject(self._at)):
            self._open(recipe)

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_recipe(self) -> None:
        """Ask for a recipe and open it."""
        from chatforge.tui.modals.pick import PickFile

        if recipe := await self.app.push_screen_wait(PickFile("Open a recipe", self._at, (".yaml", ".yml"))):
            self._open(recipe)

    def action_resume(self) -> None:
        """Go on with the run whose row says so."""
        if one := self.query_one(PlaceList).resumable:
            self._open_work(one, resume=True)

    def _open_work(self, one: "Work", *, resume: bool = False) -> None:
        if one.recipe is None:
            verb = "attach" if one.runs else "resume"
            self._tell(f"the recipe of {one.run.id} is gone; `{one.run.command(verb)}` works in a shell", "warning")
            return
        stage = Stage.TRAIN if one.stage == "train" else Stage.EVALUATE
        self._open(one.recipe, one.run.path.parent, stage, resume=resume)

    def _open_sample(self, name: str) -> None:
        try:
            recipe, made = sample_project(name, self._at)
        except UserError as error:
            self._tell(str(error), "error")
            return
        self._tell(f"made {short(recipe.parent, self._at)}" if made else f"{recipe.parent.name} was here already")
        self._open(recipe)

    def _open(
        self, recipe: Path, runs_dir: Path | None = None, stage: Stage | None = None, *, resume: bool = False
    ) -> None:
        if not self.is_active:
            return  # the same key once more: a project is opening already
        if not recipe.is_file():
            self._tell(f"{recipe} is gone", "error")
            self._look()
            return
        self._app.open_project(recipe, stage, runs_dir or self.runs_dir, resume=resume)

    def _tell(self, text: str, severity: str = "information") -> None:
        self.notify(plain(text), severity=severity, markup=False)  # type: ignore[arg-type]

    @property
    def _app(self) -> "ChatForge":
        return cast("ChatForge", self.app)


def _title(recipe: Path) -> str:
    """What a project is called in the list: its folder for a `recipe.yaml`, else the file's name."""
    return recipe.resolve().parent.name if recipe.stem == "recipe" else recipe.stem
