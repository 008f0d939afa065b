"""The thread between the chat worker and the screen: what the worker says becomes messages, in bunches."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.message import Message

from chatforge.chat.client import ChatClient
from chatforge.chat.protocol import Event, Piece, Ready
from chatforge.chat.targets import Target, target_of_base, target_of_run
from chatforge.errors import UserError
from chatforge.recipe.schema import Recipe
from chatforge.runs import state
from chatforge.runs.folder import RunFolder, list_runs

BUNCH_SECONDS = 0.04
"""Pieces of a reply are drawn at most this often: nobody reads faster."""

Start = Callable[[tuple[str, ...], Path], ChatClient]


@dataclass
class Opened(Message):
    """The model is loaded."""

    link: "Link"
    ready: Ready


@dataclass
class Heard(Message):
    """What the worker said since the last time, in order."""

    link: "Link"
    events: list[Event]


@dataclass
class Died(Message):
    """The model could not be loaded, or its process has ended; `words` say why."""

    link: "Link"
    words: str


class Link:
    """One life of a chat worker.

    Args:
        find: finds whom to talk with. tell: takes the messages. start: makes the client. The first two are called
            in the thread of `run`.
    """

    def __init__(self, find: Callable[[], Target], tell: Callable[[Message], object], start: Start) -> None:
        self.target: Target | None = None
        self._find = find
        self._tell = tell
        self._start = start
        self._client: ChatClient | None = None
        self._closed = False
        self._lock = threading.Lock()

    def run(self) -> None:
        """Start the worker and hear it out until it ends: for a thread of its own."""
        try:
            client = self._begin()
            if client is None:
                return
            self._tell(Opened(self, client.ready()))
            self._hear(client)
        except (UserError, OSError) as error:
            self._die(str(error))
        except Exception as error:  # whatever it is: "loading" must not stand there for ever
            self._die(f"unexpected {type(error).__name__}: {error}")

    def _die(self, words: str) -> None:
        if not self._closed:
            self._tell(Died(self, words))
            self.close()

    def send(self, kind: type[Any], *values: Any) -> int:
        """Send a command; return its number.

        Raises:
            UserError: the worker is dead.
        """
        if self._client is None:
            raise UserError("the model is not loaded yet")
        return self._client.send(kind, *values)

    def stop(self) -> None:
        """End the reply that is being written; a worker that is dead says so elsewhere."""
        if self._client is not None:
            try:
                self._client.stop()
            except UserError:
                return

    def close(self) -> None:
        """End the worker. May wait for its last token: not for the screen's thread."""
        with self._lock:
            closed, self._closed = self._closed, True
        if self._client is not None and not closed:
            self._client.close()

    def _begin(self) -> ChatClient | None:
        target = self.target = self._find()
        with self._lock:  # who closes meanwhile waits, and then closes what has been started
            if self._closed:
                return None
            self._client = self._start(target.arguments, target.log)
            return self._client

    def _hear(self, client: ChatClient) -> None:
        bunch: list[Event] = []
        drawn = 0.0
        try:
            while True:
                event = client.receive()
                bunch.append(event)
                # A piece that waits is followed by another one, or by the end of the reply: nothing is held for long.
                if isinstance(event, Piece):
                    if time.monotonic() - drawn < BUNCH_SECONDS:
                        continue
                    drawn = time.monotonic()
                self._tell(Heard(self, bunch))
                bunch = []
        finally:
            if bunch:  # the worker has died: its last words
                self._tell(Heard(self, bunch))


def finder(run: RunFolder | None, recipe: Recipe | None, home: Path) -> Callable[[], Target]:
    """Return what finds whom to talk with: a run's model, else the recipe's base. It reads files: for a thread."""

    def find() -> Target:
        if run:
            return target_of_run(run)
        if recipe is None:
            raise UserError("the recipe cannot be read, and nothing is trained yet")
        return target_of_base(recipe.model.base, home, recipe.data.system)

    return find


def at_work(runs_dir: Path) -> str:
    """Which run trains or is judged on this machine now, in words; "" if none."""
    living = (run for run in list_runs(runs_dir) if state.busy(run))  # one that has said its last word may be leaving
    busy = next((run for run in living if state.status(run) in ("running", "waiting")), None)
    return f"slow: run {busy.id} is at work" if busy else ""
