"""Tickets of a help desk: exports shaped like Zendesk's and like Intercom's.

    {"id": 35, "subject": "…", "requester_id": 7, "tags": ["refund"], "description": "…",
     "comments": [{"author_id": 7, "plain_body": "…", "public": true}, {"author_id": 2, "body": "…", "public": false}]}
    {"id": "9", "source": {"body": "<p>…</p>", "author": {"type": "user"}},
     "conversation_parts": {"conversation_parts": [{"part_type": "comment", "body": "…", "author": {"type": "admin"}}]}}

Who asked is the user, everybody else answers. Private notes are left out; so is what a mail quotes. All tickets of one
customer have one `scenario`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.letters import from_html, unquoted
from chatforge.dialogues.formats.values import object_of
from chatforge.dialogues.formats.walk import NoConversationError, facts, most, name, objects, text, walk

NAME = "tickets"
WHAT = (
    "Tickets of a help desk, as Zendesk (`comments` with `author_id`) and Intercom (`conversation_parts`) export them"
)
KINDS: tuple[Kind, ...] = ("json", "lines", "parquet")

_NOTES = "private notes left out"
_QUOTES = "quoted earlier mails left out"
_EVENTS = "events without words left out"


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records are tickets."""
    return most(sample, lambda r: isinstance(r.value, dict) and (_is_intercom(r.value) or bool(_place(r.value))))


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Read tickets; subject, status and tags become `meta`."""
    return walk(records, path, partial(_draft, path=path))


def _is_intercom(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("conversation_parts"), dict | list)


def _place(value: Mapping[str, Any]) -> str | None:
    """Return the name of the list of comments that say who wrote them."""
    for place in ("comments", "messages"):
        said = value.get(place)
        if isinstance(said, list) and said and isinstance(said[0], dict) and "author_id" in said[0]:
            return place
    return None


def _draft(record: Record, path: Path) -> Draft:
    value = object_of(record)
    place = _place(value)
    changed: list[str] = []
    if _is_intercom(value):
        remarks, customer = _intercom(value, changed)
    elif place:
        remarks, customer = _zendesk(value, objects(value[place], place), changed)
    else:
        raise NoConversationError("no ticket: neither `comments` with `author_id` nor `conversation_parts`")
    meta = facts(value, "subject", "status", "priority", "type", "category", "intent")
    meta |= facts(value.get("source"), "subject") | facts(value.get("via"), "channel")
    if tags := _tags(value.get("tags")):
        meta["tags"] = tags
    if customer:
        meta["scenario"] = f"requester {customer}"
    identity = name(value.get("id")) or name(value.get("ticket_id"))
    return Draft(tuple(remarks), path, record.line, identity, meta, tuple(changed))


def _zendesk(
    value: Mapping[str, Any], comments: list[dict[str, Any]], changed: list[str]
) -> tuple[list[Remark], str | None]:
    customer = name(value.get("requester_id")) or name(comments[0].get("author_id"))
    remarks = []
    for comment in comments:
        role = "user" if name(comment.get("author_id")) == customer else "assistant"
        said = _words(comment, ("plain_body", "body", "html_body", "text", "content"), changed)
        if comment.get("public") is False:
            changed.append(_NOTES)
        else:
            remarks.append(Remark(role, said))
    opening = text(value.get("description"))
    if opening and not any(remark.content and remark.content[:40] in opening for remark in remarks[:1]):
        remarks.insert(0, Remark("user", _unquoted(opening, changed)))
    return remarks, customer


def _intercom(value: Mapping[str, Any], changed: list[str]) -> tuple[list[Remark], str | None]:
    source = value.get("source")
    parts = value["conversation_parts"]
    rest = parts.get("conversation_parts") if isinstance(parts, dict) else parts
    remarks, customer = [], None
    for part in [source, *(rest if isinstance(rest, list) else [])]:
        if not isinstance(part, dict) or not text(part.get("body")):
            changed.append(_EVENTS)
            continue
        if str(part.get("part_type")).startswith("note"):
            changed.append(_NOTES)
            continue
        author = part["author"] if isinstance(part.get("author"), dict) else {}
        asks = author.get("type") in ("user", "lead", "contact")
        customer = customer or (name(author.get("id")) if asks else None)
        remarks.append(Remark("user" if asks else "assistant", _words(part, ("body",), changed)))
    return remarks, customer


def _words(comment: Mapping[str, Any], keys: Sequence[str], changed: list[str]) -> str | None:
    key = next((key for key in keys if text(comment.get(key))), None)
    if key is None:
        return None
    body: str = comment[key]
    is_html = key == "html_body" or body.lstrip().startswith(("<p", "<div", "<html", "<br", "<h"))
    return _unquoted(from_html(body) if is_html else body, changed)


def _unquoted(body: str, changed: list[str]) -> str:
    said, quoted = unquoted(body)
    if quoted:
        changed.append(_QUOTES)
    return said


def _tags(value: Any) -> list[str]:
    tags = value.get("tags") if isinstance(value, dict) else value
    named = [tag.get("name") if isinstance(tag, dict) else tag for tag in tags] if isinstance(tags, list) else []
    return [tag for tag in named if isinstance(tag, str)]
