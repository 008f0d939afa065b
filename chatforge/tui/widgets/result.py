"""How a run did: what could be seen at all, the verdict, every rival as an interval bar, and what stands behind it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content

from chatforge.evaluation import wording
from chatforge.evaluation.report import Report
from chatforge.evaluation.scales import Scale
from chatforge.evaluation.verdict import Verdict
from chatforge.tui.evaluate_bars import difference_bars, floor, rival_bars
from chatforge.tui.evaluate_parts import PARTS, chance_mark
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.intervals import IntervalBars
from chatforge.tui.widgets.part import PartView
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

ASCII_SIGNS = {"✔": "+", "↗": "+?", "=": "=", "?": "?", "↘": "-?", "✘": "-", "!": "!"}
"""The verdict's signs where the terminal has only ASCII."""

TONES = {
    "better": "good", "probably better": "good", "worse": "bad", "probably worse": "bad", "no verdict": "bad",
    "cannot tell": "warn", "no meaningful difference": "warn",
}  # fmt: skip


class Result(VerticalScroll):
    """A report, from the verdict down to its limits."""

    HELP: ClassVar[str] = """\
**How the run did.** Each bar is a 95% interval; the dotted line through a measure is what a reply that has nothing to
do with its conversation scores: by chance, or, where that cannot be told, as the shuffled replies do. Among
differences it is zero; safety has none. *Beyond question* decides: whether what a reply adds to the question points to
the true reply. The head says what each of the other measures asks. Below: all figures, what needs a look, intents,
safety and forgetting, the self-check, and what none of this can show.

- `n` goes to the next part, `N` to the one before · `m` draws the bars of another measure
- `w` reads the conversations · `p` what was said to the probes · `b` lets you judge replies blindly
- `h` writes the report as a page and opens it in the browser · `e` evaluates again
"""
    DEFAULT_CSS = """
    Result { padding: 0 1; scrollbar-size-vertical: 1; }
    Result > * { height: auto; }
    Result #visible { color: $text-muted; }
    Result #verdict { border: round $foreground 30%; padding: 0 1; }
    Result #verdict.-good { border: round $success; }
    Result #verdict.-bad { border: round $error; }
    Result #verdict.-warn { border: round $warning; }
    Result.-ascii #verdict { border: ascii $foreground 30%; }
    Result #verdict Told { height: auto; }
    Result #verdict-next { color: $text-accent; }
    Result #verdict-watch { color: $text-warning; }
    Result #verdict-numbers { color: $text-muted; margin-top: 1; }
    Result .heading { margin-top: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (textual's own name)
        super().__init__(id=id)
        self._report: Report | None = None
        self._drawn: tuple[Scale, bool] | None = None

    def compose(self) -> ComposeResult:
        """What could be seen, the banner, two pictures, the parts."""
        yield Told(id="visible")
        with Vertical(id="verdict") as box:
            box.border_title, box.border_subtitle = "Verdict", "n: next part"
            for name in ("word", "sentence", "next", "watch", "numbers"):
                yield Told(id=f"verdict-{name}")
        for name in ("rivals", "against"):
            yield Told(id=f"{name}-head", classes="heading")
            yield IntervalBars(id=name)
        for _ in PARTS:
            yield PartView()

    def show(self, report: Report, measure: Scale, signs: Signs, *, short: bool) -> None:
        """Draw a report, as far as it is not drawn so already.

        Args:
            short: the numbers behind the verdict stay away, they stand in the picture.
        """
        if report is not self._report:
            self.set_class(signs.ascii_only, "-ascii")
            self._tell("visible", signs.typed(plain(wording.visible_text(report), one_line=True)))
            for view, make in zip(self.query(PartView), PARTS, strict=True):
                view.show(make(report, signs), signs)
        elif self._drawn == (measure, short):
            return
        self._report, self._drawn = report, (measure, short)
        self._show_verdict(report, signs, short)
        self._show_rivals(report, measure, signs)
        self._show_against(report, measure, signs)

    def bring_bars(self) -> None:
        """Scroll to the rivals' bars, if they are not in view."""
        for name in ("#rivals", "#rivals-head"):
            self.query_one(name).scroll_visible(animate=False)

    def turn(self, by: int) -> None:
        """Scroll to the next part, or the one before."""
        tops = [0.0, *(head.virtual_region_with_margin.y + 1.0 for head in self._heads())]
        at = min(self.scroll_offset.y, self.max_scroll_y)
        there = [y for y in tops if y > at] if by > 0 else [y for y in tops if y < at][::-1]
        if there:
            self.scroll_to(y=there[0], animate=False, immediate=True)

    def _heads(self) -> list[Told | PartView]:
        heads = [self.query_one(f"#{name}-head", Told) for name in ("rivals", "against")]
        return [*heads, *(view for view in self.query(PartView) if view.display)]

    def _tell(self, name: str, text: Content | str) -> None:
        self.query_one(f"#{name}", Told).say(text)

    def _show_verdict(self, report: Report, signs: Signs, short: bool) -> None:
        verdict = report.verdict
        tone = TONES.get(verdict.word, "warn")
        for one in ("good", "bad", "warn"):
            self.query_one("#verdict").set_class(one == tone, f"-{one}")
        self._tell("verdict-word", Content.styled(f"{sign_of(verdict, signs)} {verdict.word}", f"{_colour(tone)} bold"))
        said = [plain(text, one_line=True) for text in (verdict.sentence, verdict.advice) if text]
        self._tell("verdict-sentence", "\n".join(said))
        self._tell("verdict-next", next_steps(verdict, signs))
        watch = [signs.typed(plain(text, one_line=True)) for text in wording.watch_texts(report)]
        self._tell("verdict-watch", "\n".join(f"{signs.warn} {text}" for text in watch))
        self.query_one("#verdict-watch").display = bool(watch)
        self._tell("verdict-numbers", plain(verdict.numbers, one_line=True))
        # why there is no verdict is always said
        self.query_one("#verdict-numbers").display = not short or not verdict.rival

    def _show_rivals(self, report: Report, measure: Scale, signs: Signs) -> None:
        found = floor(report, measure)
        mark = f"   {chance_mark(signs)} {found[0]} {wording.value_text(measure, found[1])}" if found else ""
        name = f"{measure.title[0].upper()}{measure.title[1:]}"
        more = f"{mark}   m: another measure\n{measure.what}"
        self._tell("rivals-head", Content.assemble((name, "bold"), (more, "$text-muted")))
        self.query_one("#rivals", IntervalBars).show(*rival_bars(report, measure), signs)

    def _show_against(self, report: Report, measure: Scale, signs: Signs) -> None:
        unit = "points" if measure.unit == "share" else measure.title
        side = f"   {unit}; right of {chance_mark(signs)} the adapted model is ahead"
        self._tell("against-head", Content.assemble(("Adapted minus each rival", "bold"), (side, "$text-muted")))
        self.query_one("#against", IntervalBars).show(*difference_bars(report, measure), signs)


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


def _colour(tone: str) -> str:
    return {"good": "$text-success", "bad": "$text-error"}.get(tone, "$text-warning")
