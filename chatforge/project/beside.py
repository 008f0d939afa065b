"""What a recipe learns beside train: named as it stands there, added, weighed and taken out.

data.mix       further datasets by weight      data.texts    texts, before the dialogues
data.replay    general chat by share
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatforge.errors import UserError
from chatforge.paths import expand
from chatforge.project.data_files import as_field, named_files, same_file, word_for, words_of
from chatforge.recipe.files import load_draft


@dataclass(frozen=True)
class Dataset:
    """A further dataset as the recipe writes it.

    Attributes:
        words: its files. weight: how often a pass learns each of its conversations.
    """

    words: tuple[str, ...]
    weight: float

    @property
    def name(self) -> str:
        """What it is called."""
        more = f" and {len(self.words) - 1} more" if len(self.words) > 1 else ""
        return f"{self.words[0] if self.words else '?'}{more}"


@dataclass(frozen=True)
class Beside:
    """All of it; a recipe that cannot be read names nothing.

    Attributes:
        replay: share of general chat, 0 to 1. texts: as the recipe writes them.
    """

    datasets: tuple[Dataset, ...] = ()
    replay: float = 0.0
    texts: tuple[str, ...] = ()


def beside_of(recipe_path: Path) -> Beside:
    """Read what a recipe learns beside train, also when something in it is wrong."""
    values = _values(recipe_path)
    datasets = (Dataset(tuple(words_of(one.get("files"))), _weight(one)) for one in _datasets(values))
    replay = values.get("data.replay")
    share = float(replay) if isinstance(replay, int | float) and 0 <= replay < 1 else 0.0
    return Beside(tuple(datasets), share, tuple(words_of(values.get("data.texts"))))


def with_dataset(recipe_path: Path, path: Path) -> Mapping[str, Any]:
    """The fields to set so that a recipe mixes in one file more.

    Raises:
        UserError: the recipe names it already.
    """
    _refuse_twice(recipe_path, path)
    return {"data.mix": [*_datasets(_values(recipe_path)), {"files": word_for(recipe_path, path)}]}


def with_weight(recipe_path: Path, number: int, weight: float) -> Mapping[str, Any]:
    """The fields to set so that a dataset, counted from 0, has another weight."""
    found = _datasets(_values(recipe_path))
    found[number] = {**found[number], "weight": int(weight) if weight == int(weight) else weight}
    return {"data.mix": found}


def without_dataset(recipe_path: Path, number: int) -> Mapping[str, Any]:
    """The fields to set so that a dataset, counted from 0, is no longer mixed in."""
    found = _datasets(_values(recipe_path))
    return {"data.mix": found[:number] + found[number + 1 :] or None}


def with_text(recipe_path: Path, path: Path) -> Mapping[str, Any]:
    """The fields to set so that a recipe learns one text more.

    Raises:
        UserError: the recipe names it already.
    """
    _refuse_twice(recipe_path, path)
    return as_field("texts", [*beside_of(recipe_path).texts, word_for(recipe_path, path)])


def without_text(recipe_path: Path, number: int) -> Mapping[str, Any]:
    """The fields to set so that a text, counted from 0, is no longer learned."""
    texts = beside_of(recipe_path).texts
    return as_field("texts", [*texts[:number], *texts[number + 1 :]])


def with_replay(share: float) -> Mapping[str, Any]:
    """The fields to set so that so much of a pass is general chat; 0: none."""
    return {"data.replay": share or None}


def _refuse_twice(recipe_path: Path, path: Path) -> None:
    named, base_dir = beside_of(recipe_path), recipe_path.absolute().parent
    places: dict[str, tuple[str, Path]] = {file.word: (file.part, file.path) for file in named_files(recipe_path)}
    for where, words in [("the mix", one.words) for one in named.datasets] + [("texts", named.texts)]:
        places |= {word: (where, base_dir / expand(word)) for word in words}
    for word, (where, place) in places.items():
        if same_file(place, path):
            raise UserError(f"{word} is in {where} already")


def _values(recipe_path: Path) -> Mapping[str, object]:
    try:
        return load_draft(recipe_path).values
    except UserError:
        return {}


def _datasets(values: Mapping[str, object]) -> list[dict[str, Any]]:
    found = values.get("data.mix")
    return [dict(one) for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _weight(one: Mapping[str, Any]) -> float:
    weight = one.get("weight", 1.0)
    return float(weight) if isinstance(weight, int | float) else 1.0
