"""What was said in a talk, exchange by exchange."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatforge.chat.protocol import Who
from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError

SHAPE = "user and assistant take turns, the user begins, the assistant ends; one system message may stand before them"


@dataclass
class Exchange:
    """One message of the user and what was answered to it; `answers` is in the order in which they came."""

    user: str
    answers: dict[Who, str] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """The reply that the history goes on with; "" if nothing came."""
        return self.answers.get("adapted") or self.answers.get("base") or ""

    @property
    def messages(self) -> tuple[Message, Message]:
        """The exchange as the model reads it later."""
        return Message("user", self.user), Message("assistant", self.answer)


def read_messages(rows: Sequence[Mapping[str, Any]], who: Who) -> tuple[str | None, list[Exchange]]:
    """Read a history from {"role", "content"} rows: its system message, None without one, and its exchanges.

    Args:
        who: whom the replies are put down to.

    Raises:
        UserError: the rows are no such history; says where.
    """
    texts = [(_role(row, place), _text(row, place)) for place, row in enumerate(rows, 1)]
    system = texts.pop(0)[1] if texts and texts[0][0] == "system" else None
    for place, (role, _) in enumerate(texts):
        if role != ("user", "assistant")[place % 2]:
            raise UserError(f"message {place + len(rows) - len(texts) + 1} is from {role}", hint=SHAPE)
    if len(texts) % 2:
        raise UserError("the last message has no reply", hint=SHAPE)
    pairs = zip(texts[::2], texts[1::2], strict=True)
    return system, [Exchange(user, {who: reply}) for (_, user), (_, reply) in pairs]


def conversation(system: str, exchanges: Sequence[Exchange], meta: Mapping[str, Any]) -> dict[str, Any]:
    """The talk as a line of `messages` JSONL.

    Replies that the history did not go on with stand in `meta.other_answers`, by the index of the message they stand
    beside.
    """
    head = [Message("system", system)] if system else []
    messages = head + [message for exchange in exchanges for message in exchange.messages]
    others = [
        {"message": len(head) + 2 * i + 1, "who": who, "content": text}
        for i, exchange in enumerate(exchanges)
        for who, text in exchange.answers.items()
        if text and text != exchange.answer
    ]
    rows = [{"role": m.role, "content": m.content} for m in messages]
    return {"messages": rows, "meta": {**meta, **({"other_answers": others} if others else {})}}


def clean(text: str) -> str:
    """Strip a text and replace half characters (lone surrogates, from a terminal of another encoding).

    No tokenizer takes those.
    """
    return text.encode("utf-8", "replace").decode().strip()


def _role(row: Mapping[str, Any], place: int) -> str:
    role = row.get("role") if isinstance(row, Mapping) else None
    if role not in ("system", "user", "assistant"):
        raise UserError(f"message {place} has no role that a history knows", hint=SHAPE)
    return str(role)


def _text(row: Mapping[str, Any], place: int) -> str:
    content = row.get("content")
    if not isinstance(content, str):
        raise UserError(f"message {place} has no text")
    if not clean(content):
        raise UserError(f"message {place} is empty")
    return clean(content)
