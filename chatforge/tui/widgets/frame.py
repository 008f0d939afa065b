"""What stands around the stages: the project above, what is in the way of a stage, its shell command below.

ChatForge    ✓1 ✓2  3 Adapt  ·4              my-shop   run 1121-shop-a      Head (the strip on narrow screens)
! the recipe is not ready: …                                                Word
$ chatforge recipe explain recipe.yaml                       ^n Next: Train      Bar
"""

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from chatforge.project.stages import Snapshot, Stage, blocker, stale_words
from chatforge.tui.cells import middle
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.rail import Strip
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

_FOR_BOTH = 20
"""Cells that project and run need; where there are fewer, the run has them: the project is the one that was opened."""

_AFTER_TRAINING = (Stage.TRAIN, Stage.EVALUATE, Stage.CHAT, Stage.EXPORT)


class Here(Widget):
    """Project and run at the right end; where there is little room, their middles are left out."""

    words: reactive[tuple[str, str]] = reactive(("", ""))

    def __init__(self, signs: Signs) -> None:
        super().__init__(id="project")
        self._cut = signs.cut

    def render(self) -> Content:
        """Draw them."""
        project, run = self.words
        room = max(0, self.content_size.width - 3)
        if room < _FOR_BOTH:
            return Content(middle(run, room + 3, self._cut))
        run = middle(run, max(room - cell_len(project), room * 2 // 3), self._cut)
        return Content(f"{middle(project, room - cell_len(run), self._cut)}   {run}")


class Head(Horizontal):
    """Project and run; on narrow screens the stages, too."""

    DEFAULT_CSS = """
    Head { height: 1; background: $panel; }
    Head > #title { width: auto; padding: 0 1; text-style: bold; color: $text-accent; }
    Head > #project { width: 1fr; text-align: right; padding: 0 1; color: $text-muted; text-wrap: nowrap; }
    Head > #strip { display: none; }
    Screen.-narrow Head > #strip { display: block; }
    Screen.-narrow Head > #title { display: none; }
    """
    SCOPED_CSS: ClassVar[bool] = False  # rules depend on the screen's classes

    def __init__(self, signs: Signs) -> None:
        super().__init__(id="head")
        self._signs = signs

    def compose(self) -> ComposeResult:
        """Name, stages, project."""
        yield Static("ChatForge", id="title", markup=False)
        yield Strip(self._signs)
        yield Here(self._signs)

    def show(self, snapshot: Snapshot, now: Stage) -> None:
        """Draw how the project stands."""
        self.query_one(Strip).show(snapshot, now)
        run = f"run {snapshot.run.id}" if snapshot.run else "no run yet"
        self.query_one(Here).words = plain(snapshot.title, one_line=True), plain(run, one_line=True)


class Word(Static):
    """One line on what blocks a stage or has grown stale; none if all is well."""

    DEFAULT_CSS = "Word { height: auto; max-height: 2; padding: 0 1; color: $text-warning; display: none; }"

    def __init__(self, signs: Signs) -> None:
        super().__init__("", id="word", markup=False)
        self._signs = signs

    def show(self, snapshot: Snapshot, now: Stage) -> None:
        """Draw it."""
        found = blocker(snapshot, now)
        word = f"{self._signs.warn} {found[0]}" if found else ""
        if not word and now in _AFTER_TRAINING:
            word = stale_words(snapshot) or ""
        self.display = bool(word)
        self.update(plain(word, one_line=True))


class Bar(Horizontal):
    """The shell command that does the same as the stage, and what ctrl+n does."""

    DEFAULT_CSS = """
    Bar { height: 1; background: $panel; }
    Bar > #command { width: 1fr; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    Bar > #main { width: auto; padding: 0 1; text-style: bold; color: $text-accent; }
    """

    def __init__(self) -> None:
        super().__init__(id="bar")

    def compose(self) -> ComposeResult:
        """Command and key."""
        yield Told(id="command")
        yield Told(id="main")

    def show(self, command: str, main: str) -> None:
        """Draw them; `main` is "" where ctrl+n does nothing."""
        self.query_one("#command", Static).update(plain(f"$ {command}", one_line=True))
        self.query_one("#main", Static).update(f"^n {main}" if main else "")
