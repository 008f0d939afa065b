"""How long a recipe would train each of the bases one can choose from, on this machine."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from chatforge.errors import UserError
from chatforge.project.bases import Base
from chatforge.project.circumstances import Circumstances, gather
from chatforge.project.prediction import predict, with_field
from chatforge.recipe.files import LoadedRecipe, load_recipe
from chatforge.recipe.presets import resolve


def seconds_by_base(recipe: Path, runs_dir: Path, home: Path, bases: Iterable[Base]) -> Mapping[str, float]:
    """Predicted seconds by name of the base, as far as size, data and speed are known.

    Reads the dialogue files: not for the screen's own thread.
    """
    try:
        loaded = load_recipe(recipe)
        known = gather(loaded, runs_dir, home)
    except (UserError, OSError):  # told where the recipe and its data are mended
        return {}
    found = ((base.name, _seconds(loaded, known, base)) for base in bases)
    return {name: seconds for name, seconds in found if seconds is not None}


def _seconds(loaded: LoadedRecipe, known: Circumstances, base: Base) -> float | None:
    if base.entry is None or base.problem:
        return None
    facts = replace(known.facts, parameters=base.entry.parameters)
    resolved = resolve(with_field(loaded, "model.base", base.name), facts)
    return predict(resolved, replace(known, facts=facts, shape=base.entry.shape)).seconds
