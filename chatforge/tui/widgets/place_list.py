"""What one can go on with and how to begin, a line each: the list of the start screen. Light: it is painted first."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chatforge.project.new_project import SAMPLES
from chatforge.project.stages import Status
from chatforge.tui.cells import fit, middle
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.key_list import Choices
from chatforge.words import bar, duration_text, plain

if TYPE_CHECKING:
    from chatforge.project.places import Work

MOST_RECENT = 6
_NARROWEST, _WIDEST = 56, 108
_TITLE = 26


@dataclass(frozen=True)
class Project:
    """A recipe in the list. `opened`: seconds since 1970; 0 if it was only found here."""

    recipe: Path
    runs_dir: Path
    title: str
    opened: float = 0.0


@dataclass(frozen=True)
class Places:
    """What the list shows. `known` is False until the disk was looked at."""

    work: Sequence["Work"] = ()
    recent: Sequence[Project] = ()
    found: Sequence[Project] = ()
    known: bool = False


class PlaceList(Choices):
    """The list of the start screen."""

    HELP = (
        "What you can go on with, and how to begin. **enter** opens. A training that runs is attached: closing "
        "ChatForge never stops it. **r** goes on at once with the broken-off one that says so; **enter** on it only "
        "shows it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Open", id="start.open", key_display="enter")]

    def __init__(self, at: Path, runs_dir: Path, signs: Signs) -> None:
        super().__init__(id="places")
        self._at, self._runs_dir, self._signs = at, runs_dir, signs
        self._first: str | None = None
        self._resumed: str | None = None
        self.targets: dict[str, Work | Project] = {}

    def show(self, places: Places) -> None:
        """Show these; as long as nobody has moved, what is most urgent has the highlight."""
        self.targets = {}
        rows = self._rows(places)
        first = next(row.id for row in rows if not row.disabled)
        if self.chosen == self._first:
            self.highlighted = None
        self.fill(rows, first)
        self._first, self._resumed = first, None
        self._mark()

    @property
    def resumable(self) -> "Work | None":
        """What `r` goes on with: the highlighted run if it was broken off, else the first one that was."""
        broken = [one for one in self.targets.values() if not isinstance(one, Project) and not one.runs]
        pointed = self.targets.get(self.chosen or "")
        return next((one for one in broken if one is pointed), broken[0] if broken else None)

    @on(OptionList.OptionHighlighted)
    def _mark(self) -> None:
        """Say `r` in the row that it is for."""
        one = self.resumable
        key = _key(one) if one else None
        if key == self._resumed:
            return
        for changed in (self._resumed, key):
            if changed and (row := self.targets.get(changed)) and not isinstance(row, Project):
                self.replace_option_prompt(changed, self._work_words(row, resumed=changed == key))
        self._resumed = key

    def _rows(self, places: Places) -> list[Option]:
        runs = [self._work_row(one) for one in places.work if one.runs]
        broken = [self._work_row(one) for one in places.work if not one.runs]
        recents = [self._project_row("recent", project) for project in places.recent[:MOST_RECENT]]
        found = [self._project_row("found", project) for project in places.found]
        rows = self._section("Running", runs) + self._section("Broken off", broken)
        rows += self._section("Recent projects", recents)
        rows += self._section("Recipes in this folder", found)
        return rows + self._section("Begin", self._begin_rows())

    def _begin_rows(self) -> list[Option]:
        rows = [self._row("new", "+", "New project", "from your own file of dialogues", "n")]
        rows += [
            self._row(f"sample-{name}", "+", f"Sample: {sample.title.lower()}", sample.what)
            for name, sample in SAMPLES.items()
        ]
        return [*rows, self._row("recipe", "+", "Open a recipe", "a recipe.yaml from anywhere", "o")]

    def _section(self, title: str, rows: list[Option]) -> list[Option]:
        if not rows:
            return []
        head = Option(Content.styled(title, "$text-muted bold"), disabled=True)
        return [head, *rows, Option("", disabled=True)]

    def _work_row(self, one: "Work") -> Option:
        self.targets[_key(one)] = one
        return Option(self._work_words(one), id=_key(one))

    def _work_words(self, one: "Work", *, resumed: bool = False) -> Content:
        mark = self._signs.marks[Status.RUNNING if one.runs else _status(one.status)]
        share = f"{one.done} of {one.total}" if one.total else ""
        if one.runs and one.share is not None:
            share = f"{bar(one.share, 12, ascii_only=self._signs.ascii_only)} {one.share:4.0%}"
        verb = "training" if one.stage == "train" else "evaluation"
        if one.runs:
            words = f"{verb} waits for its turn" if one.status == "waiting" else f"{verb} {share}"
            note = f"{duration_text(one.eta)} left" if one.eta is not None else ""
        else:
            words, note = f"{verb} {one.status}" + (f" at {share}" if share else ""), "r Resume" if resumed else ""
        if one.recipe is None:
            words = f"its recipe is gone, {words}"
        return self._words(mark, one.run.id, words, note, colour=_colour(one.status))

    def _project_row(self, kind: str, project: Project) -> Option:
        key = f"{kind}-{project.recipe}"
        self.targets[key] = project
        note = _day_text(project.opened, time.time()) if project.opened else ""
        return self._row(key, " ", project.title, self._place(project, self._room(note)), note)

    def _place(self, project: Project, room: int) -> str:
        """Where a recipe is, and its runs if they are not where all others are. Paths differ at their ends."""
        recipe, cut = plain(short(project.recipe, self._at), one_line=True), self._signs.cut
        if project.runs_dir.resolve() == self._runs_dir.resolve():
            return fit(recipe, room, cut, keep_end=True)
        runs, word = plain(short(project.runs_dir, self._at), one_line=True), "  runs in "
        runs = word + fit(runs, min(cell_len(runs), room * 2 // 3 - len(word)), cut, keep_end=True)
        return fit(recipe, min(cell_len(recipe), room - cell_len(runs)), cut, keep_end=True) + runs

    def _row(self, key: str, mark: str, title: str, what: str, note: str = "") -> Option:
        return Option(self._words(mark, title, what, note), id=key)

    def _words(self, mark: str, title: str, what: str, note: str = "", colour: str = "$foreground") -> Content:
        """One line: mark, title, what it is, and a note at the right end."""
        cut = self._signs.cut
        title = fit(middle(plain(title, one_line=True), _TITLE, cut), _TITLE, cut)
        text = fit(plain(what, one_line=True), self._room(note), cut)
        return Content.assemble(
            (f"{mark} ", colour), (title, "bold"), "  ", (text, "$text-muted"), " ", (note, "$text-accent")
        )

    def _room(self, note: str) -> int:
        """Cells that are left between title and note."""
        width = max(_NARROWEST, min(self.scrollable_content_region.width, _WIDEST))
        return width - 2 - _TITLE - 2 - cell_len(note) - 1


def _key(one: "Work") -> str:
    return f"work-{one.run.path}"


def _status(word: str) -> Status:
    return Status.STOPPED if word == "stopped" else Status.FAILED


def _colour(word: str) -> str:
    return {"running": "$text-success", "waiting": "$text-success", "stopped": "$text-warning"}.get(word, "$text-error")


def short(path: Path, at: Path) -> str:
    """A path as one would type it: seen from here, or from home."""
    path, at, home = path.absolute(), at.absolute(), Path.home()
    if path.is_relative_to(at):
        return str(path.relative_to(at))
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _day_text(t: float, now: float) -> str:
    """When, as people say it: "today 19:24", "yesterday 08:10", "12 Nov"."""
    then, day = time.localtime(t), 24 * 3600
    for name, moment in (("today", now), ("yesterday", now - day)):
        if time.localtime(moment)[:3] == then[:3]:
            return f"{name} {time.strftime('%H:%M', then)}"
    return time.strftime("%d %b", then) if time.localtime(now)[0] == then[0] else time.strftime("%d %b %Y", then)
