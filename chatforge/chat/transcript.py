"""What was said, written while it is said: one JSON line per happening in the run's `transcripts/`.

    {"v": 1, "t": 1795168031.2, "kind": "session", "model": "1121-shop-a", "system": "You help."}
    {"v": 1, "t": …, "kind": "user", "text": "Is it open today?"}
    {"v": 1, "t": …, "kind": "assistant", "who": "adapted", "text": "Yes, un", "stopped_by": "asked", "seconds": 1.4}

The user's turn is on disk before the model begins. The file is made with the first line: no talk, no file.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

VERSION = 1


class Transcript(Protocol):
    """Takes what happens in a chat."""

    @property
    def path(self) -> Path | None: ...

    def write(self, kind: str, **fields: Any) -> None:
        """Keep one happening."""
        ...


class NoTranscript:
    """Keeps nothing: a chat with a base belongs to no run."""

    path: Path | None = None

    def write(self, kind: str, **fields: Any) -> None:
        """Do nothing."""


class FileTranscript:
    """A new file in `folder`, named by the time; only its owner can read it.

    Args:
        folder: the run's `transcripts/`; made when needed.
        header: what the first line says about the session.
    """

    def __init__(self, folder: Path, header: Mapping[str, Any], clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._header: Mapping[str, Any] | None = header
        self._path = folder / f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(clock()))}-{os.getpid()}.jsonl"

    @property
    def path(self) -> Path:
        """The file; it exists once something was said."""
        return self._path

    def write(self, kind: str, **fields: Any) -> None:
        """Append one line and hand it to the disk's care.

        Raises:
            OSError: the disk is full or the folder cannot be written.
        """
        if self._header is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._append("session", self._header)
            self._header = None
        self._append(kind, fields)

    def _append(self, kind: str, fields: Mapping[str, Any]) -> None:
        line = json.dumps({"v": VERSION, "t": round(self._clock(), 3), "kind": kind, **fields}, ensure_ascii=False)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(line.encode("utf-8", "replace") + b"\n")
