"""Make a run from a recipe, and go on with one: everything decided and written down before a worker starts."""

from collections.abc import Iterable
from pathlib import Path

from chatforge import paths
from chatforge.dialogues.split import record, split_of
from chatforge.errors import UserError
from chatforge.project.data_files import read_by
from chatforge.project.facts import gather
from chatforge.project.inputs import Inputs
from chatforge.recipe.files import LoadedRecipe, recipe_from_dict
from chatforge.recipe.presets import resolve
from chatforge.recipe.schema import Recipe
from chatforge.runs import folder, lockfile, state
from chatforge.runs.folder import RunFolder


def create(loaded: LoadedRecipe, runs_dir: Path, home: Path, inputs: Inputs | None = None) -> RunFolder:
    """Resolve a recipe and make its run, with recipe.yaml and lock.json in it.

    Args:
        inputs: what `check_inputs` found just now; without it the conversations are read and divided here.

    Raises:
        UserError: the data cannot be used, or was changed since it was checked.
    """
    resolved = resolve(loaded, gather(loaded, home)).as_json()
    data = loaded.recipe.data
    split = inputs.split if inputs else record(split_of(data, loaded.recipe.training.seed), loaded.recipe.training.seed)
    asked = resolved["resolved"], resolved["origins"]
    lock = lockfile.make(loaded.path, loaded.text, *asked, read_by(data), paths.store(home), split)
    if inputs:
        lockfile.check(lock, {"data": inputs.data})
    made = folder.create(runs_dir, loaded.recipe.name or loaded.path.stem, loaded.text)
    lockfile.write(made, lock)
    return made


def models(recipe: Recipe, *, evaluating: bool, rivals: Iterable[Path] = ()) -> list[str]:
    """Names of the models whose weights a run needs on this machine.

    Args:
        rivals: folders of the runs that it is compared with: each starts from a base of its own. One that is gone
            needs nothing: the evaluation goes on without it, and says so.

    Raises:
        UserError: the lock of a rival is damaged.
    """
    asked = recipe.evaluation
    encoders = [asked.encoder, *([asked.second_encoder] if asked.second_encoder else [])]
    others = [recipe_of(run).model.base for run in map(RunFolder, rivals) if run.lock.is_file()]
    return [recipe.model.base, *(encoders if evaluating else []), *others]


def recipe_of(run: RunFolder) -> Recipe:
    """The recipe of a run as it was resolved, every field filled.

    Raises:
        UserError: the run has no lock, or it is damaged.
    """
    return recipe_from_dict(lockfile.read(run).resolved, run.path)


def check_unchanged(run: RunFolder) -> None:
    """See that the data is what it was when the run began; files to which something was added will do.

    Raises:
        UserError: it is not.
    """
    lockfile.grown(lockfile.read(run))


def what_is_left(run: RunFolder) -> tuple[str, str | None]:
    """Return the stage to go on with, and the one to follow it, as at the first start.

    Raises:
        UserError: nothing is left to do.
    """
    if state.stage_status(run, "train") != "done":
        return "train", (state.entry(run, "train") or {}).get("then")
    if state.stage_status(run, "evaluate") == "done":
        raise UserError(
            f"run {run.id} is trained and evaluated: nothing is left to do",
            hint=f"`{run.command('report')}` shows how it did, `{run.command('chat')}` talks to it",
        )
    return "evaluate", None
