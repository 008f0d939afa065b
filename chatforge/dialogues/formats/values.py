"""What records say, for the formats of tools: texts, names for people, and what is kept beside a conversation."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from chatforge.dialogues.draft import Draft, Record, Remark
from chatforge.dialogues.formats.sides import shown
from chatforge.dialogues.formats.walk import NoConversationError, most, name

REJECTED = "an answer that people rejected (label false)"

_IDS = ("id", "uuid", "conversation_id", "dialogue_id")
_SCENARIOS = ("scenario", "scenario_id", "question_id", "prompt_id", "parent_id", "source_id", "customer_id", "user_id")
_KNOWN = {"intent", "category", "topic", "split", "flags", "tags", *_SCENARIOS}
_KINDS = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object", type(None): "nothing"}


def mostly(sample: Sequence[Record], looks: Callable[[dict[str, Any]], bool]) -> bool:
    """Whether more than half of the records are objects that look so; one of OpenAI's `messages` never does."""
    return most(sample, lambda r: isinstance(r.value, dict) and not _is_openai(r.value) and looks(r.value))


def _is_openai(value: Mapping[str, Any]) -> bool:
    return "messages" in value and not ("chosen" in value and "rejected" in value)


def is_judged(value: Mapping[str, Any]) -> bool:
    """Whether an object says which answer people liked: only the preference format may read it."""
    return "chosen" in value or label_of(value) is not None


def label_of(value: Mapping[str, Any]) -> bool | None:
    """Return whether people liked the answer (KTO's label), as JSON or as a table's text; None if it does not say."""
    label = next((value[key] for key in ("label", "kto_tag") if key in value), None)
    if isinstance(label, str):
        return {"true": True, "false": False}.get(label.strip().casefold())
    return label if isinstance(label, bool) else None


def object_of(record: Record) -> dict[str, Any]:
    """Return the record's value.

    Raises:
        NoConversationError: it is no JSON object and no table's row.
    """
    if not isinstance(record.value, dict):
        raise NoConversationError(f"{kind_of(record.value)}, not an object with named fields")
    return record.value


def text_of(content: Any) -> str | None:
    """Return the text of a message: text as it is, OpenAI's text parts joined; None if there is anything else in it."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not content:
        return None
    parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
    texts = [part for part in parts if isinstance(part, str)]
    return "\n".join(texts) if len(texts) == len(content) else None


def text_at(value: Mapping[str, Any], key: str) -> str:
    """Return the text under a name, "" if there is none.

    Raises:
        NoConversationError: something else than text stands there.
    """
    content = value.get(key)
    text = "" if content is None else text_of(content)
    if text is None:
        raise NoConversationError(f"`{shown(key)}` is {kind_of(content)}, not text")
    return text


def kind_of(value: Any) -> str:
    """Name the kind of a value for a person: "a number", "a list" …"""
    return "true or false" if isinstance(value, bool) else _KINDS.get(type(value), type(value).__name__)


def found(value: Collection[Any]) -> str:
    """List the first names that an object has, for a message."""
    names = [f"`{shown(str(key))}`" for key, _ in zip(value, range(5), strict=False)]
    return f"found {', '.join(names)}{' …' if len(value) > 5 else ''}" if names else "it is empty"


def draft_of(
    record: Record, path: Path, remarks: Iterable[Remark], used: Collection[str], changed: Iterable[str]
) -> Draft:
    """Return a draft with the record's id and, as `meta`, what else it says.

    Args:
        used: names that do not go into `meta`. Of the others all plain values do, those of `meta` itself too.
    """
    value = object_of(record)
    by_name = {key.strip().casefold(): key for key in value if isinstance(key, str) and key not in used}
    own = next((by_name[key] for key in _IDS if key in by_name and name(value[by_name[key]])), None)
    identity = record.key if own is None else name(value[own])
    meta = _meta({key: column for key, column in by_name.items() if column != own}, value)
    return Draft(tuple(remarks), path, record.line, identity, meta, tuple(changed))


def _meta(by_name: Mapping[str, str], value: Mapping[str, Any]) -> dict[str, Any]:
    inner = value.get("meta")
    meta = {key: v for key, v in inner.items() if _is_plain(v)} if isinstance(inner, dict) else {}
    meta |= {key if key in _KNOWN else own: value[own] for key, own in by_name.items() if _is_plain(value[own])}
    group = next((meta[key] for key in _SCENARIOS if key in meta), None)
    return {**meta, "scenario": str(group)} if group is not None else meta


def _is_plain(value: Any) -> bool:
    """Whether it says something and is no deeper than a list of texts."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str) for item in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) or (isinstance(value, str) and bool(value))
