"""One entry of a vCon's `dialog`: who said what in it, whatever its encoding and medium."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chatforge.dialogues.formats.letters import from_html, unquoted
from chatforge.dialogues.formats.walk import text

_MAX_MAIL = 1_000_000
"""Characters; the parser of mails is slow, and a longer one is its attachments."""


@dataclass(frozen=True)
class Said:
    """What the party with a number (from 0; -1: nobody known) said."""

    party: int
    words: str


def start(entry: Mapping[str, Any]) -> float:
    """Return when an entry began, in seconds; 0 if it does not say."""
    try:
        return datetime.fromisoformat(str(entry.get("start"))).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def spoken(entry: Mapping[str, Any], changed: list[str]) -> list[Said]:
    """Return the text of an entry, [] with a word in `changed` if it has none that can be read."""
    if entry.get("type") == "recording":
        changed.append("recordings without a transcript left out")
    elif entry.get("type", "text") != "text":
        changed.append("calls that were moved or failed left out")
    elif (words := _words(entry)) is None:
        changed.append("messages without readable text left out")
    else:
        bare, quoted = unquoted(words)
        changed += ["quoted earlier mails left out"] * quoted
        return [Said(_sender(entry), bare)]
    return []


def transcribed(analysis: Any, number: int) -> list[Said]:
    """Return the transcript that `analysis` has for the entry with a number: a list of parties and what they said."""
    for item in analysis if isinstance(analysis, list) else ():
        if not isinstance(item, dict) or item.get("type") != "transcript" or number not in _numbers(item.get("dialog")):
            continue
        body = item.get("body")
        lines = body.get("transcript", body.get("utterances")) if isinstance(body, dict) else body
        found = [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
        return [
            Said(_sender(line), words) for line in found if (words := _first(line, "text", "message", "transcript"))
        ]
    return []


def _sender(entry: Mapping[str, Any]) -> int:
    numbers = (_numbers(entry.get(key)) for key in ("originator", "parties", "party", "speaker"))
    return next((found[0] for found in numbers if found), -1)


def _numbers(value: Any) -> list[int]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, int) and not isinstance(one, bool)]


def _words(entry: Mapping[str, Any]) -> str | None:
    body = entry.get("body")
    media = str(entry.get("mediatype") or entry.get("mimetype") or "").casefold()
    if isinstance(body, str) and entry.get("encoding") == "base64url":
        body = _decoded(body)
    if isinstance(body, dict):  # encoding "json"
        body = _first(body, "text", "body", "content", "message")
    if not isinstance(body, str):
        return None
    if media.startswith(("message/", "multipart/")):
        return text(_of_mail(body))
    return text(from_html(body) if media.startswith("text/html") else body)


def _decoded(body: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except ValueError:  # not ASCII, not base64, not UTF-8
        return None


def _of_mail(body: str) -> str | None:
    """Return the text of a mail with headers and parts."""
    from email import message_from_string

    if len(body) > _MAX_MAIL:
        return None
    try:
        for part in message_from_string(body).walk():
            kind, content = part.get_content_type(), part.get_payload(decode=True)
            if kind in ("text/plain", "text/html") and isinstance(content, bytes):
                words = content.decode(part.get_content_charset("utf-8"), "replace")
                return from_html(words) if kind == "text/html" else words
    except (ValueError, LookupError, RecursionError, AssertionError):
        return None
    return None


def _first(value: Mapping[str, Any], *keys: str) -> str | None:
    return next((value[key] for key in keys if text(value.get(key))), None)
