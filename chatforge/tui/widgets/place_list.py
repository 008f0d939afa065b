"""What one can go on with and how to begin, a line each: the list of the start screen. Light: it is painted first."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets.option_list import Option

from chatforge.project.new_project import SAMPLES
from chatforge.project.stages import Status
from chatforge.tui.cells import fit
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
        "ChatForge never stops it. One that was stopped is opened at its Train stage, where it can go on."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Open", id="start.open", key_display="enter")]

    def __init__(self, at: Path, signs: Signs) -> None:
        super().__init__(id="places")
        self._at, self._signs = at, signs
        self._first: str | None = None
        self.targets: dict[str, Work | Project] = {}

    def show(self, places: Places) -> None:
        """Show these; as long as nobody has moved, what is most urgent has the highlight."""
        self.targets = {}
        rows = self._rows(places)
        first = next(row.id for row in rows if not row.disabled)
        if self.chosen == self._first:
            self.highlighted = None
        self.fill(rows, first)
        self._first = first

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
        key = f"work-{one.run.path}"
        self.targets[key] = one
        mark = self._signs.marks[Status.RUNNING if one.runs else _status(one.status)]
        share = f"{one.done} of {one.total}" if one.total else ""
        if one.runs and one.total:
            drawn = bar(one.done / one.total, 12, ascii_only=self._signs.ascii_only)
            share = f"{drawn} {one.done / one.total:4.0%}"
        verb = "training" if one.stage == "train" else "evaluation"
        if one.runs:
            words = f"{verb} waits for its turn" if one.status == "waiting" else f"{verb} {share}"
            note = f"{duration_text(one.eta)} left" if one.eta is not None else ""
        else:
            words, note = f"{verb} {one.status}" + (f" at {share}" if share else ""), "r"
        if one.recipe is None:
            words = f"its recipe is gone, {words}"
        return self._row(key, mark, one.run.id, words, note, colour=_colour(one.status))

    def _project_row(self, kind: str, project: Project) -> Option:
        key = f"{kind}-{project.recipe}"
        self.targets[key] = project
        note = _day_text(project.opened, time.time()) if project.opened else ""
        return self._row(key, " ", project.title, short(project.recipe, self._at), note)

    def _row(self, key: str, mark: str, title: str, what: str, note: str = "", colour: str = "$foreground") -> Option:
        """One line: mark, title, what it is, and a note at the right end."""
        width = max(_NARROWEST, min(self.scrollable_content_region.width, _WIDEST))
        title = fit(plain(title, one_line=True), _TITLE, self._signs.cut)
        room = width - 2 - _TITLE - 2 - cell_len(note) - 1
        text = fit(plain(what, one_line=True), room, self._signs.cut)
        content = Content.assemble(
            (f"{mark} ", colour), (title, "bold"), "  ", (text, "$text-muted"), " ", (note, "$text-accent")
        )
        return Option(content, id=key)


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
