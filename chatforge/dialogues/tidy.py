"""From what a file says to what can be trained on, by stated rules; every change is named.

assistant, user, user, tool, assistant, user   ──►   user, assistant
(greeting left out; two joined; tool left out; last word of the user left out)
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatforge.dialogues.conversation import ROLES, Conversation, Message
from chatforge.dialogues.draft import BadLine, Draft, Remark
from chatforge.errors import did_you_mean

MAX_MESSAGE_CHARACTERS = 50_000
"""A longer message is an attachment or a broken export, not something a person typed."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")
CUT_EMOJI = "half a surrogate pair (a \\ud… alone): the export cut an emoji in two"

ROLE_NAMES = {
    "developer": "system", "human": "user", "customer": "user", "gpt": "assistant", "bot": "assistant",
    "model": "assistant", "agent": "assistant", "function": "tool",
}  # fmt: skip
"""Other words for the three roles, in any spelling."""


@dataclass(frozen=True)
class Tidied:
    """A conversation, and what was changed to make it one: the words under which each change is counted."""

    conversation: Conversation
    changed: tuple[str, ...] = ()


class _BadError(Exception):
    """Why a draft is no conversation."""


def strict(draft: Draft) -> Conversation | BadLine:
    """Return the conversation that a draft is, or why it is none; nothing is changed."""
    try:
        messages = tuple(_message(remark, i) for i, remark in enumerate(draft.remarks, start=1))
        _check_order(messages)
        return _conversation(draft, messages)
    except _BadError as error:
        return BadLine(draft.file, draft.line, str(error))


def tidy(draft: Draft) -> Tidied | BadLine:
    """Make a conversation of a draft.

    In this order: other words for roles are understood; what tools said and what is empty is left out; system messages
    are joined at the front; what one role says several times in a row is joined, a line each; what the assistant says
    before the user, and what the user says at the end, is left out.
    """
    changed = list(draft.changed)
    try:
        remarks = _known_roles(draft.remarks, changed)
        system = "\n".join(r.content or "" for r in remarks if r.role == "system")
        talk = _joined([r for r in remarks if r.role != "system"], changed)
        if talk and talk[0].role == "assistant":
            talk = talk[1:]
            changed.append("opened by the assistant: that message left out")
        if talk and talk[-1].role == "user":
            talk = talk[:-1]
            changed.append("the user has the last word: that message left out")
        front = [Remark("system", system)] if system else []
        messages = tuple(_message(remark, i) for i, remark in enumerate([*front, *talk], start=1))
        _check_order(messages)
        return Tidied(_conversation(draft, messages), tuple(changed))
    except _BadError as error:
        return BadLine(draft.file, draft.line, str(error))


def role_of(remark: Remark) -> str:
    """Return the role of a remark, other words and spellings understood; any other speaker as he is named."""
    role = remark.role.strip().casefold()
    return ROLE_NAMES.get(role, role)


def _known_roles(remarks: Sequence[Remark], changed: list[str]) -> list[Remark]:
    kept = []
    for remark in remarks:
        role = role_of(remark)
        if role == "tool":
            changed.append("tool messages left out")
        elif remark.content is None or not remark.content.strip():
            changed.append("empty messages left out")
        else:
            kept.append(Remark(role, remark.content))
    return kept


def _joined(talk: Sequence[Remark], changed: list[str]) -> list[Remark]:
    joined: list[Remark] = []
    for remark in talk:
        if joined and joined[-1].role == remark.role:
            joined[-1] = Remark(remark.role, f"{joined[-1].content}\n{remark.content}")
            changed.append("messages in a row by one side joined")
        else:
            joined.append(remark)
    return joined


def _conversation(draft: Draft, messages: tuple[Message, ...]) -> Conversation:
    name = draft.id if draft.id is not None else f"{draft.file.name}:{draft.line}"
    if _HALF_PAIR.search(name) or (draft.meta and _HALF_PAIR.search(json.dumps(draft.meta, ensure_ascii=False))):
        raise _BadError(CUT_EMOJI)
    return Conversation(name, messages, draft.meta, draft.file, draft.line)


def _message(remark: Remark, position: int) -> Message:
    role, content = remark.role, remark.content
    if role not in ROLES:
        near = did_you_mean(role, ROLES)
        raise _BadError(f"message {position}: unknown role {repr(role)[:40]}{f', {near}' if near else ''}")
    if content is None or not content.strip():
        raise _BadError(f"message {position} ({role}) is empty")
    if _HALF_PAIR.search(content):
        raise _BadError(CUT_EMOJI)
    if len(content) > MAX_MESSAGE_CHARACTERS:
        raise _BadError(
            f"message {position} ({role}) has {len(content):,} characters; the limit is {MAX_MESSAGE_CHARACTERS:,}"
        )
    return Message(role, content)


def _check_order(messages: tuple[Message, ...]) -> None:
    talk = messages[1:] if messages and messages[0].role == "system" else messages
    offset = len(messages) - len(talk)
    for i, message in enumerate(talk):
        expected = "user" if i % 2 == 0 else "assistant"
        if message.role != expected:
            raise _BadError(f"roles don't alternate: message {offset + i + 1} is {message.role}, not {expected}")
    if len(talk) < 2:
        raise _BadError("no assistant turn: nothing to learn from")
