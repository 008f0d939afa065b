"""`chatforge` without arguments, or `chatforge app [RECIPE]`: the full-screen app."""

import gc
from pathlib import Path

import click

from chatforge.errors import UserError


@click.command()
@click.argument("recipe", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--runs", "runs_dir", type=click.Path(path_type=Path, file_okay=False), default=Path("runs"), show_default=True,
    help="Folder of the runs.",
)  # fmt: skip
def app(recipe: Path | None, runs_dir: Path) -> None:
    """Open the full-screen app: at RECIPE, or at the list of projects."""
    if recipe and not recipe.is_file():
        raise UserError("there is no such recipe", file=recipe, hint=f"`chatforge recipe new {recipe}` writes one")
    from chatforge.tui.app import ChatForge

    # Python looks through all that lives for garbage every 70,000 new objects: 150 to 300 ms between two keys here.
    # What is new is still looked through often; what is old by `ChatForge`, when nobody has typed for a while.
    gc.set_threshold(50_000, 20, 1_000)
    ChatForge(runs_dir=runs_dir, recipe=recipe).run()
