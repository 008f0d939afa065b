"""How a run did: the verdict, every rival as an interval bar, the differences, and what stands behind them."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from chatforge.evaluation import wording
from chatforge.evaluation.memorisation.wording import memory_texts
from chatforge.evaluation.records import RivalRecord
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED
from chatforge.evaluation.scales import Scale
from chatforge.evaluation.verdict import Verdict
from chatforge.evaluation.wording import Interval
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.intervals import Axis, Bar, IntervalBars, axis_over
from chatforge.tui.widgets.told import Told
from chatforge.words import duration_text, plain

ASCII_SIGNS = {"✔": "+", "↗": "+?", "=": "=", "?": "?", "↘": "-?", "✘": "-", "!": "!"}
"""The verdict's signs where the terminal has only ASCII."""

SECTIONS = ("Figures", "Watch", "Self-check", "How")
FAILED = "FAILED:"
"""How a self-check that failed is marked."""

TONES = {
    "better": "good", "probably better": "good", "worse": "bad", "probably worse": "bad", "no verdict": "bad",
    "cannot tell": "warn", "no meaningful difference": "warn",
}  # fmt: skip


class Result(VerticalScroll):
    """A report, from the verdict down to the self-check."""

    HELP: ClassVar[str] = """\
**How the run did.** Each bar is a 95% interval; the dotted line is what a reply that has nothing to do with its
conversation would score. *Beyond question* decides: whether what a reply adds to the question points to the true reply.
The head says what each of the other measures asks.

`m` another measure · `w` conversation by conversation · `e` evaluate again
"""
    DEFAULT_CSS = """
    Result { padding: 0 1; }
    Result > * { height: auto; }
    Result #verdict { border: round $foreground 30%; padding: 0 1; }
    Result #verdict.-good { border: round $success; }
    Result #verdict.-bad { border: round $error; }
    Result #verdict.-warn { border: round $warning; }
    Result.-ascii #verdict { border: ascii $foreground 30%; }
    Result #verdict Static { height: auto; }
    Result #verdict-word { text-style: bold; }
    Result #verdict-next { color: $text-accent; }
    Result #verdict-numbers { color: $text-muted; margin-top: 1; }
    Result .heading { margin-top: 1; text-style: bold; }
    Result .indented { padding-left: 2; }
    """

    def compose(self) -> ComposeResult:
        """Banner, two pictures, text."""
        with Vertical(id="verdict") as box:
            box.border_title = "Verdict"
            yield Told(id="verdict-word")
            yield Told(id="verdict-sentence")
            yield Told(id="verdict-next")
            yield Told(id="verdict-numbers")
        yield Told(id="rivals-head", classes="heading")
        yield IntervalBars(id="rivals")
        yield Told(id="against-head", classes="heading")
        yield IntervalBars(id="against")
        for name in SECTIONS:
            yield Static(name, id=f"{name.lower()}-head", classes="heading", markup=False)
            yield Static(id=f"{name.lower()}-text", classes="indented", markup=False)

    def show(self, report: Report, measure: Scale, signs: Signs, *, short: bool) -> None:
        """Draw a report. `short`: the numbers behind the verdict stay away, they stand in the picture."""
        self.set_class(signs.ascii_only, "-ascii")
        self._show_verdict(report.verdict, signs, short)
        mark = ":" if signs.ascii_only else "┊"
        chance = f"   {mark} chance {wording.chance_text(measure, report)}" if measure.chance is not None else ""
        name = f"{measure.title[0].upper()}{measure.title[1:]}"
        self.query_one("#rivals-head", Static).update(
            Content.assemble((name, "bold"), (f"{chance}   m: another measure\n{measure.what}", "$text-muted"))
        )
        bars = [_bar(rival, measure) for rival in report.rivals if measure.key in rival.scores]
        self.query_one("#rivals", IntervalBars).show(bars, _axis(bars, report, measure), signs)
        self._show_against(report, measure, signs, mark)
        for heading, lines in _behind(report, signs).items():
            self.query_one(f"#{heading.lower()}-head").display = bool(lines)
            self.query_one(f"#{heading.lower()}-text", Static).update(Content("\n").join(map(_line, lines)))

    def bring_bars(self) -> None:
        """Scroll to the rivals' bars, if they are not in view."""
        for name in ("#rivals", "#rivals-head"):
            self.query_one(name).scroll_visible(animate=False)

    def _show_verdict(self, verdict: Verdict, signs: Signs, short: bool) -> None:
        tone = TONES.get(verdict.word, "warn")
        for one in ("good", "bad", "warn"):
            self.query_one("#verdict").set_class(one == tone, f"-{one}")
        word = Content.styled(f"{sign_of(verdict, signs)} {verdict.word}", f"{_colour(tone)} bold")
        self.query_one("#verdict-word", Static).update(word)
        said = [plain(verdict.sentence), plain(verdict.advice or "")]
        self.query_one("#verdict-sentence", Static).update("\n".join(filter(None, said)))
        self.query_one("#verdict-next", Static).update(next_steps(verdict, signs))
        numbers = self.query_one("#verdict-numbers", Static)
        numbers.update(plain(verdict.numbers))
        numbers.display = not short or not verdict.rival  # why there is no verdict is always said

    def _show_against(self, report: Report, measure: Scale, signs: Signs, mark: str) -> None:
        unit = "points" if measure.unit == "share" else measure.title
        side = f"   {unit}; right of {mark} the adapted model is ahead"
        head = Content.assemble(("Adapted minus each rival", "bold"), (side, "$text-muted"))
        self.query_one("#against-head", Static).update(head)
        found = [one.scores[measure.key] for one in report.against]
        said = [wording.difference_text(measure, d) for d in found]
        width = max(map(len, said), default=0)
        bars = []
        for one, d, words in zip(report.against, found, said, strict=True):
            likely = f"{words:<{width}}  P(better) {wording.probability_text(d.probability)}"
            bars.append(Bar(f"- {plain(one.rival, one_line=True)}", d.value, d.low, d.high, likely))
        self.query_one("#against", IntervalBars).show(bars, axis_over(bars, 0.0, _signed_label(measure)), signs)


