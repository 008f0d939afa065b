"""A report as what a terminal shows, within 80 columns. Light: rich only."""

from collections.abc import Callable, Iterator

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from chatforge.evaluation import wording
from chatforge.evaluation.report import Report
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
    yield Text(wording.question_text(report))
    yield rivals_table(report)
    yield from (Text(remark) for remark in wording.remarks(report.rivals))
    yield differences_table(report)
    if report.bits_per_byte:
        yield Text("\n".join(wording.bits_texts(report.bits_per_byte)))
    if report.memorisation and (said := list(wording.memory_texts(report.memorisation))):
        yield Text("\n".join(map(plain, said)))
    if report.overlap:
        yield Text("\n".join(wording.overlap_texts(report.overlap)))
    yield from (Text(f"note: {plain(note)}") for note in report.notes)
    yield _worst_cases(report, plain)
    yield Text("\n".join(["Self-check", *map(wording.check_text, report.checks)]))
    yield Text(wording.visible_text(report))
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
            wording.percent_text(rival.identification),
            wording.number_text(rival.corrected),
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
            wording.points_text(d),
            wording.probability_text(d.probability),
            wording.p_text(d.p),
            wording.signed_text(against.corrected),
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


def _worst_cases(report: Report, plain: Plain) -> RenderableType:
    """Where the adapted model's reply is furthest from the true one."""
    adapted, base = report.rival(ADAPTED.name), report.rival(BASE.name)
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for i in wording.worst_first(report)[:WORST]:
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
