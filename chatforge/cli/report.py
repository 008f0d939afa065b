"""`chatforge report`: how a run did against its rivals."""

from pathlib import Path

import click
from rich.console import Console

from chatforge.cli.console import out
from chatforge.cli.options import json_option, runs_option, show_json
from chatforge.evaluation import report as reports
from chatforge.evaluation.tables import tables
from chatforge.runs import folder
from chatforge.runs.folder import RunFolder
from chatforge.words import plain

WIDTH = 80


@click.command()
@click.argument("run_id", metavar="RUN")
@runs_option
@json_option
def report(run_id: str, runs_dir: Path, as_json: bool) -> None:
    """Print how RUN did against its rivals, and the verdict."""
    found = folder.find(runs_dir, run_id)
    if as_json:
        show_json(_read(found).to_json())
        return
    print_report(found, out())


def print_report(run: RunFolder, console: Console) -> None:
    """Print a run's report.

    Raises:
        UserError: there is none, or it cannot be read.
    """
    for part in tables(_read(run), lambda text: plain(text, one_line=True)):
        console.print(part, width=min(WIDTH, console.width))
        console.print()


def _read(run: RunFolder) -> reports.Report:
    return reports.read(run.evaluation / reports.FILE)
