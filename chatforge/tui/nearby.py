"""The closest training conversations, asked for from threads; its worker starts with the first question."""

import threading
from collections.abc import Callable

from chatforge.errors import UserError
from chatforge.project.nearest import Answer, Nearest
from chatforge.runs.folder import RunFolder

Progress = Callable[[int, int], None]


class Nearby:
    """Asks about one run.

    Args:
        run: whose training conversations. start: makes the client.
    """

    def __init__(self, run: RunFolder, start: Callable[[RunFolder, Progress], Nearest] = Nearest) -> None:
        self.run = run
        self._start = start
        self._nearest: Nearest | None = None
        self._closed = False
        self._lock = threading.Lock()

    def ask(self, text: str, context: str, on_progress: Progress) -> Answer:
        """Wait for an answer; a worker that is dead is started again by the next question.

        Raises:
            UserError: there is none.
        """
        try:
            with self._lock:
                if self._closed:
                    raise UserError("closed")
                nearest = self._nearest = self._nearest or self._start(self.run, on_progress)
            return nearest.ask(text, context)
        except OSError as error:
            raise UserError(f"cannot be compared: {error.strerror}") from error
        except UserError:
            self._forget()
            raise

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            self._closed = True
        self._forget()

    def _forget(self) -> None:
        with self._lock:
            nearest, self._nearest = self._nearest, None
        if nearest is not None:
            nearest.close()
