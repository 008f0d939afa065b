"""Pydantic's complaints → Problems in plain words, with the line and a way out."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chatforge.errors import Problem, did_you_mean
from chatforge.recipe.aliases import ALIASES, CONVERSIONS
from chatforge.recipe.schema import BLOCKS, Further, block_fields, iter_fields

_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "path_type": "a file name",
    "list_type": "a list",
    "model_type": "a block of fields",
    "finite_number": "a finite number",
}
_BOUNDS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_EXAMPLES = {
    "data": "data:\\n  train: conversations.jsonl",
    "data.train": "train: conversations.jsonl",
    "data.mix.files": "files: talks.jsonl",
}


def from_validation(
    error: ValidationError, file: Path, lines: Mapping[str, int], spelled: Mapping[str, str]
) -> list[Problem]:
    """Return one Problem per complaint; `lines` and `spelled` are those of `translate.Translated`."""
    return [_problem(item, file, lines, spelled) for item in error.errors(include_url=False)]


def line_of(field: str, lines: Mapping[str, int]) -> int | None:
    """Line of a field, else of something inside it, else of its block, else None."""
    if field in lines:
        return lines[field]
    inside = [line for name, line in lines.items() if name.startswith(f"{field}.")]
    if inside:
        return min(inside)
    parent = field.rpartition(".")[0]
    return line_of(parent, lines) if parent else None


def in_brackets(field: str) -> str:
    """A field as people read it: "data.mix.1.weight" is "data.mix[1].weight"."""
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", field)


def show(value: object) -> str:
    """Say what was found, in YAML's words: "the text `abc`", "nothing", "a list"."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float) and not math.isfinite(value):
        return f"`{value}`"
    if isinstance(value, str):
        return f"the text `{value if len(value) <= 60 else value[:59] + '…'}`"
    if isinstance(value, list):
        return "a list"
    return "a block" if isinstance(value, dict) else f"`{value}`"


def _problem(item: Any, file: Path, lines: Mapping[str, int], spelled: Mapping[str, str]) -> Problem:
    field = ".".join(str(part) for part in item["loc"])
    written = spelled.get(field) or in_brackets(field)
    what, hint = _words(item, field)
    return Problem(what, file, line_of(field, lines), written, hint)


def _words(item: Any, field: str) -> tuple[str, str | None]:
    kind, found, context = item["type"], item.get("input"), item.get("ctx", {})
    if kind == "extra_forbidden":
        return "is not a known field", unknown_hint(field)
    if kind == "missing":
        return "is missing", f"write `{_EXAMPLES.get(re.sub(r'[.][0-9]+', '', field), field)}`"
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"should be {words} {context[key]:g}, found {show(found)}", _documented(field)
    if kind == "literal_error":
        return f"should be {context['expected']}, found {show(found)}", _literal_hint(found, context)
    if kind in _EXPECTED:
        return f"should be {_EXPECTED[kind]}, found {show(found)}", _type_hint(kind, found) or _documented(field)
    if kind in ("string_too_short", "too_short"):
        return "is empty", _documented(field)
    if kind == "string_pattern_mismatch":
        return f"found {show(found)}", "use letters, digits, `.`, `_` and `-`, starting with a letter or digit"
    return f"{item['msg']}, found {show(found)}", _documented(field)


def _literal_hint(found: object, context: Mapping[str, Any]) -> str | None:
    words = [word.strip(" '") for word in context["expected"].replace(" or ", ", ").split(",")]
    return did_you_mean(found, words) if isinstance(found, str) else None


def _type_hint(kind: str, found: object) -> str | None:
    if kind == "bool_type":
        return "YAML knows only true and false" if found in ("yes", "no", "on", "off") else None
    if isinstance(found, str) and kind in ("int_type", "float_type"):
        number = _number_meant(found)
        if number is None or (kind == "int_type" and not number.is_integer()):
            return None
        return f"write {int(number) if kind == 'int_type' else number} without quotes or commas"
    return None


def _number_meant(text: str) -> float | None:
    """The number that a text stands for: "1,000" is a thousand, "2,5" two and a half; None if it is none."""
    text = text.strip().replace("_", "")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def _documented(field: str) -> str | None:
    """The field's own sentence, the best help when a value makes no sense."""
    parts = field.split(".")
    if field.startswith("data.mix.") and parts[-1] in Further.model_fields:
        return Further.model_fields[parts[-1]].description
    while parts:
        for name, info in iter_fields():
            if name == ".".join(parts):
                return info.description
        parts.pop()
    return None


def unknown_hint(field: str) -> str:
    """What the writer of an unknown field may have meant."""
    block, _, leaf = field.rpartition(".")
    if block.startswith("data.mix."):
        return did_you_mean(leaf, Further.model_fields) or f"known here: {', '.join(Further.model_fields)}"
    if block not in ("", *BLOCKS):
        return f"remove it, or move `{leaf}` to its block"
    if known := did_you_mean(leaf, block_fields(block)):
        return known
    homes = [name for name, _ in iter_fields() if name.rpartition(".")[2] == leaf]
    if homes:
        return "it belongs in " + " or ".join(f"`{name.rpartition('.')[0] or 'the top level'}`" for name in homes)
    if leaf in ALIASES:
        return f"it is called `{ALIASES[leaf]}` here"
    every = {name.rpartition(".")[2]: name for name, _ in iter_fields()}
    other = did_you_mean(leaf, [*every, *BLOCKS, *ALIASES, *CONVERSIONS])
    if other and (word := other.split("`")[1]) in every:
        return f"did you mean `{every[word]}`?"
    if other:
        return other
    names = ", ".join([*block_fields(block), *([] if block else BLOCKS)])
    return f"known here: {names}" if names else "this block has no fields yet; remove it"
