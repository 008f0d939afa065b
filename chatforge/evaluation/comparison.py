"""Runs against each other, on the conversations that all of them were judged on.

    report of run A ─┐   turns with the same conversation, history and true reply      every other run minus the first,
    report of run B ─┼──► what the adapted models scored there ──► per conversation ──► paired, with interval, p (Holm)
    report of run C ─┘   and how well they foresee those conversations

Scores are kept per reply, so nothing is computed anew and no encoder is needed. Scores that hang on the encoder or on
the number of candidates are comparable only where these are the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from chatforge.errors import UserError, did_you_mean
from chatforge.evaluation.figures import Difference, Estimate
from chatforge.evaluation.measures import Array
from chatforge.evaluation.records import ItemRecord
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED
from chatforge.evaluation.scales import CORRECTED, PRIMARY, SCALES, TOKEN_RECALL
from chatforge.evaluation.statistics import (
    mean_interval,
    paired_difference,
    posterior_means,
    ratio_interval,
    sign_flip_p,
    smallest_visible,
)
from chatforge.evaluation.verdict import Word, word_of

FEWEST = 3
"""Common conversations without which nothing is compared."""

SIGNIFICANT = 0.05
LN2 = float(np.log(2))

BITS = "bits_per_byte"
"""Compared like the scales, though it is of the model and not of a reply: how well it foresees the true replies."""

BY_CANDIDATES = frozenset(scale.key for scale in SCALES if scale.axis == "on topic" and scale != CORRECTED)
BY_ENCODER = BY_CANDIDATES | {CORRECTED.key, TOKEN_RECALL.key}
"""What hangs on the number of candidates, and what on the encoder."""


@dataclass(frozen=True)
class Measured:
    """One measure of every run on the common conversations.

    Attributes:
        key: of the scale, or `BITS`.
        conversations: how many have it.
        values: of each run. differences: each run but the first minus the first, of bits per byte what is saved: above
            zero is better than the first.
        p: of each difference after Holm's correction for comparing several runs with the first.
    """

    key: str
    conversations: int
    values: tuple[Estimate, ...]
    differences: tuple[Difference, ...]
    p: tuple[float, ...]


@dataclass(frozen=True)
class Comparison:
    """What the runs scored on what they have in common.

    Attributes:
        runs: their names, in the order given; the others are compared with the first.
        common: conversations that all were judged on; left_out: how many more each run was judged on.
        words: what the measure that decides says of each run but the first; none where it was not compared.
        notes: what differs between the runs and should be known.
    """

    runs: tuple[str, ...]
    common: int
    left_out: tuple[int, ...]
    measures: tuple[Measured, ...]
    words: tuple[Word, ...]
    notes: tuple[str, ...]


def compare(reports: Sequence[tuple[str, Report]], only: Iterable[str] = ()) -> Comparison:
    """Compare the adapted models of several runs.

    Args:
        reports: (name, report) of each run, two or more. only: keys of the measures that are wanted; all where empty.

    Raises:
        UserError: a wanted measure is unknown, or not comparable; fewer than 3 common conversations.
    """
    wanted = _wanted(only, [report for _, report in reports])
    _refuse_what_differs(wanted, reports)
    places, kept = _common([report.items for _, report in reports])
    if len(kept) < FEWEST:
        what = f"{len(kept)} conversations in common (same history, same true reply): nothing can be compared"
        raise UserError(what, hint="compare runs that were evaluated on the same held-out files")
    measures = tuple(_measures(wanted, [report for _, report in reports], places, kept))
    if not measures:
        raise UserError("the common conversations have nothing that these measures look for", field="--only")
    worthwhile = reports[0][1].settings.smallest_worthwhile_difference
    decides = [pair for one in measures if one.key == PRIMARY.key for pair in zip(one.differences, one.p, strict=True)]
    return Comparison(
        runs=tuple(name for name, _ in reports),
        common=len(kept),
        left_out=tuple(len({item.conversation for item in report.items}) - len(kept) for _, report in reports),
        measures=measures,
        words=tuple(_cautious(word_of(d, worthwhile), p) for d, p in decides),
        notes=tuple(_notes(reports, places)),
    )


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Correct p values for being several: Holm (1979), step down. In the order given."""
    found, least = [0.0] * len(ps), 0.0
    for rank, i in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        least = max(least, min(1.0, (len(ps) - rank) * ps[i]))
        found[i] = least
    return tuple(found)


