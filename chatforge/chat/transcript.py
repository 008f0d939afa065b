"""What was said, written while it is said: one JSON line per happening in the run's `transcripts/`.

    {"v": 1, "t": 1795168031.2, "kind": "session", "model": "1121-shop-a", "system": "You help."}
    {"v": 1, "t": …, "kind": "user", "text": "Is it open today?"}
    {"v": 1, "t": …, "kind": "assistant", "who": "adapted", "text": "Yes, un", "stopped_by": "asked", "seconds": 1.4}

The user's turn is on disk before the model begins. The file is made with the first line: no talk, no file. `read`
returns what a talk came to: replies that were written again or corrected stand in it as they are now.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from chatforge.errors import UserError
from chatforge.runs.folder import RunFolder

VERSION = 1

NEWEST = 200
"""Transcripts that are listed at most: the newest."""


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


@dataclass(frozen=True)
class Said:
    """One reply; `stopped_by` is "" and `tokens` None where the transcript does not know."""

    who: str
    text: str
    stopped_by: str = ""
    seconds: float = 0.0
    tokens: int | None = None


@dataclass(frozen=True)
class Turn:
    """One message of the user and what was answered.

    Attributes:
        t: when it was said, in seconds since 1970.
        system: the system message then.
        part: how often the talk had begun afresh before.
    """

    t: float
    user: str
    replies: tuple[Said, ...]
    system: str
    part: int

    @property
    def answer(self) -> Said | None:
        """The reply that the talk goes on with; None if nothing came.

        A whole one before one that broke off, the adapted one's before the base's, a later one before an earlier.
        """
        came = [said for said in reversed(self.replies) if said.text.strip()]
        return max(came, key=lambda said: (said.stopped_by != "error", said.who == "adapted"), default=None)


@dataclass(frozen=True)
class Kept:
    """A talk in a list.

    Attributes:
        t: when something was last said in it. first: what was said first; turns: how many were answered; both since
            it last began afresh.
    """

    path: Path
    t: float
    first: str
    turns: int


def read(path: Path) -> list[Turn]:
    """Read what a talk came to; lines that cannot be read are left out, as a torn last one.

    Raises:
        UserError: the file cannot be read.
    """
    return _Reader(path).turns


def present(path: Path) -> list[Turn]:
    """Read the answered turns that the talk goes on with: those since it last began afresh; [] without a file.

    Raises:
        UserError: the file cannot be read.
    """
    return latest(path)[1] if path.is_file() else []


def latest(path: Path) -> tuple[str, list[Turn]]:
    """Read what a talk goes on with: its system message as it is now, also if no reply came since, and `present`.

    Raises:
        UserError: the file cannot be read.
    """
    reader = _Reader(path)
    return reader.system, [turn for turn in reader.turns if turn.part == reader.part and turn.answer]


def messages_of(turns: Sequence[Turn]) -> tuple[dict[str, str], ...]:
    """Return the last part of a talk as `Restore` takes it, its system message first."""
    last = [turn for turn in turns if turn.part == turns[-1].part and turn.answer]
    rows = [{"role": "system", "content": turns[-1].system}] if turns and turns[-1].system else []
    for turn in last:
        rows.append({"role": "user", "content": turn.user})
        rows.append({"role": "assistant", "content": turn.answer.text.strip() if turn.answer else ""})
    return tuple(rows)


def list_transcripts(run: RunFolder, *, without: Path | None = None) -> list[Kept]:
    """The talks held with a run, the newest first; those with nothing to go on with are left out.

    Args:
        without: the transcript of the talk that is going on.
    """
    found = []
    for path in sorted(run.transcripts.glob("*.jsonl"), reverse=True)[:NEWEST]:  # their names begin with the time
        if path == without:
            continue
        try:
            turns = present(path)
        except UserError:
            continue
        if turns:
            found.append(Kept(path, turns[-1].t, turns[0].user, len(turns)))
    return sorted(found, key=lambda kept: (kept.t, kept.path.name), reverse=True)


class _Reader:
    """Goes through a transcript line by line; `turns` is what it came to, `system` the system message at its end."""

    def __init__(self, path: Path) -> None:
        self.turns: list[Turn] = []
        self.part = 0
        self.system = ""
        self._again = False  # the next reply takes the place of those that are there
        for row in _rows(path):
            self._take(row, str(row.get("text", "")))

    def _take(self, row: Mapping[str, Any], text: str) -> None:
        match row.get("kind"):
            case "session":
                self.system = str(row.get("system", ""))
            case "system":
                self.system = text
            case "reset":
                self.part += 1
            case "restore":
                self._restore(row)
            case "again":
                self._again = True
            case "user":
                self._again = False
                self.turns.append(Turn(_number(row.get("t")), text, (), self.system, self.part))
            case "assistant" if self.turns:
                self._reply(row, text)

    def _reply(self, row: Mapping[str, Any], text: str) -> None:
        last, tokens = self.turns[-1], row.get("tokens")
        said = Said(
            str(row.get("who", "")),
            text,
            str(row.get("stopped_by", "")),
            _number(row.get("seconds")),
            tokens if isinstance(tokens, int) else None,
        )
        if self._again and not text.strip():
            return  # nothing came: the replies before stay
        before = () if self._again else last.replies
        self._again = False
        self.turns[-1] = replace(last, replies=(*before, said), system=self.system)

    def _restore(self, row: Mapping[str, Any]) -> None:
        """Take a history for the present one: the same talk with other replies, or another talk."""
        self.system, rows = str(row.get("system", "")), row.get("messages")
        texts = [str(one.get("content", "")) for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
        pairs = list(zip(texts[::2], texts[1::2], strict=False))
        now = [turn for turn in self.turns if turn.part == self.part and turn.answer]
        if [turn.user for turn in now[: len(pairs)]] == [user for user, _ in pairs]:
            self.turns = [turn for turn in self.turns if turn.part != self.part]
        else:
            self.part, now = self.part + 1, []
        t = _number(row.get("t"))
        for place, (user, reply) in enumerate(pairs):
            old = now[place] if now else Turn(t, user, (), self.system, self.part)
            same = old.answer is not None and old.answer.text.strip() == reply
            if not same:  # a person's words in the place of the model's; what the base said is still so
                others = (said for said in old.replies if said.who != "adapted")
                old = replace(old, replies=(*others, Said("adapted", reply)))
            self.turns.append(old)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise UserError(f"the transcript cannot be read: {error.strerror}", file=path) from error
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield row


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
