"""A recipe with every value that will be used, and where each came from; `presets.resolve` makes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from chatforge.recipe.schema import Recipe, iter_fields

Source = Literal["recipe", "preset", "default", "machine"]


@dataclass(frozen=True)
class Origin:
    """Where a value came from, and why it is what it is ("line 12", "2 x lora_r")."""

    source: Source
    why: str


class Row(NamedTuple):
    """One field of a resolved recipe, ready to be shown. `value` is plain (path as text, None = not used)."""

    field: str
    value: object
    source: Source
    why: str
    description: str


@dataclass(frozen=True)
class Resolved:
    """A recipe with every value that will be used.

    None remains only where a value has no meaning (an adapter's rank with method full), means all
    (`evaluation.conversations`) or nothing (`chat.notice`); its origin says which.
    """

    recipe: Recipe
    origins: dict[str, Origin]

    def rows(self) -> list[Row]:
        """Every field, in file order, with value, source, reason and its sentence."""
        values = self.recipe.model_dump(mode="json")
        rows = []
        for name, info in iter_fields():
            origin = self.origins[name]
            rows.append(Row(name, value_of(values, name), origin.source, origin.why, info.description or ""))
        return rows

    def as_json(self) -> dict[str, Any]:
        """{"resolved": nested plain values, "origins": {field: {"source", "why"}}}, as lock.json keeps them."""
        origins = {name: {"source": item.source, "why": item.why} for name, item in self.origins.items()}
        return {"resolved": self.recipe.model_dump(mode="json"), "origins": origins}


def value_of(values: Mapping[str, Any], name: str) -> Any:
    """The value of a field by its whole name ("training.seed") among nested ones."""
    block, _, leaf = name.rpartition(".")
    return values[block][leaf] if block else values[leaf]
