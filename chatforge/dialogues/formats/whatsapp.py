"""A chat exported from WhatsApp, on an iPhone or on Android.

    [12.03.24, 14:05:01] Anna: Hi, is it         3/12/24, 2:05 PM - Anna: Hi, is it
    still there?                                 still there?
    [12.03.24, 14:07:40] Shop: It is.            3/12/24, 2:07 PM - Shop: <Media omitted>

A chat never ends: after a silence of more than 24 hours (as long as WhatsApp lets a business answer) a new conversation
begins.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.blocks import LOOK_LINES, beginning, numbered
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.sides import Sides, guess, listed
from chatforge.dialogues.formats.walk import SAMPLE, most, peek
from chatforge.dialogues.formats.whatsapp_messages import ChatMessage, is_chat, messages, order

NAME = "whatsapp"
WHAT = "WhatsApp: a chat exported as text; after 24 hours of silence a new conversation begins"
KINDS: tuple[Kind, ...] = ("text",)

GAP_HOURS = 24

_MEDIA = re.compile(
    r"<[^<>]{1,80}>|(?:image|video|audio|sticker|gif|document|contact card) omitted"
    r"|.{1,120} \((?:file attached|datei angehängt|archivo adjunto|fichier joint)\)",
    re.IGNORECASE,
)
_DELETED = re.compile(
    r"(?:you deleted this message|this message was deleted|diese nachricht wurde gelöscht"
    r"|du hast diese nachricht gelöscht)\.?",
    re.IGNORECASE,
)
_EDITED = re.compile(r"\u200e?<(?:this message was edited|diese nachricht wurde bearbeitet\.?)>$", re.IGNORECASE)


@dataclass
class _Chat:
    """One conversation as it is read."""

    line: int
    said: list[tuple[str, str]] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def fits(sample: Sequence[Record]) -> bool:
    """Whether text is an exported chat."""
    return most(sample, lambda record: isinstance(record.value, str)) and is_chat(beginning(sample))


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Read the conversations of a chat.

    Raises:
        UserError: it cannot be told who is the assistant, or the chosen one is not there.
    """
    first, lines = peek(numbered(records, path), LOOK_LINES)
    dates = order([line[1] for line in first if not isinstance(line, BadLine)])
    sample, chats = peek(_chats(messages(lines, dates)), SAMPLE)
    sides = guess([[who for who, _ in chat.said] for chat in sample if isinstance(chat, _Chat)], choices, path)
    for chat in chats:
        yield chat if isinstance(chat, BadLine) else _draft(chat, sides, path)


def _draft(chat: _Chat, sides: Sides, path: Path) -> Draft | BadLine:
    side = sides.of([who for who, _ in chat.said])
    if "assistant" not in side.values():
        who = f"there is only {listed(list(side))}" if side else "there are only notices"
        return BadLine(path, chat.line, f"nobody answers in this conversation: {who}")
    third = sum(side[who] == "third" for who, _ in chat.said)
    changed = [*chat.changed, *["words of third persons counted as the user's"] * third, *sides.guessed]
    said = tuple(Remark("assistant" if side[who] == "assistant" else "user", words) for who, words in chat.said)
    return Draft(said, path, chat.line, changed=tuple(changed))


def _chats(found: Iterable[ChatMessage | BadLine]) -> Iterator[_Chat | BadLine]:
    chat: _Chat | None = None
    before: datetime | None = None
    for message in found:
        if isinstance(message, BadLine):
            yield message
            continue
        hours = (message.when - before).total_seconds() / 3600 if message.when and before else 0
        if chat and hours > GAP_HOURS:
            yield chat
            chat = None
        before = message.when or before
        chat = chat or _Chat(message.line)
        _add(chat, message)
    if chat:
        yield chat


def _add(chat: _Chat, message: ChatMessage) -> None:
    """Put what a message says into a conversation, or why it is not kept."""
    first, *rest = message.lines
    bare = first.strip("\u200e\u200f \t")
    if message.who is None:
        chat.changed.append("notices of WhatsApp left out")
        return
    if left_out := _why_left_out(first, bare):
        chat.changed.append(left_out)
        bare = ""
    words = _EDITED.sub("", "\n".join([bare, *rest]).strip()).strip()
    if words:
        chat.said.append((message.who, words))


def _why_left_out(first: str, bare: str) -> str | None:
    if _MEDIA.fullmatch(bare[:300]):
        return "pictures and other media left out"
    if _DELETED.fullmatch(bare):
        return "deleted messages left out"
    # On an iPhone, words that nobody typed begin with a sign that cannot be seen.
    return "notices of WhatsApp left out" if first.startswith("\u200e") else None
