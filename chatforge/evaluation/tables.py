"""A report as what a terminal shows, within 80 columns. Light: rich only."""

from collections.abc import Iterator

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from chatforge.evaluation import wording
from chatforge.evaluation.flags.flag import KINDS
from chatforge.evaluation.flags.limits import limit_texts
from chatforge.evaluation.memorisation.wording import memory_texts
from chatforge.evaluation.probes import wording as probe_words
from chatforge.evaluation.probes.record import ProbesRecord
from chatforge.evaluation.records import RivalRecord
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.evaluation.scales import AXES, IDENTIFICATION, TOKEN_RECALL, Axis, on_axis
from chatforge.words import plain

WORST = 3
LONGEST = 240
"""How many worst cases are shown, and how many characters of a text."""

WORST_PROBES = 5
"""How many of the probes that were not passed are shown; the report has all."""

INTENTS, LONGEST_NAME = 8, 24
"""How many intents are shown, and how many characters of a name, theirs or a rival's."""

_COLOURS = {"better": "green", "probably better": "green", "worse": "red", "probably worse": "red"}


def tables(report: Report) -> Iterator[RenderableType]:
    """Yield the parts of a report, the verdict near the end, where it is seen last."""
    yield Text(wording.question_text(report))
    for axis in AXES:
        yield axis_table(report, axis)
    yield form_table(report)
    yield from (Text(_plain(remark)) for remark in wording.remarks(report.rivals))
    yield flags_table(report)
    yield Text(limit_texts()[0])
    yield differences_table(report)
    if any(one.difference for one in report.intents):
        yield intents_table(report)
    if report.intents:
        yield Text(wording.intents_text(report))
    if report.calibration:
        said = (f"  {_plain(wording.calibration_text(one))}" for one in report.calibration)
        yield Text("\n".join([wording.SURENESS, *said]))
    if report.bits_per_byte:
        yield Text("\n".join(wording.bits_texts(report.bits_per_byte)))
    if report.memorisation and (said_of := list(memory_texts(report.memorisation))):
        yield Text("\n".join(map(_plain, said_of)))
    if report.probes:
        yield from probes_parts(report.probes)
    if report.overlap:
        yield Text("\n".join(wording.overlap_texts(report.overlap)))
    yield from (Text(f"note: {_plain(note)}") for note in report.notes)
    yield _worst_cases(report)
    yield Text("\n".join(["Self-check", *map(wording.check_text, report.checks)]))
    yield Text(wording.visible_text(report))
    yield verdict_panel(report)


def axis_table(report: Report, axis: Axis) -> Table:
    """Every rival on the scales of an axis; what decides with its whole interval, the others with half its width."""
    there = [scale for scale in on_axis(axis, report.rival(ADAPTED.name).scores) if scale.short]
    table = _table(f"{axis.capitalize()}")
    for scale in there:
        under = "" if axis == "on topic" else f"\nof {wording.counted(report, scale)}"
        table.add_column(f"{scale.short}{under}", justify="right", no_wrap=True, vertical="bottom")
    for rival in report.rivals:
        cells = [wording.cell_text(scale, rival.scores.get(scale.key)) for scale in there]
        table.add_row(_name(rival), *cells, style=_style(rival))
    if axis == "on topic":
        table.add_row("chance", *(wording.chance_text(scale, report) for scale in there), style="dim")
    return table


def form_table(report: Report) -> Table:
    """How every rival's replies are written."""
    table = _table("Form")
    heads = ("length\nof true", "ends by\nitself", "copied", "repeats", "new\npairs", "same\nreply", "secs")
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True, vertical="bottom")
    for rival in report.rivals:
        form = rival.form
        table.add_row(
            _name(rival),
            f"{form.lengths[1]:.2f}",
            "-" if form.stopped is None else f"{form.stopped:.0%}",
            *(f"{share:.0%}" for share in (form.copied, form.repeated, form.distinct_2, form.one_answer)),
            "-" if form.seconds is None else f"{form.seconds:.1f}",
            style=_style(rival),
        )
    return table


def flags_table(report: Report) -> Table:
    """How many replies of every rival need a look, and why."""
    table = _table("Needs a look (replies)")
    for head in ("any", *KINDS):
        table.add_column(head, justify="right", no_wrap=True)
    for rival in report.rivals:
        counts = wording.flag_counts(rival)
        any_flag = sum(bool(reply.flags) for reply in rival.replies)
        table.add_row(_name(rival), str(any_flag), *(str(counts[kind]) for kind in KINDS), style=_style(rival))
    return table


