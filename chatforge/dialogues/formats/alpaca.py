"""Alpaca: an instruction, perhaps an input to it, and the output; also Dolly's names for the same.

    {"instruction": "Name the department.", "input": "My parcel is late", "output": "Delivery"}
    {"instruction": "And in Spanish?", "input": "", "output": "Adiós.", "system": "…", "history": [["…", "Au revoir."]]}
    {"instruction": "…", "context": "…", "response": "…", "category": "closed_qa"}

The user says the instruction, an empty line and the input. An instruction that is the same everywhere says what the
assistant is, not what a user asks: the columns {"system": "instruction"} make it the system message.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.pairs import paired
from chatforge.dialogues.formats.values import is_judged, mostly
from chatforge.dialogues.formats.walk import NoConversationError

NAME = "alpaca"
WHAT = "Alpaca: `instruction`, `input` and `output`, perhaps with `system` and `history`"
KINDS: tuple[Kind, ...] = ("lines", "json", "table", "parquet")

_LOOKED_AT = 10_000
"""Rows looked at for an instruction that they share."""


def looks(value: Mapping[str, Any]) -> bool:
    """Whether an object holds an instruction and its output as texts."""
    if is_judged(value) or "instances" in value or not isinstance(value.get("instruction"), str):
        return False
    output = value.get("output", value.get("response") if "context" in value else 0)
    return output is None or isinstance(output, str)


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records hold an instruction and its output."""
    return mostly(sample, looks)


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Turn records to drafts, in order."""
    return paired(records, path, choices.columns, history_of)


def history_of(value: Mapping[str, Any]) -> list[Remark]:
    """Return what was said before: `history` holds pairs of a question and its answer.

    Raises:
        NoConversationError: it holds something else.
    """
    history = value.get("history")
    if history in (None, "", "[]", []):
        return []
    if not isinstance(history, list) or not all(map(_is_pair, history)):
        raise NoConversationError("`history` is not a list of pairs of a question and its answer")
    return [Remark(role, text) for turn in history for role, text in zip(("user", "assistant"), turn, strict=True)]


def _is_pair(turn: Any) -> bool:
    return isinstance(turn, list) and len(turn) == 2 and all(isinstance(text, str) for text in turn)


def shared_instruction(records: Iterable[Record | BadLine]) -> tuple[str, float] | None:
    """Return the one instruction of most rows that have an input, and its share of the rows (0 to 1), if there is one.

    It then belongs into the system message. Only the first 10,000 rows are looked at.
    """
    rows = [r.value for r in islice(records, _LOOKED_AT) if isinstance(r, Record) and isinstance(r.value, dict)]
    said = Counter(row["instruction"] for row in rows if looks(row) and row.get("input"))
    instruction, count = next(iter(said.most_common(1)), ("", 0))
    return (instruction, count / len(rows)) if count > 1 and 2 * count > len(rows) else None