def _wanted(only: Iterable[str], reports: Sequence[Report]) -> list[str]:
    """The measures that are wanted and that every report has, in the order they are shown."""
    scored = [set(report.rival(ADAPTED.name).scores) for report in reports]
    there = [scale.key for scale in SCALES if all(scale.key in found for found in scored)]
    there += [BITS] if all(report.bits_per_byte for report in reports) else []
    asked = list(only)
    for key in asked:
        if key not in there:
            hint = did_you_mean(key, there) or f"there are: {', '.join(there)}"
            raise UserError(f"no measure {key!r} in all of these runs", field="--only", hint=hint)
    return [key for key in there if not asked or key in asked]


def _refuse_what_differs(wanted: Sequence[str], reports: Sequence[tuple[str, Report]]) -> None:
    """Scores by another encoder, or among another number of candidates, are other scores.

    Raises:
        UserError: such are wanted.
    """
    encoders = {name: _encoder(report) for name, report in reports}
    candidates = {name: f"{report.settings.candidates} candidates" for name, report in reports}
    for facts, hang in ((encoders, BY_ENCODER), (candidates, BY_CANDIDATES)):
        barred = [key for key in wanted if key in hang]
        if len(set(facts.values())) > 1 and barred:
            what = "; ".join(f"{name} was judged with {fact}" for name, fact in facts.items())
            rest = " ".join(f"--only {key}" for key in wanted if key not in hang)
            raise UserError(
                f"{what}: {', '.join(barred)} cannot be compared",
                hint="evaluate with the same settings"
                + (f", or compare what does not hang on them: {rest}" * bool(rest)),
            )


def _encoder(report: Report) -> str:
    """Which encoder judged, told apart by its weights too."""
    weights = str(report.facts.get("weights", {}).get("encoder", ""))[:8]
    return f"the encoder {report.settings.encoder}" + (f" ({weights})" if weights else "")


def _common(items: Sequence[Sequence[ItemRecord]]) -> tuple[list[list[int]], list[str]]:
    """Places of the common turns in each report, in the same order; and the conversations they are of."""
    indices = [{_key(item): i for i, item in enumerate(of_run)} for of_run in items]
    shared = [key for key in indices[0] if all(key in index for index in indices)]
    return [[index[key] for key in shared] for index in indices], list(dict.fromkeys(key[0] for key in shared))


def _key(item: ItemRecord) -> tuple[str, tuple[tuple[str, str], ...], str]:
    return item.conversation, item.history, item.reference


def _measures(
    wanted: Sequence[str], reports: Sequence[Report], places: Sequence[Sequence[int]], kept: Sequence[str]
) -> Iterator[Measured]:
    for key in wanted:
        found = _bits(reports, kept) if key == BITS else _scored(key, reports, places)
        if found:
            yield found


def _scored(key: str, reports: Sequence[Report], places: Sequence[Sequence[int]]) -> Measured | None:
    """The scores of the adapted models on one scale; None where no true reply has what it looks for."""
    worthwhile, seed = reports[0].settings.smallest_worthwhile_difference, reports[0].settings.seed
    columns = np.array([_column(report, key, at) for report, at in zip(reports, places, strict=True)])
    columns = columns[:, np.isfinite(columns).all(axis=0)]
    if columns.shape[1] < FEWEST:
        return None
    first, *others = columns
    differences = [paired_difference(column, first, worthwhile=worthwhile, seed=seed) for column in others]
    return _measured(key, [mean_interval(column, seed) for column in columns], differences)


