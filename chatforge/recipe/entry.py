"""One field by itself, as a form shows it: from what was typed to a value, and what is wrong with that.

The rules are the schema's own; nothing is said twice.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError

from chatforge.errors import Problem
from chatforge.recipe.problems import from_validation
from chatforge.recipe.schema import Recipe, iter_fields


def problem_of(name: str, value: object) -> Problem | None:
    """What is wrong with the value of a field such as "training.seed", taken by itself; None if nothing is."""
    block, _, leaf = name.rpartition(".")
    values: dict[str, Any] = {"data": {"train": ["any"]}}
    if block:
        values[block] = values.get(block, {}) | {leaf: value}
    else:
        values[leaf] = value
    try:
        Recipe.model_validate(values)
    except ValidationError as error:
        return next(iter(from_validation(error, Path(), {}, {})))
    return None


def value_of(name: str, text: str) -> object:
    """Return the value that was typed: the first reading of the text that the field allows.

    None for an empty text. What no reading makes right is returned as a number or, failing that, as it stands.
    """
    text = text.strip()
    if not text:
        return None
    readings = list(_readings(text))
    return next((value for value in readings if problem_of(name, value) is None), readings[0])


def choices_of(name: str) -> tuple[str, ...]:
    """The words among which a field chooses; () if it takes numbers or free text."""
    return _words(next(info.annotation for field, info in iter_fields() if field == name))


def about(name: str) -> str:
    """A field's own sentence."""
    return next(info.description or "" for field, info in iter_fields() if field == name)


def _readings(text: str) -> Iterator[object]:
    """Numbers first: a field that wants one should say so of "3.5", not of a text."""
    kinds: tuple[Callable[[str], object], ...] = (int, float)
    for kind in kinds:
        try:
            yield kind(text)
        except ValueError:
            continue
    if text.lower() in ("true", "false"):
        yield text.lower() == "true"
    yield text
    yield [name.strip() for name in text.split(",") if name.strip()]


def _words(annotation: Any) -> tuple[str, ...]:
    if annotation is bool:
        return ("true", "false")
    if get_origin(annotation) is Literal:
        return tuple(str(word) for word in get_args(annotation))
    if get_origin(annotation) is Annotated:
        return _words(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return tuple(word for part in get_args(annotation) for word in _words(part))
    return ()
