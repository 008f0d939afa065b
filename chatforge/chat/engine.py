"""What a chat needs of whatever answers. One file per engine; the session knows only this."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatforge.chat.protocol import StoppedBy, Who
from chatforge.chat.settings import Settings
from chatforge.dialogues.conversation import Message


@dataclass(frozen=True)
class Ending:
    """How a reply came to its end: why, and after how many tokens (the stop token is not one of them)."""

    stopped_by: StoppedBy
    tokens: int


class Engine(Protocol):
    """Answers a history.

    Attributes:
        context: how many tokens the model can read and write together.
        reserved: how many of them are kept free for a reply.
        settings: how replies are drawn; whoever sets it changes the replies from then on.
    """

    settings: Settings

    @property
    def context(self) -> int: ...

    @property
    def reserved(self) -> int: ...

    def count(self, messages: Sequence[Message]) -> int:
        """Number of tokens of a history that ends with a user turn, as the model would read it."""
        ...

    def reply(
        self, who: Who, messages: Sequence[Message], should_stop: Callable[[], bool]
    ) -> Generator[str, None, Ending]:
        """Yield the reply in pieces as it is written, none of them empty; return how it ended.

        `should_stop` is asked before every token. Joined, the pieces are the reply: no piece ends inside a character.
        """
        ...
