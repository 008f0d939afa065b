"""The fact sheet of a corpus: what its replies may say of prices, times, periods and how to reach somebody.

    returns:
      window: 60 days from delivery         ─►  60 days
      price: free; $5 by mail               ─►  $5
    contact:
      email: help@larkspur.example          ─►  help@larkspur.example

What a sheet says in words alone is not looked for: whether a sentence means the same is not decided here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from chatforge.errors import UserError
from chatforge.evaluation.flags.quantity import Known
from chatforge.evaluation.mentions import Mentions, telling

FIELD = "evaluation.facts"

_DEEPEST = 20


@dataclass(frozen=True)
class Facts:
    """What a fact sheet says that can be looked for in a reply."""

    known: Mentions

    def told_in(self, text: str) -> Mentions:
        """The facts of the sheet that a text tells."""
        said, there = telling(text), Known(self.known.quantities)
        return Mentions(tuple(one for one in said.quantities if one in there), said.names & self.known.names)


def read_facts(path: Path) -> Facts:
    """Read a fact sheet, a YAML file of any shape.

    Raises:
        UserError: it is not there, is no YAML, or has nothing in it that could be looked for.
    """
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        what = str(error).splitlines()[0]
        raise UserError(f"the fact sheet cannot be read: {what}", file=path, field=FIELD) from error
    said = [telling(text) for text in _texts(content)]
    known = Mentions(
        tuple(one for mentions in said for one in mentions.quantities),
        frozenset(name for mentions in said for name in mentions.names),
    )
    if not known.quantities and not known.names:
        hint = "write prices, times, periods, phone numbers and addresses into it"
        raise UserError("the fact sheet has no fact that could be looked for", file=path, field=FIELD, hint=hint)
    return Facts(known)


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Every text of a sheet, however it is nested."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts(one, depth + 1)
    elif value is not None:
        yield str(value)
