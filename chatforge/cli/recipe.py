"""`chatforge recipe …`: explain, check, list the fields of, and start a recipe."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from chatforge.cli import console as screen
from chatforge.cli.console import say
from chatforge.errors import UserError
from chatforge.paths import expand
from chatforge.project.inputs import check_inputs
from chatforge.project.new_project import write_recipe
from chatforge.recipe.explain import explain_json, fields_markdown, print_explanation
from chatforge.recipe.files import load_recipe
from chatforge.recipe.presets import resolve
from chatforge.words import plain

_FILE = click.argument("file", type=click.Path(path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")


@click.group()
def recipe() -> None:
    """Look at, check and write recipes."""


@recipe.command("explain")
@_FILE
@_JSON
def explain_command(file: Path, as_json: bool) -> None:
    """Show every value that a run of FILE would use, and where it comes from."""
    from chatforge.project.facts import gather

    loaded = load_recipe(file)
    facts = gather(loaded)
    resolved = resolve(loaded, facts)
    if as_json:
        click.echo(json.dumps(explain_json(loaded, resolved, facts), indent=2, ensure_ascii=False))
    else:
        print_explanation(screen.out(), loaded, resolved, facts)


@recipe.command("check")
@_FILE
@_JSON
def check_command(file: Path, as_json: bool) -> None:
    """Say everything that is wrong with FILE and the data and models it names; exit code 1 if anything is."""
    try:
        loaded = load_recipe(file)
        notes = list(check_inputs(loaded, file, evaluating=True).notes)
    except UserError as error:
        if not as_json:
            raise
        problems = [asdict(problem) | {"file": str(problem.file or file)} for problem in error.problems]
        click.echo(json.dumps({"version": 1, "ok": False, "problems": problems, "notes": []}, indent=2))
        raise click.exceptions.Exit(1) from None
    if as_json:
        click.echo(json.dumps({"version": 1, "ok": True, "problems": [], "notes": notes}, indent=2))
        return
    for note in notes:
        click.echo(plain(f"note: {note}"))
    click.echo(
        f"{file}: nothing is wrong. `chatforge recipe explain {file}` shows every value, `chatforge run {file}` begins."
    )


@recipe.command("fields")
def fields_command() -> None:
    """List every field that a recipe may set, as markdown."""
    click.echo(fields_markdown(), nl=False)


@recipe.command("new")
@_FILE
@click.option(
    "--train",
    metavar="FILE",
    default="conversations.jsonl",
    show_default=True,
    help="File of conversations; a path starts at the recipe.",
)
@click.option("--base", metavar="MODEL", default="smollm2-135m-instruct", show_default=True, help="Base model.")
def new_command(file: Path, train: str, base: str) -> None:
    """Write a new recipe with every field explained; never overwrites."""
    write_recipe(file, train, base)
    click.echo(f"{file} written. Edit it, then: chatforge recipe check {file}")
    place = file.parent / expand(train)
    if not place.is_file():
        say(screen.err(), f"There is no {place} yet: put your conversations there, or name your file under data.train.")
