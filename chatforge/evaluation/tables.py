"""A report as what a terminal shows, within 80 columns. Light: rich only."""

from collections.abc import Callable, Iterator, Sequence

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from chatforge.evaluation.figures import Difference, Estimate
from chatforge.evaluation.report import BitsPerByte, Report, RivalRecord
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.evaluation.verdict import Verdict

WORST = 3
LONGEST = 240
"""How many worst cases are shown, and how many characters of a text."""

_COLOURS = {"better": "green", "probably better": "green", "worse": "red", "probably worse": "red"}

Plain = Callable[[str], str]
"""Makes text from data and models harmless and puts it on one line."""


def tables(report: Report, plain: Plain) -> Iterator[RenderableType]:
    """Yield the parts of a report, the verdict near the end, where it is seen last."""
    yield Text(
        f"{len(report.items)} held-out conversations, one reply of each. Whose reply points to its own true reply "
        f"among {report.settings.candidates}?"
    )
    yield rivals_table(report)
    yield from _remarks(report.rivals)
    yield differences_table(report)
    if report.bits_per_byte:
        yield _bits_text(report.bits_per_byte)
    yield from (Text(f"note: {plain(note)}") for note in report.notes)
    yield _worst_cases(report, plain)
    yield _checks_text(report)
    yield _visible_text(report)
    yield verdict_panel(report.verdict)


def rivals_table(report: Report) -> Table:
    """Every rival with its scores and their 95% intervals."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column(f"identification\n(chance {report.chance:.0%})", justify="right", no_wrap=True)
    table.add_column("corrected similarity\n(chance 0)", justify="right", no_wrap=True)
    table.add_column("length", justify="right", no_wrap=True)
    table.add_column("secs", justify="right", no_wrap=True)
    for rival in report.rivals:
        seconds = rival.seconds_per_reply
        table.add_row(
            f"{rival.name} (check)" if rival.check_only else rival.name,
            percent_text(rival.identification),
            number_text(rival.corrected),
            f"{rival.lengths[1]:.2f}",
            "-" if seconds is None else f"{seconds:.1f}",
            style="bold" if rival.name == ADAPTED.name else "dim" if rival.check_only else "",
        )
    return table


def differences_table(report: Report) -> Table:
    """The adapted model minus each untrained rival."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("adapted minus …", no_wrap=True)
    table.add_column("identification\n(points)", justify="right", no_wrap=True)
    table.add_column("P(better)", justify="right", no_wrap=True)
    table.add_column("p", justify="right", no_wrap=True)
    table.add_column("corrected similarity", justify="right", no_wrap=True)
    for against in report.against:
        d = against.identification
        table.add_row(
            against.rival,
            f"{_points(d.value)} [{_points(d.low)}, {_points(d.high)}]",
            ">99%" if d.probability > 0.99 else "<1%" if d.probability < 0.01 else f"{d.probability:.0%}",
            "<0.001" if d.p < 0.001 else f"{d.p:.3f}",
            _signed(against.corrected),
        )
    return table


def verdict_panel(verdict: Verdict) -> Panel:
    """The verdict: sign and word, so that no colour is needed; the sentence; the numbers behind it."""
    text = Text(f"{verdict.sign} {verdict.word}\n\n", style="bold")
    text.append(verdict.sentence, style="not bold")
    if verdict.advice:
        text.append(f"\n{verdict.advice}", style="not bold")
    text.append(f"\n\n{verdict.numbers}", style="not bold dim")
    return Panel(text, title=Text("Verdict"), border_style=_COLOURS.get(verdict.word, ""), width=80)


def percent_text(estimate: Estimate) -> str:
    """41% [33, 49]."""
    return f"{100 * estimate.value:.0f}% [{100 * estimate.low:.0f}, {100 * estimate.high:.0f}]"


def number_text(estimate: Estimate) -> str:
    """0.21 [0.17, 0.25]."""
    return f"{_rounded(estimate.value)} [{_rounded(estimate.low)}, {_rounded(estimate.high)}]"


def _signed(d: Difference) -> str:
    return f"{_rounded(d.value, '+')} [{_rounded(d.low, '+')}, {_rounded(d.high, '+')}]"


def _rounded(value: float, sign: str = "") -> str:
    """Two decimals; nothing has no sign."""
    return format(value, f"{sign}.2f") if round(value, 2) else "0.00"


def _points(share: float) -> str:
    points = round(100 * share)
    return f"{points:+d}" if points else "0"


def _remarks(rivals: Sequence[RivalRecord]) -> Iterator[Text]:
    """What went wrong with replies, where something did."""
    for rival in rivals:
        shares = (
            (rival.empty, "are empty (they count as 0)"),
            (rival.capped, "met the limit of length"),
            (rival.looped, "went round in circles and were stopped"),
        )
        found = [f"{value:.0%} {words}" for value, words in shares if value]
        if found:
            yield Text(f"{rival.name}: of its replies {', '.join(found)}")


def _bits_text(bits: BitsPerByte) -> Text:
    text = Text("Bits per byte of the true replies, lower is better: ")
    text.append(f"base {number_text(bits.base)}, adapted {number_text(bits.adapted)}; saved {number_text(bits.saved)}.")
    text.append(
        f"\nProbability of stopping where the true reply ends: base {bits.base_stops:.0%}, "
        f"adapted {bits.adapted_stops:.0%}. {bits.turns} replies"
    )
    text.append(f", {bits.skipped} more beyond what the model can look at." if bits.skipped else ".")
    return text


def _checks_text(report: Report) -> Text:
    lines = [f"{'✔' if check.ok else '✘ FAILED:'} {check.name}: {check.what}" for check in report.checks]
    return Text("Self-check\n" + "\n".join(lines))


def _visible_text(report: Report) -> Text:
    best = report.best_untrained
    d = best.identification
    return Text(
        f"Smallest difference that {d.conversations} conversations would show (80% power): "
        f"{100 * d.smallest_visible:.0f} points, against {best.rival}, the best untrained rival."
    )


def _worst_cases(report: Report, plain: Plain) -> RenderableType:
    """Where the adapted model's reply is furthest from the true one."""
    adapted, base = report.rival(ADAPTED.name), report.rival(BASE.name)
    order = sorted(range(len(report.items)), key=lambda i: (-adapted.replies[i].rank, adapted.replies[i].corrected, i))
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for i in order[:WORST]:
        item = report.items[i]
        table.add_row()
        table.add_row("", Text(_short(plain(item.conversation)), style="bold"))
        table.add_row("user", Text(_short(plain(item.history[-1][1]))))
        table.add_row("true reply", Text(_short(plain(item.reference))))
        table.add_row("adapted", Text(_short(plain(adapted.replies[i].reply)) or "(nothing)"))
        table.add_row("base", Text(_short(plain(base.replies[i].reply)) or "(nothing)"))
    title = Table.grid()
    title.add_row(Text("Worst cases of the adapted model"))
    title.add_row(Padding(table, (0, 0, 0, 2)))
    return title


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
