"""The files of an evaluation, side by side in the run's folder: report.json, report.html, items.csv."""

from pathlib import Path

from chatforge.evaluation import items_csv, page, report
from chatforge.evaluation.report import Report
from chatforge.runs import folder
from chatforge.runs.folder import RunFolder


def write(run: RunFolder, found: Report) -> None:
    """Write all of them.

    Raises:
        OSError: the folder cannot be written.
    """
    run.evaluation.mkdir(exist_ok=True)
    folder.write_json(run.evaluation / report.FILE, found.to_json())
    write_page(run, found)
    write_items(run, found)


def write_page(run: RunFolder, found: Report) -> Path:
    """Write the report as a page; return where it is."""
    path = run.evaluation / page.FILE
    folder.write_text(path, page.page(found))
    return path


def write_items(run: RunFolder, found: Report) -> Path:
    """Write the table of all replies; return where it is."""
    path = run.evaluation / items_csv.FILE
    folder.write_text(path, items_csv.items_csv(found))
    return path
