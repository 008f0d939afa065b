"""The messages in the text of an exported chat: when, who, what.

    [12.03.24, 14:05:01] Anna: Hi, is it      ──►   12 March 2024, 14:05 │ Anna │ Hi, is it / still there?
    still there?

Day and month stand in the order of the phone's language, which the file does not tell; see `order`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.formats.blocks import Line

Order = Literal["dmy", "mdy", "ymd"]

_HEADER = re.compile(
    r"[\u200e\u200f]?\[?(?P<date>\d{1,4}[./-]\d{1,2}[./-]\d{1,4}),?\s"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.]\d\d)?(?:\s?(?P<half>[AaPp])\.?\s?[Mm]\.?)?(?:\]\s|\s[-–]\s)"
)
_NAME = re.compile(r"(?P<name>[^:]{1,60}):(?:\s|$)")
_MARKS = "~ \t\xa0\u200e\u200f\u202a\u202c"
"""What stands around a name: unknown numbers, and the direction of writing."""


@dataclass(frozen=True)
class ChatMessage:
    """One message. `when` is None if its date cannot be; `who` if WhatsApp itself says it."""

    line: int
    when: datetime | None
    who: str | None
    lines: list[str]


def is_chat(lines: Sequence[str]) -> bool:
    """Whether text begins with a message and has another one with a name."""
    heads = [(line, _HEADER.match(line)) for line in lines if line.strip()]
    named = sum(1 for line, head in heads if head and _name(line, head))
    return bool(heads and heads[0][1]) and named > 1


def messages(lines: Iterable[Line | BadLine], dates: Order) -> Iterator[ChatMessage | BadLine]:
    """Yield messages in order; lines without a date go on with the message before them."""
    message: ChatMessage | None = None
    for item in lines:
        if isinstance(item, BadLine):
            yield item
            continue
        number, line = item
        if head := _HEADER.match(line):
            if message:
                yield message
            name = _name(line, head)
            who = name["name"].strip(_MARKS) if name else None
            message = ChatMessage(number, _when(head, dates), who or None, [line[(name or head).end() :]])
        elif message:
            message.lines.append(line)
        elif line.strip():
            message = ChatMessage(number, None, None, [line])
    if message:
        yield message


def order(lines: Sequence[str]) -> Order:
    """Find out in which order day, month and year stand: by numbers over 12, else by slashes with a 12-hour clock."""
    heads = [head for head in map(_HEADER.match, lines) if head]
    dates = [_numbers(head) for head in heads]
    if any(first > 31 for first, _, _ in dates):
        return "ymd"
    if any(first > 12 for first, _, _ in dates):
        return "dmy"
    american = any(head["half"] and "/" in head["date"] for head in heads)
    return "mdy" if american or any(second > 12 for _, second, _ in dates) else "dmy"


def _name(line: str, head: re.Match[str]) -> re.Match[str] | None:
    return _NAME.match(line, head.end())


def _numbers(head: re.Match[str]) -> tuple[int, int, int]:
    first, second, third = (int(part) for part in re.split(r"[./-]", head["date"]))
    return first, second, third


def _when(head: re.Match[str], dates: Order) -> datetime | None:
    part = dict(zip(dates, _numbers(head), strict=True))
    hour = int(head["hour"])
    if head["half"]:
        hour = hour % 12 + (12 if head["half"] in "Pp" else 0)
    year = part["y"] + 2000 if part["y"] < 100 else part["y"]
    try:
        return datetime(year, part["m"], part["d"], hour, int(head["minute"]))
    except ValueError:
        return None
