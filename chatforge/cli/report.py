"""`chatforge report`: how a run did against its rivals."""

from pathlib import Path

import click
from rich.console import Console

from chatforge.cli.console import err, out
from chatforge.cli.options import json_option, runs_option, show_json
from chatforge.evaluation import report as reports
from chatforge.evaluation.tables import tables
from chatforge.project import browser
from chatforge.runs import folder
from chatforge.runs.folder import RunFolder
from chatforge.words import plain

WIDTH = 80


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--html", "as_html", is_flag=True, help="Write the report as one HTML file, and print where it is.")
@click.option("--csv", "as_csv", is_flag=True, help="Write all replies of all rivals as a table; print where it is.")
@click.option(
    "--open", "opened", is_flag=True, help="The same, and open it in the browser, or say how to bring it there."
)
@runs_option
@json_option
def report(run_id: str, as_html: bool, as_csv: bool, opened: bool, runs_dir: Path, as_json: bool) -> None:
    """Print how RUN did against its rivals, and the verdict.

    An evaluation writes report.html and items.csv beside report.json, in the run's folder; --html and --csv write them
    anew. In items.csv a text that a spreadsheet would take for a formula has an apostrophe in front.
    """
    if as_json and (as_html or as_csv or opened):
        raise click.UsageError("--json prints the report; it cannot be given with --html, --csv or --open")
    found = folder.find(runs_dir, run_id)
    if as_html or as_csv or opened:
        _write(found, as_html=as_html or opened, as_csv=as_csv, opened=opened)
    if as_json:
        show_json(_read(found).to_json())
    elif not (as_html or as_csv or opened):
        print_report(found, out())


def print_report(run: RunFolder, console: Console) -> None:
    """Print a run's report.

    Raises:
        UserError: there is none, or it cannot be read.
    """
    for part in tables(_read(run)):
        console.print(part, width=min(WIDTH, console.width))
        console.print()


def _write(run: RunFolder, *, as_html: bool, as_csv: bool, opened: bool) -> None:
    """Write what was asked for; where it is goes to stdout, a line each."""
    from chatforge.evaluation import files  # not at the top: the page is long, and `--help` needs none of it

    found = _read(run)
    if as_html:
        page = files.write_page(run, found).resolve()
        _say_path(page)
        if opened and not (shown := browser.offer(page)).opened:
            err().print(plain(shown.how), soft_wrap=True)  # in one piece: a command is copied
    if as_csv:
        _say_path(files.write_items(run, found).resolve())


def _say_path(path: Path) -> None:
    """In one piece, so that it can be copied."""
    out().print(plain(str(path)), soft_wrap=True)


def _read(run: RunFolder) -> reports.Report:
    return reports.read(run.evaluation / reports.FILE)
