"""Token counts of a project's conversations: the one that is looked at first, then a sample in the background."""

from collections.abc import Callable
from pathlib import Path

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine
from chatforge.project import data_client
from chatforge.project.data_client import Answer, DataClient, Ended

MOST = 2_000
"""How many conversations are counted; more would tell nothing new about their lengths."""

AT_ONCE = 4
"""Asked for ahead of the answers: few, so that the conversation somebody looks at need not wait."""


class Counting:
    """Asks a data worker and keeps what it says.

    Args:
        hear: takes the worker's words to `take` and `ended`, on the screen's own thread; called from another one, with
            the number of the worker: what an older one said no longer counts.

    Attributes:
        lengths: tokens by row. trouble: why there is no worker, in words; "" if there is one.
    """

    def __init__(self, hear: Callable[[int, Answer | Ended], object]) -> None:
        self._hear = hear
        self.number = 0
        self.client: DataClient | None = None
        self.lengths: dict[int, int] = {}
        self.answers: dict[int, Answer] = {}
        self.trouble = ""
        self._settings: tuple[Path, str, int] | None = None
        self._round = 0
        self._todo: list[int] = []
        self._waiting = 0
        self._asked: object = None
        self.wanted = 0
        self._read: Callable[[int], Conversation | BadLine] | None = None

    @property
    def working(self) -> bool:
        """Whether conversations are being counted in the background."""
        return self.client is not None and bool(self._todo or self._waiting)

    def settle(self, model: Path, system: str, limit: int) -> bool:
        """Render with these from now on; starts the worker if there is none. Return whether anything changed."""
        settings = (model, system, limit)
        if settings == self._settings and (self.client or self.trouble):
            return False
        if self._settings is None or (model, system) != self._settings[:2]:
            self.lengths.clear()
        self.answers.clear()
        if self._settings and model != self._settings[0]:
            self.close()
        self._settings, self.trouble = settings, ""
        if self.client:
            self.client.settle(system, limit)
        else:
            self._start(model, system, limit)
        return True

    def _start(self, model: Path, system: str, limit: int) -> None:
        self.number = number = self.number + 1
        try:
            self.client = DataClient(model, system, limit, lambda said: self._hear(number, said), data_client.PROGRAM)
        except OSError as error:
            self.trouble = f"the process that counts tokens cannot be started: {error.strerror}"

    def forget(self) -> None:
        """The rows mean other conversations from now on."""
        self._round += 1
        self.lengths.clear()
        self.answers.clear()
        self._todo, self._waiting, self._read, self.wanted = [], 0, None, 0

    def ask(self, row: int, conversation: Conversation) -> None:
        """Ask what the model gets of a conversation, unless that is known."""
        asked = (self.number, self._round, self._settings, row)
        if self.client and row not in self.answers and asked != self._asked:
            self._asked = asked
            self.client.ask(f"{self._round}:{row}:looked at", conversation.messages)

    def count(self, total: int, read: Callable[[int], Conversation | BadLine]) -> None:
        """Count a sample of rows, spread evenly."""
        self._round += 1
        step = max(1.0, total / MOST)
        chosen = [int(i * step) for i in range(min(MOST, total))]
        self.wanted = len(chosen)
        self._todo = [row for row in reversed(chosen) if row not in self.lengths]
        self._read, self._waiting = read, 0
        self._go_on()

    def take(self, answer: Answer) -> int | None:
        """Keep an answer; return its row, or None if it was given to an older question."""
        round_, row, why = answer.id.split(":")
        if int(round_) != self._round:
            return None
        if not answer.problem:
            self.lengths[int(row)] = answer.tokens
        if why == "counted":
            self._waiting = max(0, self._waiting - 1)
            self._go_on()
        else:
            self.answers = {int(row): answer}
        return int(row)

    def ended(self, why: str) -> None:
        """The worker is gone."""
        self.trouble = why
        self.close()

    def restart(self) -> None:
        """Let the next `settle` start a worker again."""
        self._settings = None
        self.trouble = ""

    def close(self) -> None:
        """End the worker."""
        if self.client:
            self.client.close()
        self.client = None
        self._todo, self._waiting = [], 0

    def _go_on(self) -> None:
        while self.client and self._read and self._todo and self._waiting < AT_ONCE:
            row = self._todo.pop()
            item = self._read(row)
            if isinstance(item, Conversation):
                self._waiting += 1
                self.client.ask(f"{self._round}:{row}:counted", item.messages, pieces=False)
            else:
                self.wanted -= 1
