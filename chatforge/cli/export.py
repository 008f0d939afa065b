"""`chatforge export`: hand on what a run has learned, with its card."""

from pathlib import Path

import click

from chatforge.cli import console as screen
from chatforge.cli.console import is_interactive, say
from chatforge.cli.options import json_option, runs_option, show_json
from chatforge.errors import UserError
from chatforge.export import adapter
from chatforge.export.adapter import Parcel
from chatforge.paths import expand
from chatforge.runs import folder
from chatforge.words import bytes_text


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), help="Folder to write; default is exports/ in the run's folder."
)
@click.option("--replace", is_flag=True, help="An earlier export there may go; other files are never touched.")
@runs_option
@json_option
def export(run_id: str, target: Path | None, replace: bool, runs_dir: Path, as_json: bool) -> int:
    """Copy what RUN has learned into a folder, with a card that says how it did."""
    parcel = adapter.pack(folder.find(runs_dir, run_id))
    place = expand(target or parcel.target)
    if not replace and adapter.what_is_at(place) == "earlier export":
        replace = _ask(place, parcel)
        if not replace:
            return 1
    written = adapter.write(parcel, place, replace=replace)
    if as_json:
        files = {item.name: item.size for item in parcel.items}
        show_json({"v": 1, "kind": "export", "path": str(written), "run": parcel.run.id, "files": files})
        return 0
    for item in parcel.items:
        say(screen.err(), f"    {item.name:<28} {bytes_text(item.size):>10}  {item.what}")
    say(screen.out(), f"{written}: {len(parcel.items)} files, {bytes_text(parcel.size)}")
    say(screen.err(), f"{written / adapter.README} says how to use it and how it did")
    return 0


def _ask(place: Path, parcel: Parcel) -> bool:
    """Ask whether an earlier export may go.

    Raises:
        UserError: nobody is here to be asked.
    """
    if not is_interactive(screen.err()):
        raise UserError(
            "an earlier export is there", file=place, hint="choose another folder by --to, or say --replace"
        )
    return click.confirm(f"{place} holds an earlier export. Replace it with that of {parcel.run.id}?", err=True)
