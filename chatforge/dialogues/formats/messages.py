"""OpenAI's chat format: one JSON object a line, the form that ChatForge itself writes.

    {"id": "r-12", "messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}],
     "meta": {"intent": "return", "scenario": "boots-too-small"}}

`id` and `meta` may be left out. A line is taken as it is or not at all, with one exception: what tools were asked and
answered is left out, and counted.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import lines
from chatforge.dialogues.containers.container import Kind
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.values import REJECTED, label_of
from chatforge.dialogues.tidy import strict
from chatforge.errors import did_you_mean

NAME = "messages"
WHAT = "OpenAI's chat format: a list `messages` of role and content."
KINDS: tuple[Kind, ...] = ("lines", "json", "parquet")


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records have a list `messages` and are no preferences."""
    found = [record for record in sample if isinstance(record.value, dict) and "messages" in record.value]
    return len(found) * 2 > len(sample) and not any("rejected" in record.value for record in found)


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Read records one by one."""
    for record in records:
        yield record if isinstance(record, BadLine) else draft_of(record.value, path, record.line)


def read(path: Path) -> Iterator[Conversation | BadLine]:
    """Read a file line by line, one conversation or one bad line at a time. Empty lines are skipped.

    Raises:
        UserError: the file is missing, binary or not UTF-8.
    """
    for record in lines.records(path):
        yield record if isinstance(record, BadLine) else _held(record, path)


def read_line(raw: bytes, path: Path, number: int) -> Conversation | BadLine:
    """Read one line of a file that was looked at before; also what is no text at all comes back as a bad line."""
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        return BadLine(path, number, f"not UTF-8: byte 0x{raw[error.start]:02x} at column {error.start + 1}")
    return from_line(text, path, number)


def from_line(text: str, path: Path, number: int) -> Conversation | BadLine:
    """Read one line of such a file; `path` and `number` say where it stands."""
    record = lines.record_of(text.rstrip(), path, number)  # an error at the end is then on this line
    return record if isinstance(record, BadLine) else _held(record, path)


def _held(record: Record, path: Path) -> Conversation | BadLine:
    draft = draft_of(record.value, path, record.line)
    return draft if isinstance(draft, BadLine) else strict(draft)


def line_of(conversation: Conversation, keep: dict[str, Any] | None = None, *, named: bool = True) -> bytes:
    """Return a conversation as a line in ChatForge's own form.

    Args:
        keep: the object it was read from; what else it holds stays.
        named: whether it has an id of its own, not only its place in a file.
    """
    rows = [{"role": message.role, "content": message.content} for message in conversation.messages]
    row: dict[str, Any] = {"id": conversation.id, "messages": rows} if named else {"messages": rows}
    if conversation.meta:
        row["meta"] = dict(conversation.meta)
    return json.dumps({**(keep or {}), **row}, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n"


def draft_of(data: Any, path: Path, number: int) -> Draft | BadLine:
    """Return what one JSON value says; a place without a list of messages is a bad line."""
    try:
        return _draft(data, path, number)
    except _BadError as error:
        return BadLine(path, number, str(error))


class _BadError(Exception):
    """Why a line cannot be used."""


def _draft(data: Any, path: Path, number: int) -> Draft:
    if not isinstance(data, dict):
        raise _BadError("not a JSON object with a `messages` list")
    if "messages" not in data:
        near = next(filter(None, (did_you_mean(str(key), ["messages"]) for key in data)), None)
        keys = ", ".join(repr(key)[:40] for key in list(data)[:4]) or "nothing"
        raise _BadError(f"no `messages` list, found {keys}{f': {near}' if near else ''}")
    if label_of(data) is False:
        raise _BadError(REJECTED)
    rows = data["messages"]
    if not isinstance(rows, list) or not rows:
        raise _BadError("`messages` is not a list with at least a question and an answer")
    meta = data.get("meta") or {}
    if not isinstance(meta, dict):
        raise _BadError(f"`meta` is {type(meta).__name__}, not an object")
    name = data.get("id")
    remarks = tuple(_remark(item, i) for i, item in enumerate(rows, start=1))
    exact = all(remark.role != "tool" for remark in remarks)
    return Draft(remarks, path, number, None if name is None else str(name), meta, exact=exact)


def _remark(item: Any, position: int) -> Remark:
    if not isinstance(item, Mapping) or "role" not in item or ("content" not in item and not _asks_tools(item)):
        raise _BadError(f"message {position} has no `role` and `content`")
    role, content = item["role"], item.get("content")
    if not isinstance(role, str):
        raise _BadError(f"message {position}: unknown role {repr(role)[:40]}")
    if content is None and _asks_tools(item):
        return Remark("tool", None)
    text = _joined(content) if isinstance(content, list) else content
    if not isinstance(text, str):
        raise _BadError(f"message {position}: `content` is {type(content).__name__}, not text")
    return Remark({"developer": "system", "function": "tool"}.get(role, role), text)


def _asks_tools(item: Mapping[str, Any]) -> bool:
    return bool(item.get("tool_calls") or item.get("function_call"))


def _joined(parts: list[Any]) -> str | None:
    """The text of OpenAI's content parts; None if there is anything but text."""
    texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
    said = [text for text in texts if isinstance(text, str)]
    return "\n".join(said) if said and len(said) == len(parts) else None
