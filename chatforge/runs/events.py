"""What a worker says while it works: typed events, one JSON line each, appended to a file.

    {"v": 1, "seq": 17, "t": 1795168031.2, "kind": "step", "step": 12, "total": 48, "loss": 1.93, ...}

One writer per file; `reading` follows it.
"""

import dataclasses
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chatforge.runs import wire

VERSION = 1


@dataclass(frozen=True)
class Started:
    """A worker has begun a stage."""

    stage: str
    pid: int


@dataclass(frozen=True)
class Phase:
    """What the worker does now: loading, rendering, training, evaluating, saving …"""

    name: str


@dataclass(frozen=True)
class Phases:
    """The phases that are to come, in order: which there are hangs on what was asked."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """How far the present phase is, in `unit`s."""

    done: int
    total: int
    unit: str


@dataclass(frozen=True)
class Plan:
    """What training will do, said before its first step. Seconds and bytes are predictions.

    `canaries` are learned besides the conversations. `text_steps` and `text_seconds` are those of the whole that are
    spent on texts, before the conversations.
    """

    steps: int
    epochs: float
    conversations: int
    tokens_per_epoch: int
    learned_share: float
    cut: int
    dropped: int
    predicted_seconds: float
    predicted_bytes: int
    device: str
    dtype: str
    dtype_reason: str
    threads: int
    trainable: int
    parameters: int
    canaries: int = 0
    text_steps: int = 0
    text_seconds: float = 0.0


@dataclass(frozen=True)
class Step:
    """One optimizer step. `loss` is nats per learned token; `memory_bytes` is this process's use now."""

    step: int
    total: int
    epoch: float
    loss: float
    learning_rate: float
    grad_norm: float
    tokens_per_second: float
    memory_bytes: int
    eta_seconds: float


@dataclass(frozen=True)
class Eval:
    """Loss on the validation conversations, nats per learned token; `best`: the lowest so far."""

    step: int
    loss: float
    best: bool


@dataclass(frozen=True)
class Sample:
    """What the model answers at this step to a prompt that stays the same through the run."""

    step: int
    prompt: str
    reply: str


@dataclass(frozen=True)
class Scored:
    """How well one rival's replies can be told apart, with its 95% interval: known before there is a verdict.

    `value`, `low`, `high` and `chance` are shares from 0 to 1.
    """

    rival: str
    value: float
    low: float
    high: float
    chance: float


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint is complete on disk."""

    step: int
    path: str


@dataclass(frozen=True)
class Note:
    """Something the user should be able to find later: counted, cut, defaulted, guessed."""

    text: str


@dataclass(frozen=True)
class Warning:  # noqa: A001 (the word the product uses)
    """Something that may spoil the result."""

    text: str


@dataclass(frozen=True)
class Heartbeat:
    """The worker lives; sent every few seconds whatever it does."""

    phase: str
    memory_bytes: int


@dataclass(frozen=True)
class Error:
    """The stage has failed: why, and what to do."""

    what: str
    hint: str | None = None


@dataclass(frozen=True)
class Stopped:
    """The stage ended early because it was asked to; `step` is where it can go on."""

    step: int


@dataclass(frozen=True)
class Finished:
    """The stage is done. `facts` are its closing figures."""

    seconds: float
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Unknown:
    """An event of a kind that this version does not know."""

    kind: str
    fields: Mapping[str, Any]


Event = (
    Started | Phase | Phases | Progress | Plan | Step | Eval | Sample | Scored | Checkpoint | Note | Warning | Heartbeat
    | Error | Stopped | Finished | Unknown
)  # fmt: skip

_KINDS = wire.kinds((
    Started, Phase, Phases, Progress, Plan, Step, Eval, Sample, Scored, Checkpoint, Note, Warning, Heartbeat, Error,
    Stopped, Finished,
))  # fmt: skip


@dataclass(frozen=True)
class Stamped:
    """An event with its number in the file and its time (seconds since 1970)."""

    seq: int
    t: float
    event: Event


def to_line(stamped: Stamped) -> str:
    """Return the JSON line of an event, newline included."""
    event = stamped.event
    known = not isinstance(event, Unknown)
    fields = dataclasses.asdict(event) if known else dict(event.fields)  # type: ignore[union-attr]
    kind = type(event).__name__.lower() if known else event.kind  # type: ignore[union-attr]
    head = {"v": VERSION, "seq": stamped.seq, "t": round(stamped.t, 3), "kind": kind}
    return json.dumps(head | fields, ensure_ascii=False) + "\n"


def from_line(line: str | bytes) -> Stamped | None:
    """Read one line; None if it is not an event. Fields and kinds of other versions do no harm."""
    try:
        data = json.loads(line)
        seq, t, kind = int(data.pop("seq")), float(data.pop("t")), str(data.pop("kind"))
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    data.pop("v", None)
    known = _KINDS.get(kind)
    if known is None:
        return Stamped(seq, t, Unknown(kind, data))
    try:
        return Stamped(seq, t, wire.build(known, data))
    except TypeError:
        return Stamped(seq, t, Unknown(kind, data))


class EventWriter:
    """Appends events to a file, one per call, flushed at once. Safe to use from several threads.

    Numbers go on where an earlier writer of the file ended; the torn last line of a killed one is closed.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seq, torn = _last_seq(path)
        self._file: BufferedWriter = path.open("ab")
        if torn:
            self._file.write(b"\n")

    def write(self, event: Event) -> None:
        """Append one event; after `close` it is dropped (a heartbeat may come late)."""
        with self._lock:
            if self._file.closed:
                return
            self._seq += 1
            self._file.write(to_line(Stamped(self._seq, self._clock(), event)).encode())
            self._file.flush()

    def close(self) -> None:
        """End the file; later events are dropped."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _last_seq(path: Path) -> tuple[int, bool]:
    """Return the last number in the file and whether its last line is torn."""
    if not path.exists():
        return 0, False
    content = path.read_bytes()
    seqs = [stamped.seq for line in content.splitlines() if (stamped := from_line(line))]
    return (seqs[-1] if seqs else 0), bool(content) and not content.endswith(b"\n")
