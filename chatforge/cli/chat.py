"""`chatforge chat`: talk with a trained run, or with a base model. The model lives in a process of its own."""

import sys
import termios
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from chatforge.chat.client import ChatClient
from chatforge.chat.protocol import Ended, Failed, Note, Piece, Ready, Say
from chatforge.chat.targets import Target, newest_trained, options, target_of_base, target_of_run
from chatforge.cli.console import err, say
from chatforge.cli.options import runs_option
from chatforge.errors import UserError
from chatforge.paths import home
from chatforge.recipe.schema import DEFAULT_SYSTEM
from chatforge.runs import folder
from chatforge.runs.folder import RunFolder
from chatforge.words import plain


@click.command()
@click.argument("run", required=False)
@click.option("--base", metavar="MODEL", help="Talk with this base model in place of a run: a name or a folder.")
@runs_option
@click.option("--system", metavar="TEXT", help="System message in place of the run's own.")
@click.option("--max-new-tokens", type=click.IntRange(1, 8192), help="Longest reply in tokens.")
@click.option("--temperature", type=click.FloatRange(0, 5), help="Randomness of replies; 0 for none.")
def chat(
    run: str | None,
    base: str | None,
    runs_dir: Path,
    system: str | None,
    max_new_tokens: int | None,
    temperature: float | None,
) -> None:
    """Talk with RUN (the newest trained one, if none is named) or with a base model.

    \b
    At a terminal: Enter sends, Ctrl-C stops the reply, Ctrl-D leaves,
    /help lists the commands.
    In a pipe: each line of standard input is answered on standard output.
    """
    if run and base:
        raise click.UsageError("name a run or give --base, not both")
    target, chosen = _target(runs_dir, run, base, system)
    more = options(max_new_tokens=max_new_tokens, temperature=temperature)
    with ChatClient([*target.arguments, *more], target.log) as client:
        ready = _load(client)
        for text in (target.notice, ready.note):
            if text:
                say(err(), text)
        if sys.stdin.isatty():
            from chatforge.cli.chat_terminal import Talk

            Talk(client, ready, run=chosen).run()
        else:
            answer_lines(client, sys.stdin.buffer)


def answer_lines(client: ChatClient, lines: Iterable[bytes]) -> None:
    """Answer each line of a pipe or file, one after the other, in one conversation. Blank lines are left out.

    Raises:
        UserError: a line is not UTF-8 or cannot be answered; says which.
    """
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8").removeprefix("\ufeff").strip()
        except UnicodeDecodeError:
            raise UserError("standard input is not UTF-8 text", line=number) from None
        if text:
            _answer_line(client, text, number)


def _answer_line(client: ChatClient, text: str, number: int) -> None:
    for event in client.events(client.send(Say, text)):
        match event:
            case Piece(text=piece):
                click.echo(plain(piece), nl=False)
            case Ended():
                click.echo()
            case Note(text=note):
                say(err(), f"line {number}: {note}")
            case Failed(what=what):
                raise UserError(what, line=number)


def _load(client: ChatClient) -> Ready:
    """Wait for the model, and show that we do."""
    console = err()
    if not console.is_terminal:
        say(console, "loading the model …")
        return client.ready()
    with _unseen_keys(), console.status("loading the model …"):
        return client.ready()


@contextmanager
def _unseen_keys() -> Iterator[None]:
    """Keep what is typed meanwhile from being drawn across the screen; it stands in the first line one is asked for."""
    try:
        before = termios.tcgetattr(sys.stdin)
    except (termios.error, ValueError, OSError):  # a pipe, or closed
        yield
        return
    unseen = list(before)
    unseen[3] &= ~termios.ECHO
    termios.tcsetattr(sys.stdin, termios.TCSANOW, unseen)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)


def _target(
    runs_dir: Path, wanted: str | None, base: str | None, system: str | None
) -> tuple[Target, RunFolder | None]:
    """Whom to talk with; says what was chosen for the user."""
    if base:
        target = target_of_base(base, home(), system)
        if system is None:
            say(err(), f"system message: {DEFAULT_SYSTEM} (--system sets another)")
        return target, None
    run = folder.find(runs_dir, wanted) if wanted else newest_trained(runs_dir)
    if not wanted:
        say(err(), f"talking with the newest trained run, {run.id}")
    return target_of_run(run, system), run