def differences_table(report: Report) -> Table:
    """The adapted model minus each rival: what decides in full, the others with half their interval."""
    table = _table("Adapted minus …")
    beside = [scale for scale in (IDENTIFICATION, TOKEN_RECALL) if scale.key in report.against[0].scores]
    heads = ["beyond question\npoints", "P(better)", "p", *(f"{scale.short}" for scale in beside)]
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True, vertical="bottom")
    for against in report.against:
        d = against.primary
        table.add_row(
            _short(_plain(against.rival), LONGEST_NAME),
            wording.points_text(d),
            wording.probability_text(d.probability),
            wording.p_text(d.p),
            *(wording.brief_text(scale, against.scores[scale.key]) for scale in beside),
        )
    return table


def intents_table(report: Report) -> Table:
    """The intents with enough conversations in which the adapted model is weakest, with the base beside it."""
    judged = [one for one in report.intents if one.difference]
    table = _table("Intents, weakest first" if len(judged) > INTENTS else "Intents")
    for head in ("n", "base", "adapted", "difference", "q"):
        table.add_column(head, justify="right", no_wrap=True)
    for one in judged[:INTENTS]:
        table.add_row(
            _short(_plain(one.intent), LONGEST_NAME),
            str(one.conversations),
            wording.percent_text(one.base),
            wording.percent_text(one.adapted),
            wording.points_text(one.difference) if one.difference else "-",
            "-" if one.q is None else wording.p_text(one.q),
        )
    return table


def probes_parts(probes: ProbesRecord) -> Iterator[RenderableType]:
    """What training broke: a table of kinds, what follows, and what the adapted model said where it does not pass."""
    if probes.safety:
        table = _table(_plain(probe_words.safety_title(probes.safety)), folds=True)
        for head in ("n", "base", "adapted", "changed"):
            table.add_column(head, justify="right", no_wrap=True)
        for kind in probes.safety.kinds:
            name, *cells = probe_words.kind_row(kind)
            table.add_row(_short(_plain(name), LONGEST_NAME), *cells)
        yield table
    yield Text("\n".join(map(_plain, probe_words.probes_texts(probes))))
    for row in probe_words.worst(probes.safety)[:WORST_PROBES] if probes.safety else ():
        outcome, asked = _plain(probe_words.outcome_text(row)), _short(_plain(row.messages[-1][1]))
        said = _short(_plain(row.adapted.reply)) or "(nothing)"
        yield Padding(Text(f"{outcome}\n  user: {asked}\n  adapted: {said}"), (0, 0, 0, 2))


def verdict_panel(report: Report) -> Panel:
    """The verdict: sign and word, so that no colour is needed; the sentence; the numbers behind it; what to watch."""
    verdict = report.verdict
    text = Text(f"{verdict.sign} {verdict.word}\n\n", style="bold")
    text.append(verdict.sentence, style="not bold")
    if verdict.advice:
        text.append(f"\n{verdict.advice}", style="not bold")
    text.append(f"\n\n{verdict.numbers}", style="not bold dim")
    for line in wording.watch_texts(report):
        text.append(f"\n{_plain(line)}", style="not bold")
    return Panel(text, title=Text("Verdict"), border_style=_COLOURS.get(verdict.word, ""), width=80)


def _worst_cases(report: Report) -> RenderableType:
    """Where the adapted model's reply is furthest from the true one."""
    adapted, base = report.rival(ADAPTED.name), report.rival(BASE.name)
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for i in wording.worst_first(report)[:WORST]:
        item = report.items[i]
        table.add_row()
        table.add_row("", Text(_short(_plain(item.conversation)), style="bold"))
        table.add_row("user", Text(_short(_plain(item.history[-1][1]))))
        table.add_row("true reply", Text(_short(_plain(item.reference))))
        table.add_row("adapted", Text(_short(_plain(adapted.replies[i].reply)) or "(nothing)"))
        table.add_row("base", Text(_short(_plain(base.replies[i].reply)) or "(nothing)"))
    title = Table.grid()
    title.add_row(Text("Worst cases of the adapted model"))
    title.add_row(Padding(table, (0, 0, 0, 2)))
    return title


def _table(title: str, *, folds: bool = False) -> Table:
    """An empty table with a column for names, whose head is its title; if it `folds`, so does a long title."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(title, no_wrap=not folds, vertical="bottom")
    return table


def _name(rival: RivalRecord) -> str:
    shown = _short(_plain(rival.name), LONGEST_NAME)  # the name of another run is foreign text, too
    return f"{shown} (check)" if rival.check_only else shown


def _style(rival: RivalRecord) -> str:
    return "bold" if rival.name == ADAPTED.name else "dim" if rival.check_only else ""


def _plain(text: str) -> str:
    return plain(text, one_line=True)


def _short(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
