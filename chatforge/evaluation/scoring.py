"""From replies to figures: what each rival scores, and how the adapted model differs from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chatforge.evaluation.items import Item
from chatforge.evaluation.likelihood import Likelihood
from chatforge.evaluation.measures import Array, Design, Scores, is_empty, lengths, score, share
from chatforge.evaluation.replies import Replies
from chatforge.evaluation.report import Against, BitsPerByte, LikelihoodRecord, ReplyRecord, RivalRecord
from chatforge.evaluation.rivals import ADAPTED, Rival, named
from chatforge.evaluation.statistics import mean_interval, paired_difference, ratio_interval
from chatforge.models.encoder import Encoder

LN2 = float(np.log(2))


@dataclass(frozen=True)
class Scored:
    """One rival's replies with what they score."""

    rival: Rival
    replies: Replies
    scores: Scores


class Scorer:
    """Scores every rival against the same references and candidates.

    Attributes:
        truncated: how many texts were longer than the encoder's window.
    """

    def __init__(self, items: Sequence[Item], encoder: Encoder, design: Design) -> None:
        self._encoder, self._design = encoder, design
        self.truncated = 0
        self._references = self._encode([item.reference for item in items])

    def score(self, name: str, said: Replies) -> Scored:
        """Score one rival's replies."""
        empty = [is_empty(text) for text in said.texts]
        scores = score(self._encode(said.texts), self._references, self._design, empty)
        return Scored(named(name), said, scores)

    def _encode(self, texts: Sequence[str]) -> Array:
        before = self._encoder.truncated
        found = self._encoder.encode(texts)
        self.truncated += self._encoder.truncated - before
        return found


def rival_record(scored: Scored, items: Sequence[Item], seed: int) -> RivalRecord:
    """Sum up one rival with intervals."""
    rival, said, scores = scored.rival, scored.replies, scored.scores
    size = lengths(said.texts, [item.reference for item in items])
    seconds = [s for s in said.seconds if s is not None]
    return RivalRecord(
        name=rival.name,
        what=rival.what,
        trained=rival.trained,
        check_only=rival.check_only,
        identification=mean_interval(scores.identification, seed),
        corrected=mean_interval(scores.corrected, seed),
        lengths=(size.low, size.median, size.high),
        empty=share([is_empty(text) for text in said.texts]),
        capped=share([why == "length" for why in said.stopped_by]),
        looped=share([why == "loop" for why in said.stopped_by]),
        seconds_per_reply=sum(seconds) / len(seconds) if seconds else None,
        replies=tuple(_reply_records(said, scores)),
    )


def _reply_records(said: Replies, scores: Scores) -> list[ReplyRecord]:
    columns = (scores.identification, scores.rank, scores.cosine, scores.chance, scores.corrected)
    rows = np.stack(columns, axis=1).tolist()
    return [
        ReplyRecord(
            reply=text, stopped_by=why, seconds=seconds,
            identification=row[0], rank=row[1], cosine=row[2], chance=row[3], corrected=row[4],
        )
        for text, why, seconds, row in zip(said.texts, said.stopped_by, said.seconds, rows, strict=True)
    ]  # fmt: skip


def differences(scored: Mapping[str, Scored], worthwhile: float, seed: int) -> tuple[Against, ...]:
    """Compare the adapted model with every untrained rival that may compete."""
    mine = scored[ADAPTED.name].scores

    def against(name: str, theirs: Scores) -> Against:
        return Against(
            rival=name,
            identification=paired_difference(
                mine.identification, theirs.identification, worthwhile=worthwhile, seed=seed
            ),
            corrected=paired_difference(mine.corrected, theirs.corrected, worthwhile=worthwhile, seed=seed),
        )

    rivals = [one for one in scored.values() if not (one.rival.trained or one.rival.check_only)]
    return tuple(against(one.rival.name, one.scores) for one in rivals)


def bits_per_byte(base: Sequence[Likelihood], adapted: Sequence[Likelihood], seed: int) -> BitsPerByte | None:
    """Compare how well both models foresee the held-out turns: sums over sums, resampled by conversation."""
    pairs = [(b, a) for b, a in zip(base, adapted, strict=True) if b.bytes]
    if not pairs:
        return None
    size = np.array([b.bytes for b, _ in pairs], dtype=np.float64)
    before = nats([b for b, _ in pairs]) / LN2
    after = nats([a for _, a in pairs]) / LN2
    turns = sum(one.turns for one in base)
    return BitsPerByte(
        base=ratio_interval(before, size, seed),
        adapted=ratio_interval(after, size, seed),
        saved=ratio_interval(before - after, size, seed),
        base_stops=sum(one.stop_probability for one in base) / max(1, turns),
        adapted_stops=sum(one.stop_probability for one in adapted) / max(1, turns),
        turns=turns,
        skipped=sum(one.skipped for one in base),
        conversations=tuple(
            LikelihoodRecord(conversation=b.conversation, bytes=b.bytes, base_nats=b.nats, adapted_nats=a.nats)
            for b, a in pairs
        ),
    )


def nats(found: Sequence[Likelihood]) -> Array:
    """Negative log-likelihood of each conversation, shape (M,)."""
    return np.array([one.nats for one in found], dtype=np.float64)
