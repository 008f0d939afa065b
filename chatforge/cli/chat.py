"""`chatforge chat`: talk with a trained run, or with a base model. The model lives in a process of its own."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from chatforge.chat.client import ChatClient
from chatforge.chat.protocol import Ended, Failed, Note, Piece, Ready, Say
from chatforge.chat.settings import from_lock
from chatforge.cli.console import err, plain, say
from chatforge.cli.options import runs_option
from chatforge.errors import UserError
from chatforge.models import sources
from chatforge.models.store import Store
from chatforge.paths import home, store
from chatforge.recipe.schema import DEFAULT_SYSTEM
from chatforge.runs import folder, state
from chatforge.runs.folder import RunFolder


@dataclass(frozen=True)
class Target:
    """Whom to talk with: the worker's arguments, its log, and what to say first."""

    arguments: tuple[str, ...]
    log: Path
    notice: str | None


@click.command()
@click.argument("run", required=False)
@click.option("--base", metavar="MODEL", help="Talk with this base model in place of a run: a name or a folder.")
@runs_option
@click.option("--system", metavar="TEXT", help="System message in place of the run's own.")
@click.option("--max-new-tokens", type=click.IntRange(min=1), help="Longest reply in tokens.")
@click.option("--temperature", type=click.FloatRange(min=0), help="Randomness of replies; 0 for none.")
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
    target = _base(base, system) if base else _run(runs_dir, run, system)
    options = _options(max_new_tokens=max_new_tokens, temperature=temperature)
    with ChatClient([*target.arguments, *options], target.log) as client:
        ready = _load(client)
        for text in (target.notice, ready.note):
            if text:
                say(err(), text)
        if sys.stdin.isatty():
            from chatforge.cli.chat_terminal import Talk

            Talk(client, ready).run()
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
    with console.status("loading the model …"):
        return client.ready()


def _run(runs_dir: Path, wanted: str | None, system: str | None) -> Target:
    run = folder.find(runs_dir, wanted) if wanted else _newest(runs_dir)
    if not _is_trained(run):
        raise UserError(
            f"run {run.id} has nothing to talk with: its training is not finished",
            hint=f"`chatforge resume {run.id}` goes on with it, `chatforge attach {run.id}` shows it if it is running",
        )
    arguments = (str(run.path.absolute()), *_options(system=system))
    return Target(arguments, run.log("chat"), from_lock(run.lock).notice)


def _newest(runs_dir: Path) -> RunFolder:
    trained = [run for run in folder.list_runs(runs_dir) if _is_trained(run)]
    if not trained:
        raise UserError(
            f"no trained run in the folder {runs_dir}",
            hint="train one with `chatforge run RECIPE`, say with --runs where yours are, or take --base MODEL",
        )
    say(err(), f"talking with the newest trained run, {trained[-1].id}")
    return trained[-1]


def _is_trained(run: RunFolder) -> bool:
    return state.stage_status(run, "train") == "done"


def _base(base: str, system: str | None) -> Target:
    model = _model_folder(base)
    text = DEFAULT_SYSTEM if system is None else system
    if system is None:
        say(err(), f"system message: {text} (--system sets another)")
    return Target(("--base", str(model.absolute()), "--system", text), home() / "chat-base.log", None)


def _options(**values: object) -> list[str]:
    """Command line for the values that were given, each as one word: a text may begin with a dash."""
    return [f"--{name.replace('_', '-')}={value}" for name, value in values.items() if value is not None]


def _model_folder(base: str) -> Path:
    """Return the folder of a base.

    Raises:
        UserError: there is no such model, or it is not on this machine yet.
    """
    source = sources.locate(base, Store(store(home())))
    if source.path is None:
        raise UserError(
            f"the model `{base}` is not on this machine yet", hint=f"fetch it with `chatforge models fetch {base}`"
        )
    return source.path
