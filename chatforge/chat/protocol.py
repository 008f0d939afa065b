"""What an interface and the chat worker say to each other: typed messages, one JSON line each.

    interface ── {"kind": "say", "id": 3, "text": "Is it open today?"} ──────────────────────────► worker
    interface ◄─ {"kind": "began", "id": 3, "who": "adapted"}, piece, piece …, ended, done ─────── worker
    interface ── {"kind": "stop", "id": 3} ──► ends the reply to command 3 within a token; done still comes

Every command carries a number of its own and is answered with one `Done` of that number, except `Stop`, which only
hurries the command it names: a stop that comes late can never end the reply after it. `Ready` comes once before all
else, or `Failed` with `fatal` and the worker ends. Lines are ASCII, so no locale can break them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from chatforge.runs import wire

Who = Literal["base", "adapted"]
"""Who answers: the model before training, or the model with what was learned."""

Mode = Literal["base", "adapted", "both"]
"""Who is asked; `both` answers with the base first."""

StoppedBy = Literal["stop", "length", "loop", "asked", "error"]
"""Why a reply is over: its stop token; its longest length; it repeated itself; someone asked for it; it failed."""

MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class Say:
    """The user's message; answered by one or two replies."""

    id: int
    text: str


@dataclass(frozen=True)
class Again:
    """Drop the replies to the last message and answer it again, with the next seed. If nothing comes, they stay."""

    id: int


@dataclass(frozen=True)
class SetMode:
    """From now on this model answers, or both."""

    id: int
    mode: Mode


@dataclass(frozen=True)
class SetSystem:
    """From now on this is the system message; the history stays."""

    id: int
    text: str


@dataclass(frozen=True)
class SetSampling:
    """From now on replies are drawn so: 0 <= temperature <= 5, 0 < top_p <= 1, 1 <= max_new_tokens <= 8192."""

    id: int
    temperature: float
    top_p: float
    max_new_tokens: int


@dataclass(frozen=True)
class Reset:
    """Forget the history; the system message and the mode stay."""

    id: int


@dataclass(frozen=True)
class Restore:
    """Replace the history: user and assistant in turn, each {"role", "content"}.

    A system message before them becomes the system message; without one it stays as it is.
    """

    id: int
    messages: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Save:
    """Write the conversation since the last reset to a new file, as a line of `messages` JSONL."""

    id: int
    path: str


@dataclass(frozen=True)
class Stop:
    """End the reply to command `id` within a token and keep what came."""

    id: int


Command = Say | Again | SetMode | SetSystem | SetSampling | Reset | Restore | Save | Stop


@dataclass(frozen=True)
class Ready:
    """The model is loaded.

    Attributes:
        context: tokens it can read.
        transcript: file of the transcript, if one is kept.
        temperature, top_p, max_new_tokens: how replies are drawn until `SetSampling` says otherwise.
    """

    id: int
    model: str
    mode: Mode
    modes: tuple[Mode, ...]
    system: str
    context: int
    note: str | None = None
    transcript: str | None = None
    temperature: float = 0.0
    top_p: float = 1.0
    max_new_tokens: int = 256


@dataclass(frozen=True)
class Note:
    """Something the user should know: what left the history, why a reply ended, what was saved where."""

    id: int
    text: str


@dataclass(frozen=True)
class Began:
    """A reply begins; nothing has come yet."""

    id: int
    who: Who


@dataclass(frozen=True)
class Piece:
    """The next characters of the reply; raw model text, not yet fit for a terminal."""

    id: int
    text: str


@dataclass(frozen=True)
class Ended:
    """The reply is over. `seconds` counts from `Began`; `tokens`: how many the model wrote."""

    id: int
    who: Who
    stopped_by: StoppedBy
    seconds: float
    tokens: int = 0


@dataclass(frozen=True)
class Failed:
    """The command could not be done: why, and what to do. After a `fatal` one the worker ends."""

    id: int
    what: str
    fatal: bool = False


@dataclass(frozen=True)
class Done:
    """The command is over; the worker waits for the next one."""

    id: int


Event = Ready | Note | Began | Piece | Ended | Failed | Done

_COMMANDS = wire.kinds(get_args(Command))
_EVENTS = wire.kinds(get_args(Event))


def to_line(message: Command | Event) -> bytes:
    """Return the message as one JSON line, newline included."""
    return wire.to_line(message)


def command_from(line: str | bytes) -> Command | None:
    """Read a line; None if it is no command of this version."""
    command: Command | None = wire.from_line(line, _COMMANDS)
    return command


def event_from(line: str | bytes) -> Event | None:
    """Read a line; None if it is no event of this version."""
    event: Event | None = wire.from_line(line, _EVENTS)
    return event