def _measured(key: str, values: Sequence[Estimate], differences: Sequence[Difference]) -> Measured:
    count = differences[0].conversations
    return Measured(key, count, tuple(values), tuple(differences), holm([d.p for d in differences]))


def _column(report: Report, key: str, at: Sequence[int]) -> Array:
    """One score per conversation, the mean over its common turns, shape (C,); NaN where no turn has one."""
    replies = report.rival(ADAPTED.name).replies
    turns: dict[str, list[float]] = {}
    for i in at:
        score = replies[i].scores.get(key)
        turns.setdefault(report.items[i].conversation, []).extend([] if score is None else [score])
    return np.array([sum(scores) / len(scores) if scores else np.nan for scores in turns.values()])


def _bits(reports: Sequence[Report], kept: Sequence[str]) -> Measured | None:
    """Bits per byte of the adapted models: sums over sums; only conversations that all of them could read whole."""
    settings = reports[0].settings
    known = [
        {one.conversation: one for one in report.bits_per_byte.conversations}
        for report in reports
        if report.bits_per_byte
    ]
    rows = [[of_run[name] for of_run in known] for name in kept if all(name in of_run for of_run in known)]
    whole = [row for row in rows if len({one.bytes for one in row}) == 1]
    if len(whole) < FEWEST:
        return None
    size = np.array([row[0].bytes for row in whole], dtype=np.float64)
    first, *others = np.array([[one.adapted_nats for one in row] for row in whole]).T / LN2
    values = [ratio_interval(column, size, settings.seed) for column in (first, *others)]
    worthwhile = settings.smallest_worthwhile_difference
    return _measured(BITS, values, [_saved(first - column, size, worthwhile, settings.seed) for column in others])


def _saved(saved: Array, size: Array, worthwhile: float, seed: int) -> Difference:
    """Bits saved per byte, of all conversations together: the long ones weigh more.

    Args:
        saved, size: bits and bytes of each conversation, shape (C,).
    """
    found = ratio_interval(saved, size, seed)
    means = posterior_means(saved, seed) / posterior_means(size, seed)  # the same seed draws the same weights
    sd = float(((saved - found.value * size) / size.mean()).std(ddof=1))
    return Difference(
        value=found.value,
        low=found.low,
        high=found.high,
        method=found.method,
        p=sign_flip_p(saved, seed),
        probability=float((means > 0).mean() + (means == 0).mean() / 2),
        probability_worthwhile=float((means >= worthwhile).mean()),
        sd=sd,
        smallest_visible=smallest_visible(sd, size.size),
        conversations=int(size.size),
    )


def _cautious(word: Word, p: float) -> Word:
    """Of several runs the best looks better than it is: without a corrected p under 5% it is so only probably."""
    if p >= SIGNIFICANT and word == "better":
        return "probably better"
    return "probably worse" if p >= SIGNIFICANT and word == "worse" else word


def _notes(reports: Sequence[tuple[str, Report]], places: Sequence[Sequence[int]]) -> Iterator[str]:
    if any(len(at) < len(report.items) for at, (_, report) in zip(places, reports, strict=True)):
        yield (
            "each reply was identified among the true replies of its own run's whole test; where the tests differ, "
            "so do the candidates"
        )
    for field, words in (
        ("max_new_tokens", "at most {} new tokens"),
        ("decoding", "{} decoding"),
        ("smallest_worthwhile_difference", "{} as the smallest worthwhile difference"),
    ):
        values = {name: words.format(getattr(report.settings, field)) for name, report in reports}
        if len(set(values.values())) > 1:
            yield "; ".join(f"{name}: {value}" for name, value in values.items())
    for name, report in reports:
        if failed := [check.name for check in report.checks if not check.ok]:
            yield f"{name} did not pass its own checks: {'; '.join(failed)}"
