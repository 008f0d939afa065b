"""From replies to scores: what each reply gets on every scale, and what a conversation gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chatforge.evaluation.flags import Flag, find_flags
from chatforge.evaluation.flags.quantity import Quantity
from chatforge.evaluation.items import Item
from chatforge.evaluation.measures import Array, Design, is_empty
from chatforge.evaluation.measures.complete import Complete
from chatforge.evaluation.measures.on_topic import OnTopic
from chatforge.evaluation.replies import Replies
from chatforge.evaluation.rivals import Rival, named
from chatforge.evaluation.scales import PRIMARY, SCALES
from chatforge.models.encoder import Encoder

Column = Sequence[float | None]


@dataclass(frozen=True)
class Scored:
    """One rival's replies with what they score.

    Attributes:
        scores: by key of `scales`, one per item; None where the reference has nothing that the scale looks for.
        places: of the own reference among all, from 1, one per item.
        conversations: of which conversation each item is.
        flags: what of each reply needs a look, one tuple per item.
    """

    rival: Rival
    replies: Replies
    scores: Mapping[str, Column]
    places: Sequence[float]
    conversations: Sequence[str]
    flags: Sequence[tuple[Flag, ...]]

    def of(self, key: str) -> Array:
        """One score per conversation, the mean over its turns, shape (C,); NaN where no turn has one."""
        return self._by_conversation(self.scores[key])

    @property
    def primary(self) -> Array:
        """The score that decides, one per conversation, shape (C,)."""
        return self.of(PRIMARY.key)

    @property
    def sureness(self) -> Array:
        """Mean log-probability per token of the replies, one per conversation, shape (C,); NaN where there is none."""
        return self._by_conversation(self.replies.log_probabilities)

    @property
    def keys(self) -> list[str]:
        """The scales on which at least one conversation has a score, in the order they are shown."""
        return [scale.key for scale in SCALES if any(value is not None for value in self.scores.get(scale.key, ()))]

    def _by_conversation(self, column: Column) -> Array:
        turns: dict[str, list[float]] = {}
        for name, value in zip(self.conversations, column, strict=True):
            turns.setdefault(name, []).extend([] if value is None else [value])
        return np.array([sum(values) / len(values) if values else np.nan for values in turns.values()])


class Scorer:
    """Scores every rival against the same references and candidates.

    Args:
        complete: what scores how complete a reply is; None where only the other axis is wanted.
        known: what no reply has invented, such as the prices of the house.

    Attributes:
        truncated: how many texts were longer than the encoder's window.
    """

    def __init__(
        self,
        items: Sequence[Item],
        encoder: Encoder,
        design: Design,
        complete: Complete | None = None,
        known: Sequence[Quantity] = (),
    ) -> None:
        self._items, self._encoder, self._complete, self._known = items, encoder, complete, known
        self.truncated = 0
        references = self._encode([item.reference for item in items])
        questions = encoder.encode([item.question for item in items])
        self._on_topic = OnTopic(references, questions, [item.intent for item in items], design)

    def score(self, name: str, said: Replies) -> Scored:
        """Score one rival's replies; empty ones count 0 on every scale."""
        scores, places = self._on_topic.score(self._encode(said.texts), [is_empty(text) for text in said.texts])
        columns: dict[str, Column] = {**scores, **(self._complete.score(said.texts) if self._complete else {})}
        flags = [
            find_flags(text, item.reference, item.history, known=self._known)
            for text, item in zip(said.texts, self._items, strict=True)
        ]
        return Scored(named(name), said, columns, places, [item.conversation for item in self._items], flags)

    def _encode(self, texts: Sequence[str]) -> Array:
        before = self._encoder.truncated
        found = self._encoder.encode(texts)
        self.truncated += self._encoder.truncated - before
        return found
