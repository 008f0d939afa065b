"""One of the two models at work: its prompts, its replies, what it foresees and what it remembers.

What it has done before with the same weights is taken from the cache.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.rendering import Renderer
from chatforge.evaluation.cache import Cache, digest
from chatforge.evaluation.examples import Similar, left_out, prompt_with
from chatforge.evaluation.items import Item
from chatforge.evaluation.likelihood import Likelihood, likelihoods
from chatforge.evaluation.memorisation.probing import Asked, Memory, Remembered, how_many, remember
from chatforge.evaluation.replies import OnProgress, Replies, answered
from chatforge.evaluation.rivals import Rival
from chatforge.models.generation import Reply
from chatforge.models.loading import context_of

AT_ONCE = 8
"""Conversations after whose likelihoods the cache is written."""


@dataclass(frozen=True)
class Speaker:
    """A model that is at hand.

    Attributes:
        name: under which its results are kept.
        model: in evaluation mode. renderer: the one that training used.
        max_new_tokens, batch_size: of its replies.
    """

    name: str
    model: Any
    renderer: Renderer
    cache: Cache
    max_new_tokens: int
    batch_size: int

    def answer(
        self, rival: Rival, items: Sequence[Item], known: Sequence[Item], similar: Similar, on_progress: OnProgress
    ) -> Replies:
        """Answer every item as this rival does.

        Args:
            known: every exchange of train; similar: which of them are like the items.
        """
        renderer = self.renderer if rival.system else Renderer(self.renderer.tokenizer, "")
        limit = context_of(self.model) - self.max_new_tokens
        shown = [
            prompt_with(renderer, _history(item, rival), [known[i] for i in places[: rival.examples]], limit)
            for item, places in zip(items, similar.places, strict=True)
        ]
        said = answered(
            self.model,
            self.renderer,
            [one.prompt for one in shown],
            self._said(),
            max_new_tokens=self.max_new_tokens,
            batch_size=self.batch_size,
            on_progress=on_progress,
        )
        return said.noting(*left_out(shown, rival.examples))

    def foresee(self, judged: Sequence[Conversation], on_progress: OnProgress) -> list[Likelihood]:
        """How likely the model finds what was really said in conversations."""
        shelf = self.cache.shelf("likelihoods", Likelihood, self.name, self.renderer.fingerprint())
        keys = {_key(conversation): conversation for conversation in judged}
        left = shelf.missing(keys)
        before = len(judged) - len(left)
        for begin in range(0, len(left), AT_ONCE):
            some = left[begin : begin + AT_ONCE]
            at = before + begin
            found = likelihoods(
                self.model,
                self.renderer,
                [keys[key] for key in some],
                lambda done, _, at=at: on_progress(at + done, len(judged)),  # type: ignore[misc]
            )
            shelf.add(dict(zip(some, found, strict=True)))
        return [shelf[_key(conversation)] for conversation in judged]

    def remember(self, asked: Asked, memory: Memory, on_done: Callable[[int], None]) -> Remembered:
        """What the model gives out of train, word for word."""

        def work() -> Remembered:
            return remember(self.model, self.renderer, asked, memory, batch_size=self.batch_size, on_done=on_done)

        shelf = self.cache.shelf("remembered", Remembered, self.name, self.renderer.fingerprint())
        # These are plain frozen records: their text says all that is in them.
        found = shelf.once(digest(repr(asked), repr(memory)), work)
        if every := how_many(asked, memory):
            on_done(every)
        return found

    def _said(self) -> Any:
        stop = sorted(self.renderer.stop_ids)
        return self.cache.shelf("replies", Reply, self.name, "greedy", stop, self.max_new_tokens)


def _history(item: Item, rival: Rival) -> Sequence[Any]:
    """What was said before, without a system message of its own for a rival that has none."""
    return item.history if rival.system else [message for message in item.history if message.role != "system"]


def _key(conversation: Conversation) -> str:
    return digest(conversation.id, [(message.role, message.content) for message in conversation.messages])
