"""Look at a project's folder: what the recipe says, what is here, and what its latest run has come to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chatforge import paths
from chatforge.errors import Problem, UserError
from chatforge.export import record
from chatforge.models.sources import locate
from chatforge.models.store import Store
from chatforge.project.data_files import corrections_of, named_files, read_by
from chatforge.project.facts import gather
from chatforge.project.inputs import check_inputs
from chatforge.project.stages import Snapshot
from chatforge.recipe.files import LoadedRecipe, load_draft, load_recipe
from chatforge.recipe.presets import resolve
from chatforge.recipe.schema import Recipe
from chatforge.runs import folder, lockfile, state
from chatforge.runs.folder import RunFolder


@dataclass(frozen=True)
class Read:
    """What the data and models of a recipe come to.

    Attributes:
        problems: what is wrong with them. lesson: what a pass learns, in sentences; none while something is wrong.
    """

    problems: Sequence[Problem] = ()
    lesson: Sequence[str] = ()


Check = Callable[[LoadedRecipe, Path], Read]


class Looker:
    """Looks at one project again and again; reads the dialogue files only when something has changed.

    Args:
        recipe_path: the project's recipe. runs_dir: where its runs are.
        check: looks at data and models; default reads everything (`read_inputs`).
    """

    def __init__(self, recipe_path: Path, runs_dir: Path, *, check: Check | None = None) -> None:
        self.recipe_path = recipe_path
        self.runs_dir = runs_dir
        self._check = check or read_inputs
        self._known: tuple[object, Read, tuple[str, ...]] | None = None

    def glance(self) -> Snapshot:
        """How the project stands, as far as that is known without reading dialogue files: in milliseconds."""
        return self._look(read=False)

    def look(self) -> Snapshot:
        """How the project stands. May read all dialogue files: call it beside the screen, not on its thread."""
        return self._look(read=True)

    def _look(self, *, read: bool) -> Snapshot:
        run = latest_run(self.recipe_path, self.runs_dir)
        stages = {stage: state.stage_status(run, stage) if run else "new" for stage in state.STAGES}
        known = Snapshot(
            self.recipe_path, run=run, train=stages["train"], evaluate=stages["evaluate"],
            verdict=_verdict(run) if run else None, exported=bool(run and record.exported(run)),
            corrections=corrections_of(self.recipe_path, run),
            files={file.path: touched(file.path) for file in named_files(self.recipe_path)},
        )  # fmt: skip
        try:
            loaded = load_recipe(self.recipe_path)
        except UserError as error:
            return replace(known, problems=error.problems, name=_name(self.recipe_path))
        found, changed = self._read(loaded, run) if read else (Read(), ())
        base_here = _is_here(loaded.recipe.model.base)
        files = {**known.files, **{path: touched(path) for path in read_by(loaded.recipe.data)}}
        return replace(
            known, recipe=loaded.recipe, problems=tuple(found.problems), lesson=tuple(found.lesson),
            base_here=base_here, changed=changed, files=files,
        )  # fmt: skip

    def _read(self, loaded: LoadedRecipe, run: RunFolder | None) -> tuple[Read, tuple[str, ...]]:
        """What the data comes to, and what has changed since the run; remembered for as long as nothing is touched."""
        stamp = _stamp(loaded, run)
        if self._known is None or self._known[0] != stamp:
            found = self._check(loaded, self.recipe_path)
            self._known = stamp, found, () if run is None or found.problems else changed_fields(loaded, run)
        return self._known[1], self._known[2]


def read_inputs(loaded: LoadedRecipe, recipe_path: Path) -> Read:
    """Read all models and data that a recipe names, as a run would."""
    try:
        return Read(lesson=check_inputs(loaded, recipe_path, evaluating=True).lesson)
    except UserError as error:
        return Read(error.problems)


def lesson_stamp(recipe: Recipe) -> object:
    """What changes when anything does that decides what is learned of which conversations, and what is held out."""
    same = {"texts": [], "canaries": 0, "replay": 0.0}
    further = [touched(path) for one in recipe.data.mix for path in one.files]
    return recipe.data.model_copy(update=same), recipe.training.seed, recipe.training.too_long, further


def touched(path: Path) -> tuple[int, int]:
    """What changes when a file does: when it was written, and its size; (0, 0) without a file."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return 0, 0
    return found.st_mtime_ns, found.st_size


