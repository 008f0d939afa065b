"""Where one conversation of a text file ends and the next begins.

The first of these rules under which the beginning of the file falls into parts that mostly have two speakers:

    signs   a line of three or more of the same sign (---, ===, ***); a line that names an id: `id=12`, or after an
            empty line, or as a heading, one such as `Conversation 12` or `ID: 12`
    two     two or more empty lines
    one     one empty line, if the next one begins with a speaker, or is a header such as `Topic: billing`
    none    the whole file is one conversation
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from chatforge.dialogues.draft import BadLine, Record
from chatforge.dialogues.formats.marks import Manner, Style, manner, mark_of
from chatforge.dialogues.formats.walk import most, peek

Rule = Literal["signs", "two", "one", "none"]
Line = tuple[int, str]

LOOK_LINES = 2000
"""So many lines are looked at to choose the rule."""

HEADER = re.compile(
    r"(?P<key>intent|topic|category|scenario|subject)\s{0,3}[:=]\s{0,3}(?P<value>.{1,200})", re.IGNORECASE
)
"""A line before the first speaker that says what the conversation is about."""

_SIGNS = re.compile(r"(?P<sign>[-=*_#~+])(?P=sign){2,}")
_ID = re.compile(r"(?:\w{1,20}_)?id\s*=\s*(?P<id>\S.{0,80})", re.IGNORECASE)
_TITLE = re.compile(
    r"\W{0,5}(?:(?:conversation|dialog|dialogue|chat|call|session|transcript|ticket|case|encounter|visit|gespräch)"
    r"(?:[ _-](?:id|no|nr|number))?|id)\s{0,3}[.:#=]{0,3}\s{0,3}#?(?P<id>[\w-]{0,40}\d[\w-]{0,40})\W{0,5}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Talk:
    """The lines of one conversation. `line` is where it begins, from 1; `changed` as in `Draft`."""

    line: int
    lines: Sequence[str]
    id: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    changed: tuple[str, ...] = ()


def numbered(records: Iterable[Record | BadLine], path: Path) -> Iterator[Line | BadLine]:
    """Yield the lines of blocks of text with their numbers; between two blocks as many empty lines as are missing."""
    after = 1
    for record in records:
        if isinstance(record, BadLine):
            yield record
        elif not isinstance(record.value, str):
            yield BadLine(path, record.line, "not plain text")
        else:
            yield from ((record.line, "") for _ in range(min(record.line - after, 2)))
            after = record.line
            for line in _lines(record.value):
                yield after, line.rstrip("\r")
                after += 1


def beginning(records: Iterable[Record], count: int = LOOK_LINES) -> list[str]:
    """Return the first lines of blocks of text."""
    lines = (item[1] for item in numbered(records, Path()) if not isinstance(item, BadLine))
    return list(islice(lines, count))


def talks(records: Iterable[Record | BadLine], path: Path) -> Iterator[Talk | BadLine]:
    """Yield the conversations of a text file, one at a time."""
    first, lines = peek(numbered(records, path), LOOK_LINES)
    known = [line for line in first if not isinstance(line, BadLine)]
    way = manner([[line for _, line in known]])
    return _cut(lines, _rule(known, way), way.style)


def _rule(lines: Sequence[Line], way: Manner) -> Rule:
    rules: tuple[Rule, ...] = ("signs", "two", "one")
    for rule in rules:
        parts = [part for part in _cut(lines, rule, way.style) if isinstance(part, Talk)]
        if len(parts) > 1 and most(parts, lambda part: len({name for name, _ in way.turns(part.lines)[0]}) > 1):
            return rule
    return "none"


def _cut(lines: Iterable[Line | BadLine], rule: Rule, style: Style) -> Iterator[Talk | BadLine]:
    part: list[Line] = []
    name: str | None = None
    empty = 2  # in a row, before the line that comes next
    for item in lines:
        if isinstance(item, BadLine):
            yield item
            continue
        line = item[1].strip()
        sign, found = _separator(line, after_empty=empty > 0) if rule == "signs" else (False, None)
        if sign or (line and _begins(line, rule, empty, style)):
            yield from _talk(part, name)
            part, name = [], found or (None if part else name)
        empty = 0 if line and not sign else empty + 1
        if not sign and (part or line):
            part.append(item)
    yield from _talk(part, name)


def _separator(line: str, *, after_empty: bool) -> tuple[bool, str | None]:
    """Return whether a line stands between two conversations, and the id it gives to the next one."""
    if not line or len(line) > 100:
        return False, None
    match = _ID.fullmatch(line) or (_TITLE.fullmatch(line) if after_empty or line[0] in "#=*" else None)
    return bool(match or _SIGNS.fullmatch(line)), match["id"].strip() if match else None


def _begins(line: str, rule: Rule, empty: int, style: Style) -> bool:
    """Whether a line begins a conversation by the empty lines before it."""
    if rule == "one" and empty > 0:
        return mark_of(line, style) is not None or HEADER.fullmatch(line) is not None
    return rule == "two" and empty > 1


def _talk(part: Sequence[Line], name: str | None) -> Iterator[Talk]:
    if part:
        yield Talk(part[0][0], [line for _, line in part], name)


def _lines(text: str) -> Iterator[str]:
    """Yield lines without holding all of them; nothing after a last line end."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    if start < len(text):
        yield text[start:]
