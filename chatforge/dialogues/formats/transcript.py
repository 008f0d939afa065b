"""Transcripts: lines that begin with who speaks, in a text file (see `blocks`) or in one cell of a table.

    ID,section_header,dialogue
    0,CC,"Doctor: What can I do for you?     ──►   assistant: What can I do for you?
     Patient: My knee hurts."                      user: My knee hurts.          {"intent": "CC"}

Words of a third speaker (a guest, a relative) count as the user's; a learned reply is never theirs.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.blocks import HEADER, Talk, beginning, talks
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.marks import Manner, manner, spoken
from chatforge.dialogues.formats.sides import Sides, guess, listed, shown
from chatforge.dialogues.formats.transcript_table import column_of, talks_in
from chatforge.dialogues.formats.walk import SAMPLE, most, peek

NAME = "transcript"
WHAT = "Transcripts: lines such as `Doctor: …`, `[agent] …` or `Anna - …`, in a text file or in one column of a table"
KINDS: tuple[Kind, ...] = ("text", "table", "lines", "json", "parquet")


def fits(sample: Sequence[Record]) -> bool:
    """Whether text, or most cells of one column, have two speakers that are marked again and again."""
    if most(sample, lambda record: isinstance(record.value, str)):
        return spoken(beginning(sample))
    return column_of(sample) is not None


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
    meta = dict(talk.meta)
    unclear = _about(before, meta)
    changed = [*talk.changed, *sides.guessed, *["lines before the first speaker left out"] * unclear]
    remarks = []
    for who, words in turns:
        if side[who] == "notice":
            changed.append("notices of the system left out")
            continue
        if side[who] == "third":
            changed.append("words of third persons counted as the user's")
        remarks.append(Remark("assistant" if side[who] == "assistant" else "user", words))
    return Draft(tuple(remarks), path, talk.line, talk.id, meta, tuple(changed))


def _about(before: Sequence[str], meta: dict[str, Any]) -> int:
    """Put what headers say into `meta`; return how many lines are no headers."""
    headers = [header for header in map(HEADER.fullmatch, before) if header]
    meta.update((header["key"].lower(), header["value"].strip()) for header in headers)
    if "topic" in meta:
        meta.setdefault("intent", meta["topic"])
    return len(before) - len(headers)


def _talks(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Talk | BadLine]:
    first, items = peek(records, SAMPLE)
    sample = [record for record in first if isinstance(record, Record)]
    if not sample or most(sample, lambda record: isinstance(record.value, str)):
        return talks(items, path)
    return talks_in(items, sample, path, choices)