class Watch:
    """Notices when a recipe or a dialogue file that it names was changed by another program."""

    def __init__(self, recipe_path: Path) -> None:
        self._recipe_path = recipe_path
        self._seen = {recipe_path: touched(recipe_path)}

    def changed(self, snapshot: Snapshot | None) -> bool:
        """Whether something was changed since the last time, or since the snapshot was taken; each change once."""
        files = snapshot.files if snapshot else {}
        now = {path: touched(path) for path in (self._recipe_path, *files)}
        before = {**files, **self._seen}
        self._seen = now
        return any(before[path] != stamp for path, stamp in now.items())


def latest_run(recipe_path: Path, runs_dir: Path) -> RunFolder | None:
    """The newest run that was made from this recipe; None if there is none."""
    wanted = str(recipe_path.resolve())
    return next((run for run in reversed(folder.list_runs(runs_dir)) if _made_from(run) == wanted), None)


def changed_fields(loaded: LoadedRecipe, run: RunFolder) -> tuple[str, ...]:
    """Fields of a recipe whose resolved value is another one than the run used; `data` if files' contents changed.

    A field that the ChatForge of the run did not know yet counts as having had its default.
    """
    lock = lockfile.read(run)
    defaults = Recipe.model_validate({"data": {"train": ["any.jsonl"]}}).model_dump(mode="json")
    was = {block: _with_defaults(value, defaults.get(block)) for block, value in {**defaults, **lock.resolved}.items()}
    now = resolve(loaded, gather(loaded)).as_json()["resolved"]
    data = loaded.recipe.data
    hashes = lockfile.data_hashes(read_by(data))
    return (*_differing(was, now), *(["data"] if hashes != dict(lock.data) else []))


def _with_defaults(values: object, defaults: object) -> object:
    return {**defaults, **values} if isinstance(values, dict) and isinstance(defaults, dict) else values


def _differing(was: object, now: object, above: str = "") -> list[str]:
    if not isinstance(was, dict) or not isinstance(now, dict):
        return [above] if was != now else []
    names = list(dict.fromkeys([*was, *now]))
    return [
        field
        for name in names
        for field in _differing(was.get(name), now.get(name), f"{above}.{name}" if above else name)
    ]


def _stamp(loaded: LoadedRecipe, run: RunFolder | None) -> object:
    """Changes when anything does that problems or changes depend on."""
    data = loaded.recipe.data
    weights = [Path(loaded.recipe.model.base), Path(loaded.recipe.evaluation.encoder), paths.store(paths.home())]
    files = [*read_by(data), *weights, *([run.lock] if run else [])]
    return loaded.text, run, [(path, touched(path)) for path in files]


def _name(recipe_path: Path) -> str:
    """What a recipe that is not ready calls its project; "" if it does not say, or cannot be read at all."""
    try:
        found = load_draft(recipe_path).values.get("name")
    except UserError:
        return ""
    return found if isinstance(found, str) else ""


def _is_here(base: str) -> bool:
    try:
        return locate(base, Store(paths.store(paths.home()))).path is not None
    except UserError:
        return False


def _made_from(run: RunFolder) -> str | None:
    try:
        return str(Path(lockfile.read(run).recipe["path"]).resolve())
    except (UserError, KeyError):
        return None


def _verdict(run: RunFolder) -> str | None:
    """The word of the run's report, read without the whole report's model: this is asked often."""
    try:
        return str(folder.read_json(run.evaluation / "report.json")["verdict"]["word"])
    except (UserError, KeyError, TypeError):
        return None
