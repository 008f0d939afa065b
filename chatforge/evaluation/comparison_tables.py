"""A comparison of runs as what a terminal shows, within 80 columns, and as JSON. Rich only."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from chatforge.evaluation.comparison import BITS, Comparison, Measured
from chatforge.evaluation.figures import MINIMUM
from chatforge.evaluation.scales import PRIMARY, SCALES, Scale
from chatforge.evaluation.verdict import SIGNS, Word
from chatforge.evaluation.wording import (
    difference_text,
    estimate_text,
    number_text,
    p_text,
    points_text,
    probability_text,
    signed_text,
)
from chatforge.words import plain

_SENTENCES: dict[Word, str] = {
    "better": "{other} is better than {first}.",
    "probably better": "{other} is probably better than {first}, but not surely.",
    "no meaningful difference": "{other} is as good as {first}: no difference that matters.",
    "probably worse": "{other} is probably worse than {first}, but not surely.",
    "worse": "{other} is worse than {first}.",
    "cannot tell": "Whether {other} is better than {first} cannot be told from these conversations.",
}


def tables(found: Comparison) -> Iterator[RenderableType]:
    """Yield the parts of a comparison, what follows from it last."""
    yield Text("\n".join(_common_texts(found)))
    yield _first(found)
    for i in range(1, len(found.runs)):
        yield _other(found, i)
    yield Text("\n".join(_legend(found)))
    yield from (Text(f"note: {plain(note, one_line=True)}") for note in found.notes)
    yield Text("\n".join(sentences(found)))


def sentences(found: Comparison) -> Iterator[str]:
    """What follows, in plain words: one sentence for each run but the first."""
    decides = next((one for one in found.measures if one.key == PRIMARY.key), None)
    if decides is None:
        yield f"Which run is better is not said: what decides, {PRIMARY.title}, was not compared."
        return
    for name, word, d in zip(found.runs[1:], found.words, decides.differences, strict=True):
        yield f"{SIGNS[word]} {_SENTENCES[word].format(other=name, first=found.runs[0])}"
        yield (
            f"    {PRIMARY.title.capitalize()}: {points_text(d)} points; the smallest difference that "
            f"{d.conversations} conversations would show: {100 * d.smallest_visible:.0f}."
        )
    if min(one.conversations for one in decides.differences) < MINIMUM:
        yield f"Under {MINIMUM} conversations nothing is called better or worse."


def _common_texts(found: Comparison) -> Iterator[str]:
    yield f"{found.common} conversations in common: same history, same true reply. Adapted models only."
    for name, more in zip(found.runs, found.left_out, strict=True):
        if more:
            yield f"{more} more of {name} are in no figure here: not every run was judged on them."


def _first(found: Comparison) -> Table:
    """What the first run scored, and on how many conversations each measure can be taken."""
    table = _empty(found.runs[0], ("", "score", "conversations"))
    for one in found.measures:
        table.add_row(_title(one), _value(one, 0), str(one.conversations), style=_style(one))
    return table


def _other(found: Comparison, i: int) -> Table:
    """What another run scored, and how it differs from the first."""
    table = _empty(found.runs[i], ("", "score", "minus the first", "P(better)", "p"))
    for one in found.measures:
        d, p = one.differences[i - 1], one.p[i - 1]
        cells = (_value(one, i), _difference(one, i), probability_text(d.probability), p_text(p))
        table.add_row(_title(one), *cells, style=_style(one))
    return table


def _empty(name: str, heads: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, title=Text(name), title_justify="left")
    for head in heads:
        table.add_column(Text(head), justify="right" if head else "left", no_wrap=True)
    return table


def _style(one: Measured) -> str:
    return "bold" if one.key == PRIMARY.key else ""


def _legend(found: Comparison) -> Iterator[str]:
    yield f"[…] are 95% intervals, resampled by conversation; differences above zero are better than {found.runs[0]}."
    if any(one.key == BITS for one in found.measures):
        yield "Bits per byte of the true replies: lower is better, so the difference is what is saved."
    if len(found.runs) > 2:
        yield f"p is corrected for {len(found.runs) - 1} comparisons (Holm)."


def _scale(one: Measured) -> Scale | None:
    return next((scale for scale in SCALES if scale.key == one.key), None)


def _title(one: Measured) -> str:
    scale = _scale(one)
    return scale.title if scale else one.key.replace("_", " ")


def _value(one: Measured, i: int) -> str:
    scale = _scale(one)
    return estimate_text(scale, one.values[i]) if scale else number_text(one.values[i])


def _difference(one: Measured, i: int) -> str:
    scale = _scale(one)
    return difference_text(scale, one.differences[i - 1]) if scale else signed_text(one.differences[i - 1])


def as_json(found: Comparison) -> dict[str, Any]:
    """The comparison for scripts."""
    return asdict(found) | {"sentences": list(sentences(found))}
