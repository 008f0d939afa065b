"""The app in a real terminal: a pty with an emulator at its other end, so that tests read what a person sees."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte

PATIENCE = 60.0
"""Seconds after which a test gives up."""


class Terminal:
    """`chatforge` with arguments, in a terminal of some size; a context manager that kills it in the end."""

    def __init__(self, *arguments: str, size: tuple[int, int] = (80, 24), cwd: Path | None = None) -> None:
        width, height = size
        self._screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self._screen)
        environment = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "chatforge", *arguments],
            dimensions=(height, width),
            env=os.environ | environment,
            cwd=str(cwd) if cwd else None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.close(force=True)

    def text(self) -> str:
        """What is on the screen."""
        self._read()
        return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        """Press keys; control codes and escapes as a terminal sends them."""
        self.child.send(keys)

    def wait_for(self, *wanted: str, patience: float = PATIENCE) -> str:
        """Wait until all of these words are on the screen; return it."""
        self.wait_until(lambda text: all(word in text for word in wanted), f"{wanted} on the screen", patience)
        return self.text()

    def wait_until(self, holds: Callable[[str], bool], what: str, patience: float = PATIENCE) -> None:
        """Wait until something holds of the screen.

        Raises:
            AssertionError: it does not come to hold; shows the screen.
        """
        end = time.monotonic() + patience
        while not holds(self.text()):
            if time.monotonic() > end:
                raise AssertionError(f"{what}: did not come; the screen:\n{self.text()}")

    def _read(self) -> None:
        try:
            self._stream.feed(self.child.read_nonblocking(1 << 16, timeout=0.1))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
