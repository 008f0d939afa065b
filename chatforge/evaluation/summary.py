"""From scores to figures: what each rival gets on average, and how the adapted model differs from it."""

from collections.abc import Mapping, Sequence

import numpy as np

from chatforge.evaluation.figures import Difference, Estimate
from chatforge.evaluation.items import Item
from chatforge.evaluation.likelihood import Likelihood
from chatforge.evaluation.measures import Array, is_empty, share
from chatforge.evaluation.measures import form as forms
from chatforge.evaluation.records import Against, BitsPerByte, Form, LikelihoodRecord, ReplyRecord, RivalRecord
from chatforge.evaluation.replies import Replies
from chatforge.evaluation.rivals import ADAPTED
from chatforge.evaluation.scoring import Scored
from chatforge.evaluation.statistics import mean_interval, paired_difference, ratio_interval

LN2 = float(np.log(2))


def rival_record(scored: Scored, items: Sequence[Item], seed: int) -> RivalRecord:
    """Sum up one rival, with intervals over conversations."""
    rival = scored.rival
    return RivalRecord(
        name=rival.name,
        what=rival.what,
        trained=rival.trained,
        check_only=rival.check_only,
        scores={key: mean_interval(_known(scored.of(key)), seed) for key in scored.keys},
        form=form(scored.replies, items),
        replies=tuple(_replies(scored)),
    )


def form(said: Replies, items: Sequence[Item]) -> Form:
    """Sum up how one rival's replies are written."""
    texts, seconds = said.texts, [one for one in said.seconds if one is not None]
    stops = [why for why in said.stopped_by if why is not None]
    shares = {why: share([one == why for one in stops]) if stops else None for why in ("stop", "length", "loop")}
    return Form(
        lengths=forms.length_ratios(texts, [item.reference for item in items]),
        stopped=shares["stop"],
        capped=shares["length"],
        looped=shares["loop"],
        empty=share([is_empty(text) for text in texts]),
        one_answer=forms.one_answer(texts),
        copied=forms.mean_of([forms.copied(text, item.question) for text, item in zip(texts, items, strict=True)]),
        repeated=forms.mean_of([forms.repeated(text) for text in texts]),
        distinct_2=forms.distinct_2(texts),
        seconds=forms.mean_of(seconds) if seconds else None,
    )


def differences(scored: Mapping[str, Scored], worthwhile: float, seed: int) -> tuple[Against, ...]:
    """Compare the adapted model with every rival that is no check, scale by scale."""
    mine = scored[ADAPTED.name]
    rivals = [one for name, one in scored.items() if name != ADAPTED.name and not one.rival.check_only]
    return tuple(Against(rival=one.rival.name, scores=_against(mine, one, worthwhile, seed)) for one in rivals)


def _against(mine: Scored, theirs: Scored, worthwhile: float, seed: int) -> dict[str, Difference]:
    return {
        key: paired_difference(_known(mine.of(key)), _known(theirs.of(key)), worthwhile=worthwhile, seed=seed)
        for key in mine.keys
    }


def gap_closed(adapted: Array, bar: Array, ceiling: Array, seed: int) -> Estimate | None:
    """Return the share of the way from the bar to the ceiling that the adapted model has gone.

    Args:
        adapted, bar, ceiling: primary scores of the adapted model, the best untrained rival and the true replies, one
            per conversation, shape (C,).
    """
    gap = ceiling - bar
    return ratio_interval(adapted - bar, gap, seed) if gap.sum() > 0 else None


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


def _known(values: Array) -> Array:
    """The conversations that have a score."""
    return values[~np.isnan(values)]


def _replies(scored: Scored) -> list[ReplyRecord]:
    said = scored.replies
    return [
        ReplyRecord(
            reply=text,
            stopped_by=said.stopped_by[i],
            seconds=said.seconds[i],
            log_probability=said.log_probabilities[i],
            scores={key: scored.scores[key][i] for key in scored.keys},
            place=scored.places[i],
            flags=scored.flags[i],
        )
        for i, text in enumerate(said.texts)
    ]
