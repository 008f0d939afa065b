"""Talks that were held with a run: a list of its transcripts, and what was said in one of them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from chatforge.chat.protocol import StoppedBy, Who
from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError
from chatforge.project.talk import Exchange, Reply, from_history

NEWEST = 200
"""Transcripts that are listed at most: the newest."""


@dataclass(frozen=True)
class Kept:
    """A talk on disk.

    Attributes:
        t: when it was last written to, seconds since 1970. exchanges: messages of the user in it.
        first: the first of them.
    """

    path: Path
    t: float
    exchanges: int
    first: str


def kept(folder: Path, *, without: Path | None = None) -> list[Kept]:
    """The talks in a run's `transcripts/`, the newest first; those in which nothing was answered are left out.

    Args:
        folder: may be missing. without: the transcript of the talk that is going on.
    """
    found = []
    for path in sorted(folder.glob("*.jsonl"), reverse=True)[:NEWEST]:
        if path == without:
            continue
        try:
            _, exchanges = read(path)
            t = path.stat().st_mtime
        except (UserError, OSError):
            continue
        if exchanges:
            found.append(Kept(path, t, len(exchanges), exchanges[0].user))
    return found


def read(path: Path) -> tuple[str, list[Exchange]]:
    """What was said in a transcript since its last reset: system message and exchanges. Broken lines are left out.

    Raises:
        UserError: the file cannot be read.
    """
    system, exchanges = "", list[Exchange]()
    before: Exchange | None = None  # how the last exchange stood before it was answered again
    for line in _lines(path):
        text = str(line.get("text", ""))
        match line.get("kind"):
            case "session":
                system = str(line.get("system", ""))
            case "system":
                system = text
            case "reset":
                exchanges.clear()
            case "restore":
                system = str(line.get("system", system))
                exchanges[:] = from_history(_messages(line.get("messages")), "adapted")
            case "user":
                _settle(exchanges, before)
                before = None
                exchanges.append(Exchange(text))
            case "again" if exchanges:
                _settle(exchanges, before)
                before = exchanges[-1]
                exchanges[-1] = Exchange(before.user, tries=before.tries + 1)
            case "assistant" if exchanges:
                _answer(exchanges[-1], line, text)
    _settle(exchanges, before)
    return system, [exchange for exchange in exchanges if exchange.chosen]


def _settle(exchanges: list[Exchange], before: Exchange | None) -> None:
    """Of another try nothing came: the earlier one stands."""
    if before is not None and exchanges and exchanges[-1].chosen is None and exchanges[-1].user == before.user:
        exchanges[-1] = before


def _answer(exchange: Exchange, line: Mapping[str, Any], text: str) -> None:
    who = next((known for known in get_args(Who) if known == line.get("who")), None)
    if who is None:
        return
    stopped_by = line.get("stopped_by")
    reply = Reply(who, text, stopped_by=stopped_by if stopped_by in get_args(StoppedBy) else "stop")
    seconds, tokens = line.get("seconds"), line.get("tokens")
    reply.seconds = float(seconds) if isinstance(seconds, int | float) else 0.0
    reply.tokens = tokens if isinstance(tokens, int) else 0
    exchange.replies[who] = reply


def _messages(found: Any) -> tuple[Message, ...]:
    if not isinstance(found, list):
        return ()
    return tuple(
        Message(m["role"], str(m.get("content", "")))
        for m in found
        if isinstance(m, dict) and m.get("role") in ("user", "assistant")
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"the transcript cannot be read: {error.strerror}", file=path) from error
    for row in text.split("\n"):
        try:
            line = json.loads(row)
        except ValueError:
            continue
        if isinstance(line, dict):
            yield line
