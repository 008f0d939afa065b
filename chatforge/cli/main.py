"""The command `chatforge`. Commands are imported when they are used: `--help` is instant."""

import importlib
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import click

from chatforge import __version__
from chatforge.errors import UserError, did_you_mean

COMMANDS: Mapping[str, tuple[str, str]] = {
    "app": ("chatforge.tui.command:app", "Open the full-screen app, as `chatforge` alone does."),
    "run": ("chatforge.cli.run:run", "Train by a recipe, evaluate, and print the verdict."),
    "train": ("chatforge.cli.run:train", "Train by a recipe."),
    "evaluate": ("chatforge.cli.run:evaluate", "Judge a trained run on its held-out conversations."),
    "chat": ("chatforge.cli.chat:chat", "Talk with a trained run, or with a base model."),
    "models": ("chatforge.cli.models:models", "List base models, fetch them, see what fits this machine."),
    "data": ("chatforge.cli.data:data", "Look at dialogue files: what is in them, what is wrong with them."),
    "recipe": ("chatforge.cli.recipe:recipe", "Explain, check or begin a recipe."),
    "runs": ("chatforge.cli.runs:runs", "List the runs, or delete one."),
    "attach": ("chatforge.cli.runs:attach", "Show a run that works in the background."),
    "stop": ("chatforge.cli.runs:stop", "Save a run's work and stop it."),
    "resume": ("chatforge.cli.runs:resume", "Go on with a run that was stopped or died."),
    "report": ("chatforge.cli.report:report", "Print how a run did against its rivals."),
    "blind": ("chatforge.cli.blind:blind", "Judge pairs of replies without knowing whose they are."),
    "compare": ("chatforge.cli.compare:compare", "Compare runs on the conversations that all were judged on."),
    "export": ("chatforge.cli.export:export", "Hand on what a run has learned, with its card."),
    "evaluator": ("chatforge.cli.evaluator:evaluator", "See how well the automatic scores agree with people."),
    "doctor": ("chatforge.cli.doctor:doctor", "Say what is wrong with this machine or installation."),
}
"""Name → where it is, and its sentence in the list of commands."""

EPILOG = """\b
First steps:
  chatforge recipe new my.yaml --train talks.jsonl   write a recipe
  chatforge run my.yaml                              train, judge, verdict
  chatforge chat                                     talk with the result

\b
Exit codes: 0 done, whatever the verdict; 1 failed; 2 wrong usage;
130 interrupted; with --fail-unless better also 3 not better, 4 no verdict."""


class LazyGroup(click.Group):
    """A group whose commands are imported only when one is called. click asks for these three methods."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a newcomer's way, not of the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a word that is none, say which one is near."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            guess = did_you_mean(args[0], COMMANDS)
            ctx.fail(f"no command {args[0]!r}{f': {guess}' if guess else ''}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
    help="Make a base chat model your own with your dialogues, on your own machine, and prove whether that helped.",
    invoke_without_command=True,
)
@click.version_option(__version__, prog_name="chatforge")
@click.pass_context
def cli(context: click.Context) -> object:
    """Hold the commands. Without one: the app where a person sits at a terminal, else the help."""
    if context.invoked_subcommand:
        return None
    app = cli.get_command(context, "app") if sys.stdin.isatty() and sys.stdout.isatty() else None
    if app:
        return context.invoke(app)
    click.echo(context.get_help(), err=True)
    return 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (the process's own by default); return its exit code.

    Errors are told on stderr; only with CHATFORGE_TRACE=1 are they raised.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # in tests they may be anything that can be written to
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        code = cli.main(arguments, prog_name="chatforge", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        _silence_stdout()
        return 1
    except (click.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        return _fail(error)
    return code if isinstance(code, int) else 0


def _fail(error: Exception) -> int:
    """Tell the user what is wrong; a trace is for us, on request."""
    from chatforge.words import plain

    if os.environ.get("CHATFORGE_TRACE"):
        raise error
    print(f"error: {plain(_words(error))}", file=sys.stderr)  # noqa: T201 (must work when nothing else does)
    return 1


def _words(error: Exception) -> str:
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] != "chatforge":
        return _not_installed(error.name.partition(".")[0])
    hint = "set CHATFORGE_TRACE=1 and try again for the trace that a bug report needs"
    return f"unexpected {type(error).__name__}: {error}; this is a bug in ChatForge\n    → {hint}"


def _not_installed(module: str) -> str:
    """What to do about a package that is not there: the program was renewed, what it needs was not."""
    root, command = Path(__file__).resolve().parents[2], [sys.executable, "-m", "pip", "install"]
    if (root / "constraints.txt").is_file():
        command += ["--constraint", str(root / "constraints.txt"), "--editable", str(root)]
    else:
        command += ["--upgrade", "chatforge"]
    return (
        f"the Python package {module!r} is missing: this installation is older than the program\n"
        f"    → install again: `{shlex.join(command)}`"
    )


def _silence_stdout() -> None:
    """The reader has left (`| head`); Python would complain once more when it flushes at exit."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
