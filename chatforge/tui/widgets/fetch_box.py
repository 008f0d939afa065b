"""Fetches weights and shows how far that is: a worker process does it, a thread reads its events."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual import on, work
from textual.content import Content
from textual.message import Message

from chatforge.errors import UserError
from chatforge.models.sources import Source
from chatforge.project.fetching import Fetch, locate_all
from chatforge.project.stages import Status
from chatforge.runs.events import Finished, Note, Phase, Progress, Stamped
from chatforge.tui.signs import UNICODE, Signs
from chatforge.tui.widgets.base_text import told
from chatforge.tui.widgets.told import Told
from chatforge.words import bar, bytes_text, duration_text, plain

_BAR = 24


class FetchBox(Told):
    """A few lines, hidden while there is nothing to say. The last word stays until the next fetch.

    Esc is the pane's to hand on: it calls `cancel`.
    """

    DEFAULT_CSS = """
    FetchBox { height: auto; max-height: 6; padding: 0 1; display: none; }
    """

    @dataclass
    class Said(Message):
        """The worker said something about `name`, the `number`-th of `count`."""

        name: str
        number: int
        count: int
        stamped: Stamped

    @dataclass
    class Ended(Message):
        """It is over. `names`: what is here now; `error`: what went wrong; `cancelled`: whether it was stopped."""

        names: Sequence[str]
        error: UserError | None = None
        cancelled: bool = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self.signs: Signs = UNICODE
        self._stop = threading.Event()
        self._worker: Fetch | None = None
        self._at: tuple[str, str] = ("", "")
        self._since: tuple[float, int] | None = None
        self._notes: list[str] = []
        self.busy = False

    def fetch(self, names: Sequence[str], home: Path) -> None:
        """Bring these models to this machine, one after the other; those that are here are left out."""
        if self.busy:
            return
        self.busy, self._stop = True, threading.Event()
        self._at, self._since, self._notes = ("", ""), None, []
        self._draw("looking at what is here", "")
        self._run(list(names), home, self._stop)

    def cancel(self) -> bool:
        """Stop; return whether there was anything to stop."""
        if not self.busy or self._stop.is_set():
            return False
        self._stop.set()
        if self._worker:
            self._worker.cancel()
        self._draw("stopping", "")
        return True

    def on_unmount(self) -> None:
        """A project that is closed fetches nothing: its thread would keep the app from ending."""
        self.cancel()

    @work(thread=True, exclusive=True, group="fetch", exit_on_error=False)
    def _run(self, names: Sequence[str], home: Path, stop: threading.Event) -> None:
        done: list[str] = []
        error: UserError | None = None
        try:
            wanted = [source for source in locate_all(names, home) if source.path is None]
            for number, source in enumerate(wanted, 1):
                self._one(source, number, len(wanted), home, stop)
                if stop.is_set():
                    break
                done.append(source.name)
        except UserError as problem:
            error = problem
        except OSError as problem:
            error = UserError(f"the fetch could not begin: {problem}", hint="is the disk full?")
        finally:
            self._worker = None
        self.post_message(self.Ended(done, None if stop.is_set() else error, stop.is_set()))

    def _one(self, source: Source, number: int, count: int, home: Path, stop: threading.Event) -> None:
        with Fetch(source, home) as worker:
            self._worker = worker
            if stop.is_set():  # asked before there was a worker to end
                return
            for stamped in worker.events():
                self.post_message(self.Said(source.name, number, count, stamped))
            if not stop.is_set():
                worker.result()

    @on(Said)
    def _hear(self, event: Said) -> None:
        event.stop()
        if self._stop.is_set():
            return
        which = f" ({event.number} of {event.count})" if event.count > 1 else ""
        match event.stamped.event:
            case Phase(name=phase):
                self._at, self._since = (f"{event.name}{which}", phase), None
                self._draw(*self._words())
            case Progress(done=done, total=total) if total:
                self._draw(*self._words(self._measure(event.stamped.t, done, total)))
            case Note(text=text):
                self._notes = [text]
                self._draw(*self._words())
            case Finished():
                self._notes = []
            case _:
                pass

    @on(Ended)
    def _end(self, event: Ended) -> None:
        self.busy = False
        if event.error:
            self._last(f"{self.signs.marks[Status.FAILED]} not fetched: {told(event.error)}", "$text-error")
        elif event.cancelled:
            self._last("stopped; nothing half made stays, and a download from the hub can go on", "$text-warning")
        elif event.names:
            self._last(f"{self.signs.yes} {' and '.join(event.names)}: on this machine now", "$text-success")
        else:
            self.display = False

    def _words(self, line: str = "") -> tuple[str, str]:
        name, phase = self._at
        return f"{name}: {phase}" if name else "starting", line

    def _measure(self, t: float, done: int, total: int) -> str:
        """How far a phase is, how fast, and how long it will take."""
        if self._since is None:
            self._since = (t, done)
        drawn = bar(done / total, _BAR, ascii_only=self.signs.ascii_only)
        words = f"{drawn} {bytes_text(done)} of {bytes_text(total)}"
        speed = (done - self._since[1]) / (t - self._since[0]) if t > self._since[0] + 1 else 0.0
        if speed > 0:
            words += f"  {bytes_text(speed)}/s  {duration_text(max(0, total - done) / speed)} left"
        return words

    def _draw(self, what: str, line: str) -> None:
        self.display = True
        rows = [
            Content.assemble(("Fetching ", "$text-accent bold"), plain(what, one_line=True), ("  esc stops", "dim"))
        ]
        rows += [Content(line)] if line else []
        rows += [Content.styled(plain(note, one_line=True), "$text-muted") for note in self._notes]
        self.update(Content("\n").join(rows))

    def _last(self, words: str, colour: str) -> None:
        self.display = True
        self.update(Content.styled(plain(words), colour))
