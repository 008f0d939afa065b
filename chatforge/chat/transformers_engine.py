"""Answers with a transformers model: the base, or the base with what was learned."""

from collections.abc import Callable, Generator, Sequence
from typing import Any

from chatforge.adaptation.adapted import Pair
from chatforge.chat.detokenize import Detokenizer
from chatforge.chat.engine import Ending
from chatforge.chat.protocol import StoppedBy, Who
from chatforge.chat.settings import Settings
from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError
from chatforge.models import generation

SEED = 7
"""First seed of a chat's draws; each reply takes the next one, so a chat can be had again word for word."""


class TransformersEngine:
    """An `Engine` over a base and what was learned on it.

    Args:
        pair: the models.
        settings: how replies are made; can be set anew between two of them.
    """

    def __init__(self, pair: Pair, settings: Settings) -> None:
        self._pair = pair
        self.settings = settings
        self._replies = 0

    @property
    def context(self) -> int:
        """Tokens that the model can read and write together."""
        return self._pair.context

    @property
    def reserved(self) -> int:
        """Tokens kept free for a reply: the longest one, but never more than half of what the model can see."""
        return min(self.settings.max_new_tokens, self.context // 2)

    def count(self, messages: Sequence[Message]) -> int:
        """Number of tokens of the prompt that these messages make."""
        return len(self._pair.renderer.prompt(messages))

    def reply(
        self, who: Who, messages: Sequence[Message], should_stop: Callable[[], bool]
    ) -> Generator[str, None, Ending]:
        """Yield the reply in pieces; return how it ended.

        Raises:
            UserError: there is no such model here.
        """
        open_model = self._pair.base if who == "base" else self._pair.adapted
        if open_model is None:
            raise UserError("there is no adapted model here")
        prompt = self._pair.renderer.prompt(messages)
        self._replies += 1
        with open_model() as model:
            return (yield from self._write(model, prompt, should_stop))

    def _write(self, model: Any, prompt: list[int], should_stop: Callable[[], bool]) -> Generator[str, None, Ending]:
        tokens = generation.stream(
            model,
            prompt,
            stop_ids=self._pair.renderer.stop_ids,
            max_new_tokens=min(self.settings.max_new_tokens, self.context - len(prompt)),
            temperature=self.settings.temperature,
            top_p=self.settings.top_p,
            seed=SEED + self._replies - 1,
            should_stop=should_stop,
        )
        text, count = Detokenizer(self._pair.tokenizer), 0
        while True:
            try:
                piece = text.add(next(tokens))
            except StopIteration as end:
                stopped_by: StoppedBy = end.value
                break
            count += 1
            if piece:
                yield piece
        if piece := text.flush():
            yield piece
        return Ending(stopped_by, count)
