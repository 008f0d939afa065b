"""Rivals from elsewhere at work: what another run learned, and models behind endpoints."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from chatforge.adaptation.adapted import open_pair, read_card
from chatforge.adaptation.locked_data import split_as_locked
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.gate import compare
from chatforge.errors import UserError
from chatforge.evaluation import endpoint
from chatforge.evaluation.cache import Cache, digest
from chatforge.evaluation.endpoint import Address, Answer
from chatforge.evaluation.examples import Similar
from chatforge.evaluation.items import Item
from chatforge.evaluation.replies import OnProgress, Replies
from chatforge.evaluation.rivals import ADAPTED, ENDPOINT, RUN
from chatforge.evaluation.speaking import Speaker
from chatforge.models.sources import weights_hash
from chatforge.runs.folder import RunFolder


@dataclass(frozen=True)
class OtherRun:
    """What another run learned, with the system message and the base of its own.

    Attributes:
        base: hash of the base that the judged run starts from.
        test: the held-out conversations of the judged run.
    """

    run: RunFolder
    base: str
    test: Sequence[Conversation]
    cache: Cache
    device: torch.device
    max_new_tokens: int
    batch_size: int

    @property
    def name(self) -> str:
        """As reports call it."""
        return f"{RUN}{self.run.id}"

    def answer(self, items: Sequence[Item], on_progress: OnProgress) -> Replies:
        """Answer every item.

        Raises:
            UserError: it has learned nothing yet, or its base is gone.
        """
        card = read_card(self.run.adapter)
        weights = weights_hash(Path(card.base)), weights_hash(self.run.adapter)
        pair = open_pair(self.run, self.device)
        if pair.adapted is None:
            raise UserError("there is no adapter in this run", file=self.run.adapter)
        notes = [] if weights[0] == self.base else [f"it starts from another base, {card.base_name}"]
        cache = self.cache.knowing(self.name, [weights, card.dtype, card.load_in_4bit, self.device.type])
        with pair.adapted() as model:
            speaker = Speaker(self.name, model, pair.renderer, cache, self.max_new_tokens, self.batch_size)
            said = speaker.answer(ADAPTED, items, (), Similar(((),) * len(items), 0), on_progress)
        return said.noting(*notes, *self._seen())

    def _seen(self) -> list[str]:
        """Whether it has learned from what it is judged by."""
        try:
            found = compare(self.test, split_as_locked(self.run).known)
        except UserError:
            return ["its training files are not what they were: whether it has seen the test cannot be said"]
        if not found.leaks:
            return []
        return [
            f"it has learned from {len(found.leaks)} of {found.held_out} held-out conversations, or nearly the same"
        ]


@dataclass(frozen=True)
class AtEndpoint:
    """The model behind an endpoint, with the run's system message."""

    at: Address
    system: str
    cache: Cache
    max_new_tokens: int

    @property
    def name(self) -> str:
        """As reports call it."""
        return f"{ENDPOINT}{self.at.name}"

    def answer(self, items: Sequence[Item], on_progress: OnProgress) -> Replies:
        """Answer every item, one after the other.

        Raises:
            UserError: it cannot be reached, or answers something else. What it has answered so far is kept.
        """
        serves = endpoint.models(self.at)
        shelf = self.cache.shelf("endpoint", Answer, self.name, self.at.url, self.at.model, serves)
        answers = []
        for done, item in enumerate(items, start=1):
            messages = Conversation(item.conversation, tuple(item.history)).with_system(self.system).messages
            key = digest([(message.role, message.content) for message in messages], self.max_new_tokens)
            answers.append(shelf.once(key, _Asking(self.at, messages, self.max_new_tokens)))
            on_progress(done, len(items))
        return Replies(
            tuple(one.text for one in answers),
            tuple(one.stopped_by for one in answers),
            tuple(one.seconds for one in answers),
            (None,) * len(answers),
            (f"asked of {self.at.host} for the model `{self.at.model}`",),
        )


@dataclass(frozen=True)
class _Asking:
    """One question to an endpoint, not asked yet."""

    at: Address
    messages: Sequence[Message]
    max_new_tokens: int

    def __call__(self) -> Answer:
        return endpoint.ask(self.at, self.messages, self.max_new_tokens)
