"""The ways to show a run's events: a live picture, plain lines, JSON."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Protocol

from rich.console import Console
from rich.live import Live

from chatforge.cli import console as screen
from chatforge.cli.console import say
from chatforge.cli.lines import Lines
from chatforge.cli.view import View
from chatforge.runs.events import Stamped, to_line
from chatforge.runs.folder import RunFolder

Answer = Literal["detach", "stop", "go on"]

QUESTION = "[d]etach: it goes on in the background, [s]top and save, or [g]o on? "


class Face(Protocol):
    """One way to show events."""

    def add(self, stamped: Stamped) -> None:
        """Take in an event."""

    def tick(self) -> None:
        """Show the present; called several times a second."""

    def ask(self) -> Answer:
        """Ctrl-C was pressed: what now?"""

    def close(self) -> None:
        """Show nothing more."""


@dataclass
class LiveFace:
    """A picture that is drawn anew a few times a second."""

    console: Console
    view: View
    read: Callable[[str], str] = input
    _live: Live | None = None
    _drawn: float = 0.0

    def add(self, stamped: Stamped) -> None:
        """Take in an event."""
        self.view.add(stamped)

    def tick(self) -> None:
        """Draw, four times a second, once if the screen is far away."""
        every = 1.0 if screen.is_remote() else 0.25
        if time.monotonic() - self._drawn >= every:
            self._draw()

    def ask(self) -> Answer:
        """Ask, with the picture taken away; no answer, or Ctrl-C once more, means detach: nothing is lost."""
        if self._live:
            self._live.transient = True
            self._live.stop()
            self._live = None
        with suppress(EOFError, KeyboardInterrupt):
            reply = self.read(QUESTION).strip().lower()
            return "stop" if reply.startswith("s") else "go on" if reply.startswith("g") else "detach"
        return "detach"

    def close(self) -> None:
        """Leave the last picture standing."""
        self._draw()
        if self._live:
            self._live.stop()
            self._live = None

    def _draw(self) -> None:
        if self._live is None:
            self._live = Live(console=self.console, auto_refresh=False, vertical_overflow="crop")
            self._live.start()
        self._live.update(self.view, refresh=True)
        self._drawn = time.monotonic()


@dataclass
class LinesFace:
    """Plain lines on stdout. Nobody is there to be asked: Ctrl-C saves and stops, once more leaves."""

    console: Console
    lines: Lines = field(default_factory=Lines)
    _asked: int = 0

    def add(self, stamped: Stamped) -> None:
        """Print what there is to say of an event."""
        for line in self.lines.add(stamped):
            say(self.console, line)

    def tick(self) -> None:
        """Nothing moves here."""

    def ask(self) -> Answer:
        """Answer by ourselves."""
        self._asked += 1
        return "stop" if self._asked == 1 else "detach"

    def close(self) -> None:
        """Nothing stands open."""


class JsonFace(LinesFace):
    """The events themselves, one JSON line each, as they stand in the run."""

    def add(self, stamped: Stamped) -> None:
        """Print an event's line, in ASCII so that every terminal can carry it."""
        self.console.file.write(json.dumps(json.loads(to_line(stamped))) + "\n")
        self.console.file.flush()


def choose_face(run: RunFolder, *, as_json: bool) -> Face:
    """The picture where a person looks on, else lines, or JSON if asked for."""
    console = screen.out()
    if as_json:
        return JsonFace(console)
    if screen.is_interactive(console):
        hint = "Ctrl-C: detach, stop and save, or go on"
        return LiveFace(console, View(run.id, hint, ascii_only=not screen.can_draw(console)))
    return LinesFace(console)
