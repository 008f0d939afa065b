"""`chatforge run`, `train` and `evaluate`: check everything, then start a worker and show what it does."""

from collections.abc import Iterable
from pathlib import Path

import click

from chatforge import paths
from chatforge.cli import console as screen
from chatforge.cli.console import say
from chatforge.cli.faces import Face, LiveFace, choose_face
from chatforge.cli.fetching import ensure
from chatforge.cli.live import exit_code, watch
from chatforge.cli.options import detach_option, fail_option, json_option, runs_option, show_json
from chatforge.cli.report import print_report
from chatforge.errors import UserError
from chatforge.evaluation import elsewhere, report
from chatforge.project import new_run
from chatforge.project.inputs import check_inputs
from chatforge.recipe.files import load_recipe
from chatforge.runs import folder, launch, state
from chatforge.runs.folder import RunFolder

START_SECONDS = 60.0
"""How long `--detach` waits to see that the worker really began."""

_RECIPE = click.argument("recipe", type=click.Path(path_type=Path))


@click.command()
@_RECIPE
@runs_option
@detach_option
@json_option
@fail_option
def run(recipe: Path, runs_dir: Path, detach: bool, as_json: bool, fail_unless: str | None) -> int:
    """Train by RECIPE, evaluate on the held-out conversations, and print the verdict."""
    _check_options(detach, fail_unless)
    made = prepare(recipe, runs_dir, evaluating=True)
    return work(made, "train", "evaluate", detach=detach, as_json=as_json, fail_unless=fail_unless)


@click.command()
@_RECIPE
@runs_option
@detach_option
@json_option
def train(recipe: Path, runs_dir: Path, detach: bool, as_json: bool) -> int:
    """Train by RECIPE."""
    made = prepare(recipe, runs_dir, evaluating=False)
    return work(made, "train", None, detach=detach, as_json=as_json)


@click.command()
@click.argument("run_id", metavar="RUN")
@runs_option
@detach_option
@json_option
@fail_option
@click.option("--rival", "others", multiple=True, metavar="RUN", help="Compare with what another run learned, too.")
@click.option(
    "--endpoint",
    "endpoints",
    multiple=True,
    metavar="NAME=URL#MODEL",
    help="Compare with a model behind an OpenAI-compatible address, too; its key is taken from CHATFORGE_KEY_NAME.",
)
@click.option("--remote", is_flag=True, help="Allow endpoints on other machines: held-out conversations go there.")
def evaluate(
    run_id: str,
    runs_dir: Path,
    detach: bool,
    as_json: bool,
    fail_unless: str | None,
    others: tuple[str, ...],
    endpoints: tuple[str, ...],
    remote: bool,
) -> int:
    """Judge the trained RUN on its held-out conversations."""
    _check_options(detach, fail_unless)
    found = folder.find(runs_dir, run_id)
    if state.stage_status(found, "train") != "done":
        raise UserError(
            f"run {found.id} is not trained: it is {state.status(found)}",
            hint=f"`{found.command('attach')}` shows it if it runs, `{found.command('resume')}` goes on with it",
        )
    wanted = elsewhere.asked([_rival(runs_dir, found, other) for other in others], endpoints, remote=remote)
    ensure_weights(found, evaluating=True, rivals=wanted.runs)
    elsewhere.write(found, wanted)
    return work(found, "evaluate", None, detach=detach, as_json=as_json, fail_unless=fail_unless)


def _rival(runs_dir: Path, judged: RunFolder, other: str) -> RunFolder:
    """Another run, of the same folder or named by its path."""
    path = Path(other)
    found = RunFolder(path) if RunFolder(path).recipe.is_file() else folder.find(runs_dir, other)
    if found.path.resolve() == judged.path.resolve():
        raise UserError(f"run {found.id} cannot be a rival of its own", hint="name another run with --rival")
    if state.stage_status(found, "train") != "done":
        raise UserError(f"run {found.id} is not trained: it is {state.status(found)}", hint="name one that is")
    return found


def prepare(recipe_path: Path, runs_dir: Path, *, evaluating: bool) -> RunFolder:
    """Read recipe and data, see that the weights are there, and make the run: bad input is told before work starts.

    Raises:
        UserError: anything in recipe or data that is wrong.
    """
    loaded = load_recipe(recipe_path)
    inputs = check_inputs(loaded, recipe_path, evaluating=evaluating)
    for note in inputs.notes:
        say(screen.err(), f"note: {note}")
    home = paths.home()
    ensure(new_run.models(loaded.recipe, evaluating=evaluating), home, screen.err())
    made = new_run.create(loaded, runs_dir, home, inputs)
    say(screen.err(), f"run {made.id} in {made.path}")
    return made


def ensure_weights(found: RunFolder, *, evaluating: bool, rivals: Iterable[Path] = ()) -> None:
    """See that the weights of a run are on this machine; they may have been deleted since it was made.

    Args:
        rivals: folders of the runs that it is compared with.
    """
    names = new_run.models(new_run.recipe_of(found), evaluating=evaluating, rivals=rivals)
    ensure(names, paths.home(), screen.err())


def work(
    found: RunFolder,
    stage: str,
    then: str | None,
    *,
    detach: bool,
    as_json: bool,
    fail_unless: str | None = None,
) -> int:
    """Start the worker of a stage and show it, or leave it in the background; return the exit code."""
    stages = [stage, then] if then else [stage]
    if detach:
        pid = launch.start(found, stage, then, wait_seconds=START_SECONDS)
        if as_json:
            show_json(_record(found) | {"pid": pid})
        else:
            say(screen.out(), f"{found.id} works in the background: `{found.command('attach')}` shows it")
        return 0
    face = choose_face(found, as_json=as_json)
    # The picture of a resumed training shows the whole of its curve; lines say only what is new.
    whole = isinstance(face, LiveFace) and stage == "train"
    offsets = {} if whole else {one: _size(found.events(one)) for one in stages}
    launch.start(found, stage, then)
    return show(found, stages, face, offsets=offsets, as_json=as_json, fail_unless=fail_unless)


def show(
    found: RunFolder,
    stages: list[str],
    face: Face,
    *,
    offsets: dict[str, int],
    as_json: bool,
    fail_unless: str | None = None,
) -> int:
    """Show stages until they end, then what came out; return the exit code.

    Raises:
        UserError: the worker failed or died.
    """
    if as_json:
        show_json(_record(found))
    ending = watch(found, stages, face, offsets)
    code = exit_code(found, ending, face)
    if ending.how != "done":
        return code
    if "evaluate" not in stages:
        say(screen.err(), f"evaluate it with `{found.command('evaluate')}`, talk to it with `{found.command('chat')}`")
        return 0
    if not as_json:
        print_report(found, screen.out())
        say(screen.out(), f"Talk to it:  {found.command('chat')}")
    return verdict_code(found) if fail_unless else 0


def verdict_code(found: RunFolder) -> int:
    """Exit code of `--fail-unless better`: 0 better, 3 not better, 4 no verdict."""
    try:
        word = report.read(found.evaluation / report.FILE).verdict.word
    except UserError:
        return 4
    return {"better": 0, "no verdict": 4}.get(word, 3)


def _record(found: RunFolder) -> dict[str, object]:
    """The first line of JSON output: which run the rest is about."""
    return {"v": 1, "kind": "run", "id": found.id, "path": str(found.path.resolve())}


def _check_options(detach: bool, fail_unless: str | None) -> None:
    if detach and fail_unless:
        raise click.UsageError("--fail-unless needs the end of the work, which --detach does not wait for")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
