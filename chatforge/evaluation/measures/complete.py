"""Is everything in a reply that the true reply says? Recall, on five scales; what it says besides costs nothing.

    true reply   Returns are free within 60 days: write to help@larkspur.example.
    reply        You can send it back for sixty days, it costs nothing.

    token_recall    mean over the true reply's tokens of the similarity to the nearest token of the reply, in context:
                    the recall half of BERTScore (Zhang et al. 2020), with the evaluator's own encoder
    content_words   returns free within days write        1 of 5
    numbers         60                                    1 of 1
    entities        help@larkspur.example                 0 of 1
    facts           60 days, help@larkspur.example        1 of 2, if the fact sheet has both

A true reply that has no number is not counted on that scale: None, neither right nor wrong. Empty replies get 0.
English word lists; numbers in words too.
"""

from collections.abc import Callable, Sequence

import numpy as np

from chatforge.evaluation import scales
from chatforge.evaluation.facts import Facts
from chatforge.evaluation.measures import is_empty
from chatforge.evaluation.measures.design import Array
from chatforge.evaluation.mentions import Mentions, content_words, entities, numbers
from chatforge.models.encoder import Encoder

Column = list[float | None]


class Complete:
    """Scores replies on every scale of this axis.

    Args:
        facts: the corpus's fact sheet, or None.
    """

    def __init__(self, references: Sequence[str], encoder: Encoder, facts: Facts | None = None) -> None:
        self._encoder = encoder
        self._tokens = encoder.encode_tokens(references)
        self._readers: dict[str, Callable[[str], Mentions]] = {
            scales.CONTENT_WORDS.key: content_words,
            scales.NUMBERS.key: numbers,
            scales.ENTITIES.key: entities,
        }
        if facts:
            self._readers[scales.FACTS.key] = facts.told_in
        self._wanted = {key: [read(text) for text in references] for key, read in self._readers.items()}

    def score(self, replies: Sequence[str]) -> dict[str, Column]:
        """Return the scores of one rival by scale."""
        mute = [is_empty(reply) for reply in replies]
        near = map(token_recall, self._encoder.encode_tokens(replies), self._tokens)
        found: dict[str, Column] = {
            scales.TOKEN_RECALL.key: [0.0 if m else value for m, value in zip(mute, near, strict=True)]
        }
        for key, read in self._readers.items():
            pairs = zip(replies, self._wanted[key], strict=True)
            found[key] = [wanted.share_in(read(reply)) for reply, wanted in pairs]
        return found


def token_recall(reply: Array, reference: Array) -> float | None:
    """Return the mean similarity of the reference's tokens to their nearest in the reply, 0 for none of them.

    Args:
        reply, reference: token vectors, unit length, shape (T, D) each. None if the reference has no token.
    """
    if not len(reference):
        return None
    return float(np.clip((reference @ reply.T).max(axis=1), 0.0, 1.0).mean()) if len(reply) else 0.0
