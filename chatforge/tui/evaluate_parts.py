"""What stands behind a verdict, part by part, in the words of `chatforge report`: tables, bars, sentences. Pure.

figures ─ flags ─ intents ─ sureness ─ bits ─ probes ─ memory ─ data ─ notes ─ self-check ─ limits ─ how
"""

from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table

from chatforge.evaluation import wording
from chatforge.evaluation.flags.limits import limit_texts
from chatforge.evaluation.limits import limits_texts
from chatforge.evaluation.memorisation.wording import memory_texts
from chatforge.evaluation.probes import wording as probe_words
from chatforge.evaluation.probes.record import SafetyRecord
from chatforge.evaluation.records import IntentRecord
from chatforge.evaluation.report import Report
from chatforge.evaluation.scales import AXES
from chatforge.evaluation.tables import axis_table, flags_table, form_table
from chatforge.tui.evaluate_bars import Pair, axis_of_shares, pair_bars
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.intervals import Axis, Bar
from chatforge.words import duration_text, plain

MEASURED = 3
"""How many sentences on flags tell what was measured; the limits have the others."""

STEP = 0.5
"""Between two ticks, where words leave little room for bars."""

TEXTS_KEY = "p shows what was asked and answered, word for word."


@dataclass(frozen=True)
class Part:
    """One part of a report; what it lacks is not drawn.

    Attributes:
        aside: beside the title. lines: foreign text may be in them.
    """

    title: str
    aside: str = ""
    tables: tuple[Table, ...] = ()
    bars: tuple[Bar, ...] = ()
    axis: Axis | None = None
    lines: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not (self.tables or self.bars or self.lines)


def chance_mark(signs: Signs) -> str:
    """The sign of the line through bars."""
    return ":" if signs.ascii_only else "┊"


def _figures(report: Report, signs: Signs) -> Part:
    tables = (*(axis_table(report, axis) for axis in AXES), form_table(report))
    return Part("Every measure", tables=tables, lines=tuple(wording.remarks(report.rivals)))


def _flags(report: Report, signs: Signs) -> Part:
    return Part("Not contradicting", tables=(flags_table(report),), lines=limit_texts()[:MEASURED])


def _intents(report: Report, signs: Signs) -> Part:
    if not report.intents:
        return Part("Intents")
    pairs = [_intent(one) for one in report.intents if one.difference]
    few = [f"{plain(one.intent, one_line=True)} {one.conversations}" for one in report.intents if not one.difference]
    lines = [wording.intents_text(report), *([f"Too few to be judged: {', '.join(few)}."] if few else [])]
    return Part(
        "Intents, weakest first",
        f"{chance_mark(signs)} chance {report.chance:.0%}" if pairs else "",
        bars=tuple(pair_bars(pairs, signs)),
        axis=axis_of_shares(report.chance, STEP),
        lines=tuple(lines),
    )


def _intent(one: IntentRecord) -> Pair:
    """The base with the number of conversations and q, the adapted model with the difference and its sign."""
    q = "" if one.q is None else f", q {wording.p_text(one.q)}"
    difference = wording.points_text(one.difference) if one.difference else ""
    return Pair(one.intent, one.base, one.adapted, f"n {one.conversations}{q}", difference)


def _sureness(report: Report, signs: Signs) -> Part:
    return Part(wording.SURENESS, lines=tuple(map(wording.calibration_text, report.calibration)))


def _bits(report: Report, signs: Signs) -> Part:
    found = report.bits_per_byte
    return Part("How well the true replies are foreseen", lines=wording.bits_texts(found) if found else ())


def _probes(report: Report, signs: Signs) -> Part:
    found = report.probes
    if not found or not (found.safety or found.forgetting):
        return Part("Safety and forgetting")
    return Part(
        "Safety and forgetting",
        plain(probe_words.safety_title(found.safety), one_line=True) if found.safety else "",
        bars=tuple(pair_bars(_kinds(found.safety), signs)) if found.safety else (),
        axis=axis_of_shares(None, STEP),
        lines=(*probe_words.probes_texts(found), TEXTS_KEY),
    )


def _kinds(found: SafetyRecord) -> list[Pair]:
    rows = [(kind, probe_words.kind_row(kind)) for kind in found.kinds]
    return [
        Pair(kind.kind, kind.base, kind.adapted, f"n {count}", "" if changed == "-" else changed)
        for kind, (_, count, _, _, changed) in rows
    ]


def _memory(report: Report, signs: Signs) -> Part:
    found = report.memorisation
    return Part("What it learned by heart", lines=tuple(memory_texts(found)) if found else ())


def _data(report: Report, signs: Signs) -> Part:
    return Part("Data and leakage", lines=wording.overlap_texts(report.overlap) if report.overlap else ())


def _notes(report: Report, signs: Signs) -> Part:
    return Part("Notes", lines=report.notes)


def _checks(report: Report, signs: Signs) -> Part:
    said = (wording.check_text(check, ascii_only=signs.ascii_only) for check in report.checks)
    return Part("Self-check", lines=tuple(said))


def _limits(report: Report, signs: Signs) -> Part:
    return Part("Limits", lines=tuple(limits_texts(report)))


def _how(report: Report, signs: Signs) -> Part:
    settings = report.settings
    how = (
        f"Replies of at most {settings.max_new_tokens} tokens, {settings.decoding}; encoder {settings.encoder}; "
        f"it took {duration_text(report.seconds)}."
    )
    return Part("How", lines=(wording.question_text(report), how))


PARTS: tuple[Callable[[Report, Signs], Part], ...] = (
    _figures, _flags, _intents, _sureness, _bits, _probes, _memory, _data, _notes, _checks, _limits, _how,
)  # fmt: skip
"""What makes each part, in the order they are shown."""
