"""Transcripts: lines that begin with who speaks, in a text file (see `blocks`) or in one cell of a table.

    ID,section_header,dialogue
    0,CC,"Doctor: What can I do for you?     ──►   assistant: What can I do for you?
     Patient: My knee hurts."                      user: My knee hurts.          {"intent": "CC"}

Words of a third speaker (a guest, a relative) count as the user's; a learned reply is never theirs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.blocks import HEADER, Talk, beginning, talks
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.marks import Manner, manner, spoken
from chatforge.dialogues.formats.sides import Sides, guess, listed, shown
from chatforge.dialogues.formats.walk import SAMPLE, most, name, peek

NAME = "transcript"
WHAT = "Transcripts: lines such as `Doctor: …`, `[agent] …` or `Anna - …`, in a text file or in one column of a table"
KINDS: tuple[Kind, ...] = ("text", "table", "lines", "json", "parquet")

LONG = 200
"""Characters: a column beside the transcript with longer cells holds notes or summaries; it does not go into `meta`."""

_COLUMNS = """answer answers chosen completion conversations instances instruction messages messages_display output
    prompt question query rejected response reference_answer"""
_OTHERS = frozenset(_COLUMNS.split())
"""Columns of other formats, in which a transcript may be quoted."""
_TOPICS = ("intent", "topic", "section_header", "cc", "category")


def fits(sample: Sequence[Record]) -> bool:
    """Whether text, or most cells of one column, have two speakers that are marked again and again."""
    if most(sample, lambda record: isinstance(record.value, str)):
        return spoken(beginning(sample))
    return _column(sample) is not None


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Read transcripts.

    Raises:
        UserError: it cannot be told which speaker is the assistant, or the chosen one is not there.
    """
    first, items = peek(_talks(records, path, choices), SAMPLE)
    sample = [item.lines for item in first if isinstance(item, Talk)]
    way = manner(sample)
    sides = guess([[who for who, _ in way.turns(lines)[0]] for lines in sample], choices, path)
    for item in items:
        yield item if isinstance(item, BadLine) else _draft(item, way, sides, path)


def _draft(talk: Talk, way: Manner, sides: Sides, path: Path) -> Draft | BadLine:
    turns, before = way.turns(talk.lines)
    if not turns:
        return BadLine(path, talk.line, "no line begins with the name of a speaker, such as `Agent: …`")
    side = sides.of([who for who, _ in turns])
    if "assistant" not in side.values():
        who = f"`{shown(sides.assistant)}` does not speak" if sides.assistant else "nobody answers"
        return BadLine(path, talk.line, f"{who} in this conversation: there is only {listed(list(side))}")
    changed = [*talk.changed, *sides.guessed]
    meta = dict(talk.meta)
    for line in before:
        header = HEADER.fullmatch(line)
        if header:
            meta[header["key"].lower()] = header["value"].strip()
        else:
            changed.append("lines before the first speaker left out")
    if "topic" in meta:
        meta.setdefault("intent", meta["topic"])
    remarks = []
    for who, words in turns:
        if side[who] == "notice":
            changed.append("notices of the system left out")
            continue
        if side[who] == "third":
            changed.append("words of third persons counted as the user's")
        remarks.append(Remark("assistant" if side[who] == "assistant" else "user", words))
    return Draft(tuple(remarks), path, talk.line, talk.id, meta, tuple(changed))


def _talks(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Talk | BadLine]:
    first, items = peek(records, SAMPLE)
    sample = [record for record in first if isinstance(record, Record)]
    if most(sample, lambda record: isinstance(record.value, str)) or not sample:
        yield from talks(items, path)
        return
    column = _column(sample)
    short = _short_columns(sample)
    for item in items:
        yield item if isinstance(item, BadLine) else _row(item, column, short, path, choices)


def _row(record: Record, column: str | None, short: Set[str], path: Path, choices: Choices) -> Talk | BadLine:
    row = record.value
    if column is None or not isinstance(row, Mapping):
        return BadLine(path, record.line, "no column in which each cell holds a conversation")
    cell = row.get(column)
    if not isinstance(cell, str) or not cell.strip():
        return BadLine(path, record.line, f"column `{shown(column)}` is empty")
    keys = [key for key in row if isinstance(key, str) and key != column and row[key] not in (None, "")]
    own = next((key for key in keys if key.casefold().endswith("id") and name(row[key])), None)
    meta = {key: row[key] for key in keys if key in short and key != own and _is_short(row[key])}
    changed = tuple(f"column `{shown(key)}` left out: long texts" for key in keys if key not in meta and key != own)
    topics = [topic.casefold() for topic in (choices.columns.get("intent", "intent"), *_TOPICS)]
    intent = next((meta[key] for topic in topics for key in meta if key.casefold() == topic), None)
    if intent is not None:
        meta["intent"] = intent
    return Talk(record.line, cell.split("\n"), name(row[own]) if own else None, meta, changed)


def _short_columns(sample: Sequence[Record]) -> set[str]:
    """Return the columns that hold no long texts."""
    rows = [record.value for record in sample if isinstance(record.value, Mapping)]
    long = {key for row in rows for key, value in row.items() if value is not None and not _is_short(value)}
    return {key for row in rows for key in row if isinstance(key, str)} - long


def _is_short(value: Any) -> bool:
    return isinstance(value, str | int | float) and len(value if isinstance(value, str) else "") <= LONG


def _column(sample: Sequence[Record]) -> str | None:
    """Return the column in which most cells are dialogues."""
    rows = [record.value for record in sample if isinstance(record.value, Mapping)]
    if not rows or 2 * len(rows) <= len(sample):
        return None
    for column in rows[0]:
        if any(isinstance(key, str) and key.casefold() in _OTHERS for key in rows[0]):
            return None
        if isinstance(column, str) and most(rows, lambda row: _is_talk(row.get(column))):  # noqa: B023
            return column
    return None


def _is_talk(cell: Any) -> bool:
    return isinstance(cell, str) and spoken(cell.split("\n"))
