"""What a model has forgotten: general questions, whose true answers it foresees and points to less well than before.

Bits per byte say how well the true answer is foreseen (see `likelihood`); identification whether what the reply has
beyond the question points to it among the answers to other questions (see `measures.on_topic`: repeating the question
alone is identified nearly always, these questions being about different things). A question is the unit; both models
are compared on the same ones.
"""

import numpy as np

from chatforge.evaluation.items import every_item
from chatforge.evaluation.measures import FEWEST, Array, is_empty, make_design
from chatforge.evaluation.measures.on_topic import OnTopic
from chatforge.evaluation.probes.asking import Heard
from chatforge.evaluation.probes.record import ForgettingRecord, QuestionRecord
from chatforge.evaluation.probes.sets import Probing
from chatforge.evaluation.scales import PRIMARY
from chatforge.evaluation.statistics import mean_interval, ratio_interval
from chatforge.models.encoder import Encoder

CANDIDATES = 10


def forgetting(asked: Probing, base: Heard, adapted: Heard, encoder: Encoder, seed: int) -> ForgettingRecord | None:
    """Compare what both models say to the general questions; None with fewer than three."""
    items = every_item(asked.questions)
    if len(items) < FEWEST:
        return None
    design = make_design(len(items), CANDIDATES, seed)
    true = encoder.encode([item.reference for item in items])
    on_topic = OnTopic(true, encoder.encode([item.question for item in items]), [None] * len(items), design)

    def identified(said: Heard) -> Array:
        found, _ = on_topic.score(encoder.encode(said.answers), [is_empty(text) for text in said.answers])
        return np.array(found[PRIMARY.key], dtype=np.float64)

    before, after = identified(base), identified(adapted)
    size = np.array([one.bytes for one in base.foreseen], dtype=np.float64)
    bits_before, bits_after = (np.array([one.nats for one in said.foreseen]) / np.log(2) for said in (base, adapted))
    return ForgettingRecord(
        questions=tuple(
            QuestionRecord(
                item.conversation, item.question, item.reference, foreseen.bytes, said, now, foreseen.nats,
                foreseen_now.nats, float(was), float(now_is),
            )
            for item, foreseen, foreseen_now, said, now, was, now_is in zip(
                items, base.foreseen, adapted.foreseen, base.answers, adapted.answers, before, after, strict=True
            )
        ),
        candidates=design.candidates,
        base_bits=ratio_interval(bits_before, size, seed),
        adapted_bits=ratio_interval(bits_after, size, seed),
        lost_bits=ratio_interval(bits_after - bits_before, size, seed),
        base_identified=mean_interval(before, seed),
        adapted_identified=mean_interval(after, seed),
        lost_identified=mean_interval(before - after, seed),
        seconds=base.question_seconds + adapted.question_seconds,
    )  # fmt: skip
