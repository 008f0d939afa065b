"""The chat at a terminal: commands, replies that stream, Ctrl-C that stops them."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from chatforge.chat.client import ChatClient
from chatforge.chat.commands import Order, parse
from chatforge.chat.protocol import (
    MODES,
    Again,
    Began,
    Ended,
    Failed,
    Mode,
    Note,
    Piece,
    Ready,
    Reset,
    Restore,
    Save,
    Say,
    SetMode,
    SetSampling,
    SetSystem,
)
from chatforge.cli.chat_prompt import COMMANDS, prompt
from chatforge.cli.chat_training import Training
from chatforge.cli.chat_transcripts import earlier_talks, history_of, listed
from chatforge.cli.console import err, out
from chatforge.errors import UserError, did_you_mean
from chatforge.paths import expand
from chatforge.project.nearest import Nearest
from chatforge.runs.folder import RunFolder
from chatforge.words import plain

KEYS = (
    "Enter sends, Alt-Enter begins a new line, Ctrl-C stops the reply.",
    "A message that begins with a slash: write two.",
)


class Talk:
    """One chat at the terminal.

    Args:
        client: the worker, ready.
        ready: what it said when it was.
        ask: returns the next line, given the words before it; raises EOFError to leave, KeyboardInterrupt to drop the
            line.
        run: the run that is talked with; None for a base.
        nearest: makes the client that finds the closest training conversations.
    """

    def __init__(
        self,
        client: ChatClient,
        ready: Ready,
        ask: Callable[[str], str] | None = None,
        *,
        run: RunFolder | None = None,
        nearest: Callable[..., Nearest] = Nearest,
    ) -> None:
        self._client = client
        self._mode: Mode = ready.mode
        self._modes = ready.modes
        self._system = ready.system
        self._drawn = (ready.temperature, ready.top_p, ready.max_new_tokens)
        self._transcript = ready.transcript
        self._model = ready.model
        self._ask = ask or prompt()
        self._fixing = False  # the next line is the reply as it should have been
        self._run = run
        self._training = Training(run, ready.transcript, self._tell, nearest)

    def run(self) -> None:
        """Talk until the user leaves."""
        self._tell(f"{self._model}: {self._mode}. /help lists the commands, Ctrl-D leaves.")
        if self._transcript:
            self._tell(f"The talk is kept in {self._transcript}")
        try:
            self._listen()
        finally:
            self._training.close()

    def _listen(self) -> None:
        while True:
            try:
                line = self._ask("should be> " if self._fixing else "you> ").strip()
            except EOFError:
                return
            except KeyboardInterrupt:
                self._tell("The reply stays as it is." if self._fixing else "Ctrl-D leaves.")
                self._fixing = False
                continue
            if line == "/quit":
                return
            self.take(line)

    def take(self, line: str) -> None:
        """Do one line: a command, a message, or the reply as it should have been."""
        fixing, self._fixing = self._fixing, False
        said = parse(line)
        if fixing and (not line or isinstance(said, Order)):
            self._tell("The reply stays as it is.")
        if isinstance(said, Order):
            self._obey(lambda: self._command(said.name, said.rest))
        elif fixing and line:
            self._obey(lambda: self._fix(said))
        elif line:
            self._stream(Say, said)

    def _obey(self, do: Callable[[], object]) -> None:
        """Do a command; what is wrong with it is said, and the talk goes on."""
        try:
            do()
        except UserError as error:
            self._tell(str(error))

    def _command(self, name: str, rest: str) -> None:
        orders: Mapping[str, Callable[[], object]] = {
            "/again": lambda: self._stream(Again),
            "/fix": lambda: self._fix(rest),
            "/undo": self._undo,
            "/closest": self._training.closest,
            "/system": lambda: self._set_system(rest),
            "/sampling": lambda: self._set_sampling(rest.split()),
            "/reset": lambda: self._do(Reset, told="The conversation begins afresh."),
            "/open": lambda: self._open(rest),
            "/save": lambda: self._save(rest),
            "/help": self._help,
        }
        mode = name.removeprefix("/")
        if mode in MODES:
            self._choose(mode)
        elif name in orders:
            orders[name]()
        else:
            guess = did_you_mean(name, COMMANDS)
            self._tell(f"There is no command {name}{f': {guess}' if guess else ''} (/help lists them)")

    def _stream(self, kind: type, *values: str) -> None:
        """Have a command done that is answered by replies."""
        printer = _Printer()
        with _ctrl_c(self._client.stop):
            for event in self._client.events(self._client.send(kind, *values)):
                match event:
                    case Began(who=who):
                        printer.begin(who)
                    case Piece(text=piece):
                        printer.add(piece)
                    case Ended(stopped_by=why):
                        printer.end(" [stopped]" if why == "asked" else "")
                    case Note(text=note):
                        self._tell(note)
                    case Failed(what=what):
                        printer.end("")
                        self._tell(what)

    def _choose(self, mode: Mode) -> None:
        if mode not in self._modes:
            known = ", ".join(m for m in MODES if m in self._modes)
            self._tell(f"There is no {mode} model in this chat, only: {known}. `chatforge chat RUN` has both.")
        elif self._do(SetMode, mode, told=f"From now on: {mode}."):
            self._mode = mode

    def _set_system(self, text: str) -> None:
        if not text:
            self._tell(f"System message: {self._system or '(none)'}")
        elif self._do(SetSystem, text, told="The system message is changed; the conversation stays (/reset drops it)."):
            self._system = text

    def _set_sampling(self, words: list[str]) -> None:
        temperature, top_p, tokens = self._drawn
        try:
            match words:
                case []:
                    self._tell(f"Sampling: temperature {temperature:g}, top_p {top_p:g}, at most {tokens} tokens")
                    return
                case [t]:
                    drawn = float(t), top_p, tokens
                case [t, p]:
                    drawn = float(t), float(p), tokens
                case [t, p, n]:
                    drawn = float(t), float(p), int(n)
                case _:
                    raise ValueError
        except ValueError:
            self._tell("Say numbers, such as: /sampling 0.7 0.9 256")
            return
        if self._do(SetSampling, *drawn):
            self._drawn = drawn
            self._set_sampling([])

    def _fix(self, text: str) -> None:
        self._training.check(self._mode)
        if text:
            self._do(Restore, self._training.fix(text), told="The conversation goes on with your reply.")
        else:
            self._fixing = True
            self._tell("The next line is taken as the reply that should have been; an empty one leaves it as it is.")

    def _undo(self) -> None:
        if history := self._training.undo():
            self._do(Restore, history, told="The conversation goes on with the model's reply.")

    def _open(self, number: str) -> None:
        """List earlier talks, or go on with one of them."""
        kept = earlier_talks(self._run, self._transcript)
        if not number:
            for line in listed(kept):
                self._tell(line)
            return
        system, history = history_of(kept, number)
        if self._do(Restore, history, told="The conversation goes on from there."):
            self._system = system

    def _save(self, name: str) -> None:
        if not name:
            self._tell("Say where: /save FILE")
            return
        # The worker need not stand in the same folder as we do.
        self._do(Save, str(expand(name).absolute()))

    def _do(self, kind: type, *values: Any, told: str = "") -> bool:
        """Have the worker do a command; return whether it could."""
        fine = True
        for event in self._client.events(self._client.send(kind, *values)):
            match event:
                case Failed(what=what):
                    fine = False
                    self._tell(what)
                case Note(text=note):
                    self._tell(note)
        if fine and told:
            self._tell(told)
        return fine

    def _help(self) -> None:
        for name, sentence in COMMANDS.items():
            self._tell(f"{name:11}{sentence}")
        for line in KEYS:
            self._tell(line)

    def _tell(self, text: str) -> None:
        err().print(plain(text), style="dim", soft_wrap=True)


class _Printer:
    """Prints replies as they come: who speaks, then the text without the white space that models begin with."""

    def __init__(self) -> None:
        self._open = False
        self._bare = True

    def begin(self, who: str) -> None:
        out().print(f"{who}>", style="bold", end=" ")
        self._open = self._bare = True

    def add(self, piece: str) -> None:
        text = plain(piece)
        if self._bare:
            text = text.lstrip()
        if text:
            self._bare = False
            click.echo(text, nl=False)

    def end(self, mark: str) -> None:
        """Close the line, if a reply is open."""
        if self._open:
            click.echo(mark)
            self._open = False


@contextmanager
def _ctrl_c(stop: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C stop the reply, and a second one leave the chat.

    A handler, not `except KeyboardInterrupt`: an exception could strike between two events and lose one.
    """
    presses = 0

    def pressed(number: int, frame: FrameType | None) -> None:
        nonlocal presses
        presses += 1
        if presses > 1:
            raise KeyboardInterrupt
        stop()

    before = signal.signal(signal.SIGINT, pressed)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
