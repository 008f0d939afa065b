"""Conversation by conversation: a list in some order, and a reader with the replies side by side.

all of it is data: it goes through `plain`, and nothing in it is markup
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chatforge.evaluation.report import ReplyRecord, Report
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.evaluation.wording import worst_first
from chatforge.tui.signs import UNICODE, Signs
from chatforge.words import plain

STOPS = {"length": "met the limit of length", "loop": "went round in circles"}
LONGEST = 2_000
"""Signs of a text that the reader shows: a reply that never ends is no news after that."""


@dataclass(frozen=True)
class Order:
    """A way to sort the conversations: its words, and the rival that is shown beside the adapted model."""

    words: str
    rival: str
    by_difference: bool


def orders(report: Report) -> list[Order]:
    """The ways to sort a report's conversations."""
    best = report.best_untrained.rival
    found = [Order("furthest from the true reply first", BASE.name, False)]
    for name in dict.fromkeys((BASE.name, best)):
        found.append(Order(f"most behind {plain(name, one_line=True)} first", name, True))
    return found


def ordered(report: Report, order: Order) -> list[int]:
    """Numbers of the conversations in this order, the worst first."""
    if not order.by_difference:
        return worst_first(report)
    adapted, rival = report.rival(ADAPTED.name).replies, report.rival(order.rival).replies

    def behind(i: int) -> tuple[float, float, int]:
        found = adapted[i].identification - rival[i].identification
        return found, adapted[i].corrected - rival[i].corrected, i

    return sorted(range(len(report.items)), key=behind)


class Cases(Vertical):
    """The list and the reader."""

    DEFAULT_CSS = """
    Cases { padding: 0 1; }
    Cases #cases-head { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Cases #cases-columns { height: 1; color: $text-muted; padding: 0 1; }
    Cases #cases-left { width: 44; height: 1fr; }
    Cases #cases-list { height: 1fr; border: none; padding: 0; background: $background; }
    Cases #cases-list { text-wrap: nowrap; text-overflow: ellipsis; }
    Cases #case { width: 1fr; height: 1fr; padding: 0 0 0 2; }
    Cases #case Static { height: auto; }
    Cases #case-replies { height: auto; margin-top: 1; }
    Cases #case-replies Static { width: 1fr; }
    Cases #case-adapted { margin-right: 2; }
    Cases.-narrow #cases-body { layout: vertical; }
    Cases.-narrow #cases-left { width: 1fr; height: 8; }
    Cases.-narrow #case { padding: 0; }
    Cases.-narrow #case-replies { layout: vertical; }
    Cases.-narrow #case-replies Static { width: 100%; }
    Cases.-narrow #case-other { margin-top: 1; }
    """
    HELP: ClassVar[str] = """\
**Conversation by conversation.** The list's columns: by how much the adapted model's corrected similarity is above the
rival's, and the place of the true reply among the candidates for the adapted model's reply (1 is right).

`o` another order · `w` back to the result · arrows move · `tab` goes into the reader
"""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (textual's own name)
        super().__init__(id=id)
        self._report: Report | None = None
        self._orders: Sequence[Order] = ()
        self._order = 0
        self._signs = UNICODE

    def compose(self) -> ComposeResult:
        """Head, list, reader."""
        yield Static(id="cases-head", markup=False)
        with Horizontal(id="cases-body"):
            with Vertical(id="cases-left"):
                yield Static(id="cases-columns", markup=False)
                yield OptionList(id="cases-list", markup=False)
            with VerticalScroll(id="case"):
                yield Static(id="case-said", markup=False)
                with Horizontal(id="case-replies"):
                    yield Static(id="case-adapted", markup=False)
                    yield Static(id="case-other", markup=False)

    def show(self, report: Report, signs: Signs, *, narrow: bool) -> None:
        """List a report's conversations; the same report is not listed again."""
        self.set_class(narrow, "-narrow")
        if report is self._report:
            return
        self._report, self._signs, self._orders, self._order = report, signs, orders(report), 0
        self._list()

    def turn(self) -> None:
        """Take the next order."""
        if self._orders:
            self._order = (self._order + 1) % len(self._orders)
            self._list()

    def _list(self) -> None:
        report, order = self._report, self._orders[self._order]
        if report is None:
            return
        words = f"{len(report.items)} conversations, {order.words}"
        self.query_one("#cases-head", Static).update(
            Content.assemble((words, "bold"), ("   o: another order   w: the result", "$text-muted"))
        )
        self.query_one("#cases-columns", Static).update(f"{'ahead':>6}  {'place':<6} user")
        found = self.query_one("#cases-list", OptionList)
        found.clear_options()
        found.add_options(self._option(report, order, i) for i in ordered(report, order))
        found.highlighted = 0

    def _option(self, report: Report, order: Order, i: int) -> Option:
        mine, other = report.rival(ADAPTED.name).replies[i], report.rival(order.rival).replies[i]
        ahead, item = mine.corrected - other.corrected, report.items[i]
        said = plain(item.history[-1][1] if item.history else "", one_line=True)[:200]
        figures = f"{ahead:+.2f}  {mine.rank:g}/{report.settings.candidates}"
        colour = "$text-error" if ahead < 0 else "$text-success"
        return Option(Content.assemble((f" {figures:<13}", colour), f" {said}"), id=str(i))

    @on(OptionList.OptionHighlighted, "#cases-list")
    def _read(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self._report is not None and event.option.id is not None:
            self._open(self._report, self._orders[self._order], int(event.option.id))

    def _open(self, report: Report, order: Order, i: int) -> None:
        item, mine = report.items[i], report.rival(ADAPTED.name).replies[i]
        other = report.rival(order.rival).replies[i]
        name = plain(item.conversation, one_line=True)
        earlier = len(item.history) - 1
        more = [f"{earlier} earlier messages"] if earlier > 0 else []
        head = ", ".join([name, *([plain(item.intent, one_line=True)] if item.intent else []), *more])
        said = item.history[-1][1] if item.history else ""
        self.query_one("#case-said", Static).update(
            Content.assemble(
                (f"{head}\n\n", "$text-muted"), ("user\n", "bold"), _text(said),
                ("\n\ntrue reply\n", "bold $text-success"), _text(item.reference),
            )
        )  # fmt: skip
        self.query_one("#case-adapted", Static).update(self._reply(ADAPTED.name, mine, report))
        self.query_one("#case-other", Static).update(self._reply(order.rival, other, report))
        self.query_one("#case", VerticalScroll).scroll_home(animate=False)

    def _reply(self, name: str, reply: ReplyRecord, report: Report) -> Content:
        right = "points to the true reply" if reply.identification >= 1 else ""
        place = right or f"true reply in place {reply.rank:g} of {report.settings.candidates}"
        notes = [place, f"similarity {reply.corrected:+.2f}"]
        if reply.stopped_by in STOPS:
            notes.append(STOPS[reply.stopped_by])
        style = "bold $text-accent" if name == ADAPTED.name else "bold"
        return Content.assemble(
            (f"{plain(name, one_line=True)}\n", style), (f"{', '.join(notes)}\n", "$text-muted"), _text(reply.reply)
        )


def _text(text: str) -> str:
    """Foreign text for the reader."""
    harmless = plain(text).strip()
    return (harmless if len(harmless) <= LONGEST else f"{harmless[:LONGEST]} ...") or "(nothing)"
