"""What is scored: one assistant turn of every held-out conversation (or more), with its true history."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from chatforge.dialogues.conversation import Conversation, Message


@dataclass(frozen=True)
class Item:
    """One reply to give.

    Attributes:
        conversation: id of the conversation.
        intent: what its user wants, if the file says so.
        history: everything said before, as it was really said; ends with a user turn.
        reference: what the assistant really answered.
        turn: index of that answer among the messages of the conversation.
    """

    conversation: str
    intent: str | None
    history: tuple[Message, ...]
    reference: str
    turn: int

    @property
    def question(self) -> str:
        """The user turn that is answered."""
        return self.history[-1].content


def choose_items(
    conversations: Sequence[Conversation], seed: int, limit: int | None = None, turns: int = 1
) -> tuple[Item, ...]:
    """Choose one assistant turn per conversation, or more.

    The choice hangs on the seed and the conversation's id alone: adding or removing a conversation changes no other.

    Args:
        conversations: held-out conversations.
        limit: at most so many conversations, chosen by the same hash; None for all. File order is kept.
        turns: at most so many of each conversation; with more of them those of a smaller number stay.
    """
    chosen = list(conversations)
    if limit is not None and limit < len(chosen):
        chosen.sort(key=lambda c: _draw(seed, "conversation", c.id))
        wanted = {id(c) for c in chosen[:limit]}
        chosen = [c for c in conversations if id(c) in wanted]
    return tuple(_item(c, turn) for c in chosen for turn in _turns(c, seed, turns))


def every_item(conversations: Sequence[Conversation]) -> tuple[Item, ...]:
    """Every assistant turn of the conversations, in order (what is retrieved from)."""
    return tuple(_item(c, turn) for c in conversations for turn in c.assistant_turns)


def context(history: Sequence[Message]) -> str:
    """Return the history as one text for the encoder, the newest message first.

    Encoders cut long texts at their end, so what may be lost is the oldest. System messages are left out.
    """
    return "\n".join(f"{m.role}: {m.content}" for m in reversed(history) if m.role != "system")


def _turns(conversation: Conversation, seed: int, count: int) -> list[int]:
    """The turns that are scored, in order."""
    turns = conversation.assistant_turns
    first = turns[_draw(seed, "turn", conversation.id) % len(turns)]
    rest = sorted(set(turns) - {first}, key=lambda turn: _draw(seed, f"turn {turn}", conversation.id))
    return sorted([first, *rest][:count])


def _item(conversation: Conversation, turn: int) -> Item:
    messages = conversation.messages
    return Item(conversation.id, conversation.intent, messages[:turn], messages[turn].content, turn)


def _draw(seed: int, what: str, name: str) -> int:
    """A number fixed by its arguments, the same on every machine."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{what}/{name}".encode()).digest()[:8], "big")
