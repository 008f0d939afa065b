"""A conversation: who said what, in order, and where it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Role = Literal["system", "user", "assistant"]
ROLES: tuple[Role, ...] = ("system", "user", "assistant")


@dataclass(frozen=True)
class Message:
    """One thing said by one role."""

    role: Role
    content: str


@dataclass(frozen=True)
class Conversation:
    """Messages in order.

    user, assistant, user, assistant …, with at most one system message before them, and at least one assistant turn.

    Attributes:
        id: unique within its file; "FILE:LINE" where the file gives none.
        meta: what else the file says (`intent`, `scenario` …).
        file, line: where it was read from; `line` counts from 1.
    """

    id: str
    messages: tuple[Message, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)
    file: Path | None = None
    line: int | None = None

    @property
    def scenario(self) -> str:
        """What must not be divided between training and test: its scenario, or the conversation itself."""
        return str(self.meta.get("scenario") or self.id)

    @property
    def intent(self) -> str | None:
        """What the user wants, if the file says so."""
        intent = self.meta.get("intent")
        return str(intent) if intent else None

    @property
    def assistant_turns(self) -> list[int]:
        """Indices into `messages` of what the assistant said."""
        return [i for i, message in enumerate(self.messages) if message.role == "assistant"]

    @property
    def place(self) -> str:
        """FILE:LINE for messages to the user."""
        return f"{self.file}:{self.line}" if self.file else self.id

    def with_system(self, system: str) -> "Conversation":
        """Return the conversation with a system message in front, unless it has one of its own."""
        if not system or (self.messages and self.messages[0].role == "system"):
            return self
        messages = (Message("system", system), *self.messages)
        return Conversation(self.id, messages, self.meta, self.file, self.line)
