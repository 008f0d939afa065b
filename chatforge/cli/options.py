"""Options that several commands share, said once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from chatforge.cli.console import out
from chatforge.errors import UserError
from chatforge.runs import folder, state
from chatforge.runs.folder import RunFolder

Command = TypeVar("Command", bound=Callable[..., Any])

runs_option = click.option(
    "--runs",
    "runs_dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("runs"),
    show_default=True,
    help="Folder of the runs.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")

detach_option = click.option("--detach", is_flag=True, help="Leave it to work in the background; see `attach`.")

fail_option = click.option(
    "--fail-unless",
    type=click.Choice(["better"]),
    help="Exit with 3 if the verdict is not `better`, with 4 if there is no verdict.",
)


def find_or_only_running(runs_dir: Path, wanted: str | None) -> RunFolder:
    """Return the run that was named, or the only one that runs if none was.

    Raises:
        UserError: no such run; none named and none or several run.
    """
    if wanted is not None:
        return folder.find(runs_dir, wanted)
    running = [run for run in folder.list_runs(runs_dir) if state.busy(run)]
    if len(running) == 1:
        return running[0]
    names = ", ".join(run.id for run in running)
    what = f"several runs are running: {names}" if running else f"no run in the folder {runs_dir} is running"
    raise UserError(what, hint="name one; `chatforge runs` lists them")


def show_json(value: Any) -> None:
    """Print a value as JSON on stdout, one line, whatever the terminal's encoding."""
    import json

    out().print(json.dumps(value, ensure_ascii=True), soft_wrap=True)
