"""`chatforge compare`: runs against each other on the conversations that all of them were judged on."""

from pathlib import Path

import click

from chatforge.cli.console import out
from chatforge.cli.options import json_option, runs_option, show_json
from chatforge.cli.report import WIDTH
from chatforge.errors import UserError
from chatforge.evaluation import report as reports
from chatforge.runs import folder


@click.command()
@click.argument("run_ids", metavar="RUN RUN...", nargs=-1, required=True)
@click.option("--only", multiple=True, metavar="MEASURE", help="Only this measure, by its key; can be given again.")
@runs_option
@json_option
def compare(run_ids: tuple[str, ...], only: tuple[str, ...], runs_dir: Path, as_json: bool) -> None:
    """Compare the adapted models of runs with that of the first, paired, on their common conversations.

    Common are conversations with the same history and the same true reply. All runs must have been judged with the
    same encoder and the same number of candidates.
    """
    found = list(dict.fromkeys(folder.find(runs_dir, run_id) for run_id in run_ids))
    if len(found) < 2:
        raise UserError(
            "a run can only be compared with another one", hint="name two or more; `chatforge runs` lists them"
        )
    given = [(run.id, reports.read(run.evaluation / reports.FILE)) for run in found]
    # Here and not at the top: numpy and scipy take longer to import than `--help` may.
    from chatforge.evaluation.comparison import compare as compare_reports
    from chatforge.evaluation.comparison_tables import as_json as to_json
    from chatforge.evaluation.comparison_tables import tables

    comparison = compare_reports(given, only)
    if as_json:
        show_json(to_json(comparison))
        return
    console = out()
    for part in tables(comparison):
        console.print(part, width=min(WIDTH, console.width))
        console.print()