def next_steps(verdict: Verdict, signs: Signs) -> str:
    """What can be done now, each with its key."""
    read, talk = "w: read the conversations it lost", "6: talk to it"
    match verdict.word:
        case "better" | "probably better":
            steps = [talk, "w: read where it was wrong", "7: hand it on"]
        case "no verdict":
            steps = ["the self-check below says what failed", "4: see how it was trained", "e: evaluate again"]
        case "cannot tell":
            more = f", about {verdict.more_needed}" if verdict.more_needed else ""
            steps = [f"2: add held-out conversations{more}", "w: read the conversations", talk]
        case _:
            steps = [read, "2: look at the data", talk]
    return (" | " if signs.ascii_only else " · ").join(steps)


def sign_of(verdict: Verdict, signs: Signs) -> str:
    """The verdict's sign, as this terminal can draw it."""
    return ASCII_SIGNS.get(verdict.sign, "?") if signs.ascii_only else verdict.sign


def rival_bar(name: str, found: Interval, words: str, *, check_only: bool) -> Bar:
    """The bar of a rival: the adapted model stands out, what only checks the evaluator stays back."""
    style = "$text-accent bold" if name == ADAPTED.name else "$text-muted" if check_only else ""
    shown = plain(name, one_line=True)
    return Bar(f"{shown} (check)" if check_only else shown, found.value, found.low, found.high, words, style)


def axis_of_shares(chance: float) -> Axis:
    """From 0% to 100%, with a line at chance."""
    return Axis(0.0, 1.0, 0.25, chance, lambda value: f"{value:.0%}")


def _bar(rival: RivalRecord, measure: Scale) -> Bar:
    found = rival.scores[measure.key]
    return rival_bar(rival.name, found, wording.estimate_text(measure, found), check_only=rival.check_only)


def _axis(bars: list[Bar], report: Report, measure: Scale) -> Axis:
    if measure.unit == "share":
        return axis_of_shares(report.chance if measure.chance == "one in k" else 0.0)
    return axis_over(bars, 0.0, lambda value: f"{value:.1f}" if round(value, 6) else "0")


def _signed_label(measure: Scale) -> Callable[[float], str]:
    if measure.unit == "share":
        return lambda value: f"{100 * value:+.0f}" if round(value, 6) else "0"
    return lambda value: f"{value:+.2f}" if round(value, 6) else "0"


def _behind(report: Report, signs: Signs) -> dict[str, list[str]]:
    """What stands behind the pictures, under its headings."""
    bits = wording.bits_texts(report.bits_per_byte) if report.bits_per_byte else ()
    memory = memory_texts(report.memorisation) if report.memorisation else ()
    overlap = wording.overlap_texts(report.overlap) if report.overlap else ()
    settings = report.settings
    how = (
        f"Replies of at most {settings.max_new_tokens} tokens, {settings.decoding}; encoder {settings.encoder}; "
        f"it took {duration_text(report.seconds)}."
    )
    return {
        "Figures": [*bits, wording.visible_text(report)],
        "Watch": [*wording.watch_texts(report), *overlap, *wording.remarks(report.rivals), *memory, *report.notes],
        "Self-check": [wording.check_text(check, ascii_only=signs.ascii_only) for check in report.checks],
        "How": [wording.question_text(report), how],
    }


def _line(text: str) -> Content:
    return Content.styled(plain(text, one_line=True), "$text-error" if FAILED in text else "")


def _colour(tone: str) -> str:
    return {"good": "$text-success", "bad": "$text-error"}.get(tone, "$text-warning")
