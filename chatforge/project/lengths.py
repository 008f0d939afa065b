"""How long conversations are for a base: counted by a worker with the base's own tokenizer, or guessed without it."""

import queue
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from chatforge.dialogues.checks.truncation import Measured, estimated
from chatforge.dialogues.conversation import Conversation
from chatforge.errors import UserError
from chatforge.project.data_client import Answer, DataClient, Ended

WAITING = 64
"""So many conversations are on their way to the worker at once."""


def lengths(
    conversations: Iterable[Conversation], model: Path | None, system: str, limit: int
) -> Iterator[tuple[Conversation, Measured]]:
    """Measure conversations, in order, all in one process.

    Args:
        model: folder of the base; None: it is not on this machine.
        system: the system message for those that have none. limit: tokens from which on more is wanted.

    Raises:
        UserError: the worker died, or cannot read the tokenizer.
    """
    if model is None:
        yield from ((one, estimated(one, system, limit)) for one in conversations)
        return
    heard: queue.Queue[Answer | Ended] = queue.Queue()
    client = DataClient(model, system, limit, heard.put)
    waiting: deque[Conversation] = deque()
    try:
        for conversation in conversations:
            client.measure("", conversation.messages)
            waiting.append(conversation)
            if len(waiting) == WAITING:
                yield waiting.popleft(), _next(heard)
        while waiting:
            yield waiting.popleft(), _next(heard)
    finally:
        client.close()


def _next(heard: "queue.Queue[Answer | Ended]") -> Measured:
    found = heard.get()
    if isinstance(found, Ended):
        raise UserError(found.why)
    return Measured(found.tokens, found.examples, found.problem)
