"""A table with a whole transcript in each cell of one column, and what the other columns say about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from chatforge.dialogues.draft import BadLine, Record
from chatforge.dialogues.formats.blocks import Talk
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.marks import spoken
from chatforge.dialogues.formats.sides import shown
from chatforge.dialogues.formats.walk import is_fact, most, name

LONG = 200
"""Characters: a column beside the transcript with longer cells holds notes or summaries; it does not go into `meta`."""

_COLUMNS = """answer answers chosen completion conversations instances instruction messages messages_display output
    prompt question query rejected response reference_answer"""
_OTHERS = frozenset(_COLUMNS.split())
"""Columns of other formats, in which a transcript may be quoted."""
_TOPICS = ("intent", "topic", "section_header", "cc", "category")
_GROUPS = ("scenario", "scenario_id", "customer_id", "user_id", "patient_id", "client_id")


def column_of(sample: Sequence[Record]) -> str | None:
    """Return the column in which most cells are dialogues; None if there is none."""
    rows = [record.value for record in sample if isinstance(record.value, Mapping)]
    if not rows or 2 * len(rows) <= len(sample):
        return None
    columns = [key for key in rows[0] if isinstance(key, str)]
    if any(column.casefold() in _OTHERS for column in columns):
        return None
    return next((column for column in columns if most([row.get(column) for row in rows], _is_talk)), None)


def talks_in(
    records: Iterable[Record | BadLine], sample: Sequence[Record], path: Path, choices: Choices
) -> Iterator[Talk | BadLine]:
    """Yield the conversation of each row; `sample` are some of the rows."""
    column, short = column_of(sample), _short_columns(sample)
    for record in records:
        if isinstance(record, BadLine):
            yield record
        elif column is None or not isinstance(record.value, Mapping):
            yield BadLine(path, record.line, "no column in which each cell holds a conversation")
        elif not isinstance(cell := record.value.get(column), str) or not cell.strip():
            yield BadLine(path, record.line, f"column `{shown(column)}` is empty")
        else:
            beside = {key: value for key, value in record.value.items() if key != column and value not in (None, "")}
            yield _talk(record.line, cell, beside, short, choices.columns.get("intent"))


def _talk(line: int, cell: str, beside: Mapping[Any, Any], short: Set[str], intent: str | None) -> Talk:
    own = next((key for key in beside if _is_id(key) and name(beside[key])), None)
    meta = {key: value for key, value in beside.items() if key in short and key != own and _is_short(value)}
    changed = [f"column `{shown(str(key))}` left out: long texts" for key in beside if key not in meta and key != own]
    by_name = {key.casefold(): value for key, value in meta.items()}
    for known, columns in (("intent", (intent or "intent", *_TOPICS)), ("scenario", _GROUPS)):
        found = next((by_name[column.casefold()] for column in columns if column.casefold() in by_name), None)
        if found is not None:
            meta[known] = found
    return Talk(line, cell.split("\n"), name(beside[own]) if own else None, meta, tuple(changed))


def _is_id(key: Any) -> bool:
    """Whether a column's name says that it names the conversation: `ID`, `encounter_id`, `dialogueId`."""
    if not isinstance(key, str) or key.casefold() in _GROUPS:
        return False
    return key.casefold() == "id" or key.casefold().endswith(("_id", " id", "-id")) or key.endswith(("Id", "ID"))


def _short_columns(sample: Sequence[Record]) -> set[str]:
    """Return the columns that hold no long texts."""
    rows = [record.value for record in sample if isinstance(record.value, Mapping)]
    long = {key for row in rows for key, value in row.items() if value is not None and not _is_short(value)}
    return {key for row in rows for key in row if isinstance(key, str)} - long


def _is_short(value: Any) -> bool:
    return value == "" or (is_fact(value) and len(value if isinstance(value, str) else "") <= LONG)


def _is_talk(cell: Any) -> bool:
    return isinstance(cell, str) and spoken(cell.split("\n"))
