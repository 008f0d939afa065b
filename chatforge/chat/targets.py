"""Whom to talk with: a trained run or a base, and how its worker is to be started. Light."""

from dataclasses import dataclass
from pathlib import Path

from chatforge.chat.settings import from_lock
from chatforge.errors import UserError
from chatforge.models.sources import folder_here
from chatforge.models.store import Store
from chatforge.paths import store
from chatforge.recipe.schema import DEFAULT_SYSTEM
from chatforge.runs import folder, state
from chatforge.runs.folder import RunFolder


@dataclass(frozen=True)
class Target:
    """What `ChatClient` needs: the worker's arguments and its log; and what to tell the user first."""

    arguments: tuple[str, ...]
    log: Path
    notice: str | None = None


def target_of_run(run: RunFolder, system: str | None = None) -> Target:
    """Talk with what a run has learned, and with its base.

    Args:
        system: the system message in place of the run's own.

    Raises:
        UserError: its training is not finished.
    """
    if not is_trained(run):
        raise UserError(
            f"run {run.id} has nothing to talk with: its training is not finished",
            hint=f"`{run.command('resume')}` goes on with it, `{run.command('attach')}` shows it if it is running",
        )
    arguments = (str(run.path.absolute()), *options(system=system))
    return Target(arguments, run.log("chat"), from_lock(run.lock).notice)


def target_of_base(name: str, home: Path, system: str | None = None) -> Target:
    """Talk with a base: a catalogue name, a stored model or a folder.

    Args:
        home: ChatForge's folder. system: the system message; None takes the one every recipe begins with.

    Raises:
        UserError: there is no such model, or it is not on this machine yet.
    """
    model = folder_here(name, Store(store(home)))
    text = DEFAULT_SYSTEM if system is None else system
    return Target(("--base", str(model.absolute()), *options(system=text)), home / "chat-base.log")


def newest_trained(runs_dir: Path) -> RunFolder:
    """Return the newest run that can be talked with.

    Raises:
        UserError: there is none.
    """
    trained = [run for run in folder.list_runs(runs_dir) if is_trained(run)]
    if not trained:
        raise UserError(
            f"no trained run in the folder {runs_dir}",
            hint="train one with `chatforge run RECIPE`, say with --runs where yours are, or take --base MODEL",
        )
    return trained[-1]


def is_trained(run: RunFolder) -> bool:
    """Whether a run has something to talk with."""
    return state.stage_status(run, "train") == "done"


def options(**values: object) -> list[str]:
    """Command line for the values that are given, each as one word: a text may begin with a dash."""
    return [f"--{name.replace('_', '-')}={value}" for name, value in values.items() if value is not None]
