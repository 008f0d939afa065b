"""OpenAI's chat format: one JSON object a line.

    {"id": "r-12", "messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}],
     "meta": {"intent": "return", "scenario": "boots-too-small"}}

`id` and `meta` may be left out. Every line that is not such a conversation comes back as a `BadLine` with its reason.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatforge.dialogues.conversation import ROLES, Conversation, Message
from chatforge.errors import UserError, did_you_mean

MAX_MESSAGE_CHARACTERS = 50_000
"""A longer message is an attachment or a broken export, not something a person typed."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class BadLine:
    """A line that cannot be used, and why."""

    file: Path
    line: int
    reason: str


def read(path: Path) -> Iterator[Conversation | BadLine]:
    """Read a file line by line, one conversation or one bad line at a time. Empty lines are skipped.

    Raises:
        UserError: the file is missing, empty, binary or not UTF-8.
    """
    found = False
    for number, raw in enumerate(raw_lines(path), start=1):
        text = _decoded(raw, path, number)
        if not text.strip():
            continue
        found = True
        yield from_line(text, path, number)
    if not found:
        raise UserError(
            "the file is empty",
            file=path,
            hint="export at least a few dozen conversations, one JSON object a line",
        )


def read_line(raw: bytes, path: Path, number: int) -> Conversation | BadLine:
    """Read one line of a file that was looked at before; also what is no text at all comes back as a bad line."""
    try:
        return from_line(_decoded(raw, path, number), path, number)
    except UserError as error:
        return BadLine(path, number, error.problems[0].what)


def raw_lines(path: Path) -> Iterator[bytes]:
    """Yield a file's lines as they are.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield from file
    except IsADirectoryError:
        raise UserError("this is a folder, not a file", file=path, hint="name the .jsonl file in it") from None
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", file=path) from None


def _decoded(raw: bytes, path: Path, number: int) -> str:
    if b"\x00" in raw:
        utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
        what = "the file is UTF-16, not UTF-8" if utf16 else "the file is binary, not text"
        hint = "save it as UTF-8" if utf16 else "give a .jsonl file: one conversation as JSON a line"
        raise UserError(what, file=path, line=number, hint=hint)
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise UserError(
            f"not UTF-8: byte 0x{raw[error.start]:02x} at column {error.start + 1}",
            file=path,
            line=number,
            hint=f"save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 {path.name} > utf8-{path.name}",
        ) from None


def from_line(text: str, path: Path, number: int) -> Conversation | BadLine:
    """Read one line of such a file; `path` and `number` say where it stands."""
    try:
        data = json.loads(text.rstrip())  # an error at the end is then on this line
        if "\\ud" in text.lower() and _HALF_PAIR.search(json.dumps(data, ensure_ascii=False)):
            raise _BadError("half a surrogate pair (a \\ud… alone): the export cut an emoji in two")
        return _conversation(data, path, number)
    except json.JSONDecodeError as error:
        return BadLine(path, number, f"broken JSON at column {error.colno}: {error.msg}")
    except RecursionError:
        return BadLine(path, number, "broken JSON: nested too deeply")
    except ValueError:  # Python reads no longer number
        return BadLine(path, number, "broken JSON: a number with thousands of digits")
    except _BadError as error:
        return BadLine(path, number, str(error))


class _BadError(Exception):
    """Why a line cannot be used."""


def _conversation(data: Any, path: Path, number: int) -> Conversation:
    if not isinstance(data, dict):
        raise _BadError("not a JSON object with a `messages` list")
    if "messages" not in data:
        near = next(filter(None, (did_you_mean(str(key), ["messages"]) for key in data)), None)
        keys = ", ".join(repr(key)[:40] for key in list(data)[:4]) or "nothing"
        raise _BadError(f"no `messages` list, found {keys}{f': {near}' if near else ''}")
    if not isinstance(data["messages"], list) or not data["messages"]:
        raise _BadError("`messages` is not a list with at least a question and an answer")
    messages = tuple(_message(item, i) for i, item in enumerate(data["messages"], start=1))
    _check_order(messages)
    meta = data.get("meta") or {}
    if not isinstance(meta, dict):
        raise _BadError(f"`meta` is {type(meta).__name__}, not an object")
    name = data.get("id")
    return Conversation(
        id=str(name) if name is not None else f"{path.name}:{number}",
        messages=messages,
        meta=meta,
        file=path,
        line=number,
    )


def _message(item: Any, position: int) -> Message:
    if not isinstance(item, dict) or "role" not in item or "content" not in item:
        raise _BadError(f"message {position} has no `role` and `content`")
    role, content = item["role"], item["content"]
    if role not in ROLES:
        near = did_you_mean(str(role), ROLES)
        raise _BadError(f"message {position}: unknown role {repr(role)[:40]}{f', {near}' if near else ''}")
    if not isinstance(content, str):
        raise _BadError(f"message {position}: `content` is {type(content).__name__}, not text")
    if not content.strip():
        raise _BadError(f"message {position} ({role}) is empty")
    if len(content) > MAX_MESSAGE_CHARACTERS:
        raise _BadError(
            f"message {position} ({role}) has {len(content):,} characters; the limit is {MAX_MESSAGE_CHARACTERS:,}"
        )
    return Message(role, content)


def _check_order(messages: tuple[Message, ...]) -> None:
    talk = messages[1:] if messages[0].role == "system" else messages
    offset = len(messages) - len(talk)
    for i, message in enumerate(talk):
        expected = "user" if i % 2 == 0 else "assistant"
        if message.role != expected:
            raise _BadError(f"roles don't alternate: message {offset + i + 1} is {message.role}, not {expected}")
    if len(talk) < 2:
        raise _BadError("no assistant turn: nothing to learn from")
