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

from chatforge.evaluation.records import ReplyRecord
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.evaluation.scales import CORRECTED
from chatforge.evaluation.wording import worst_first
from chatforge.tui.signs import UNICODE, Signs
from chatforge.tui.widgets.key_list import Rows
from chatforge.tui.widgets.told import Told
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
        return adapted[i].primary - rival[i].primary, _similarity(adapted[i]) - _similarity(rival[i]), i

    return sorted(range(len(report.items)), key=behind)


class Cases(Vertical):
    """The list and the reader."""

    DEFAULT_CSS = """
    Cases { padding: 0 1; }
    Cases .line { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Cases #cases-legend { color: $text-muted; }
    Cases #cases-columns { color: $text-muted; padding: 0 1; }
    Cases #cases-left { width: 44; height: 1fr; }
    Cases #cases-list { height: 1fr; border: none; padding: 0; background: $background; }
    Cases #cases-list { text-wrap: nowrap; text-overflow: ellipsis; }
    Cases #case { width: 1fr; height: 1fr; padding: 0 0 0 2; }
    Cases #case Static { height: auto; }
    Cases VerticalScroll { scrollbar-size-vertical: 1; }
    Cases VerticalScroll:focus { background: $boost; }
    Cases #case-talk { height: auto; max-height: 50%; }
    Cases #case-replies { height: 1fr; margin-top: 1; }
    Cases #case-replies > Horizontal { height: auto; }
    Cases #case-replies Static { width: 1fr; }
    Cases #case-adapted { margin-right: 2; }
    Cases.-narrow #cases-body { layout: vertical; }
    Cases.-narrow #cases-left { width: 1fr; height: 6; }
    Cases.-narrow #case { padding: 0; }
    Cases.-narrow #case-replies { margin-top: 0; }
    """
    HELP: ClassVar[str] = """\
**Conversation by conversation.** The list's columns: by how much the adapted model's corrected similarity is above the
rival's, and the place of the true reply among all for what the adapted model's reply adds to the question (1 is right).

`o` another order · `w` back to the result · arrows move · `tab` goes to the conversation, then to the replies, where
arrows scroll
"""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (textual's own name)
        super().__init__(id=id)
        self._report: Report | None = None
        self._orders: Sequence[Order] = ()
        self._order = 0
        self._signs = UNICODE

    def compose(self) -> ComposeResult:
        """Head, list, reader: its two halves scroll by themselves, so that both replies are always in view."""
        yield Told(id="cases-head", classes="line")
        yield Told(id="cases-legend", classes="line")
        with Horizontal(id="cases-body"):
            with Vertical(id="cases-left"):
                yield Told(id="cases-columns", classes="line")
                yield Rows(id="cases-list", markup=False)
            with Vertical(id="case"):
                with VerticalScroll(id="case-talk"):
                    yield Told(id="case-said")
                with VerticalScroll(id="case-replies"), Horizontal():
                    yield Told(id="case-adapted")
                    yield Told(id="case-other")

    def show(self, report: Report, signs: Signs, *, narrow: bool) -> None:
        """List a report's conversations; the same report is not listed again."""
        self.set_class(narrow, "-narrow")
        if report is self._report:
            self._draw_legend()
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
            Content.assemble((words, "bold"), ("   tab: scroll the texts", "$text-muted"))
        )
        self._draw_legend()
        self.query_one("#cases-columns", Static).update(f"{'ahead':>6}  {'place':<6} user")
        found = self.query_one("#cases-list", OptionList)
        found.clear_options()
        found.add_options(self._option(report, order, i) for i in ordered(report, order))
        found.highlighted = 0

    def _draw_legend(self) -> None:
        """What the list's figures mean."""
        if self._report is None:
            return
        rival, count = self._orders[self._order].rival, _places(self._report)
        words = f"ahead of {rival}: nearer the true reply; place 1/{count} is right, {count}/{count} last"
        more = "" if self.has_class("-narrow") else f" (a minus: {rival} was nearer)"
        self.query_one("#cases-legend", Static).update(plain(words + more, one_line=True))

    def _option(self, report: Report, order: Order, i: int) -> Option:
        mine, other = report.rival(ADAPTED.name).replies[i], report.rival(order.rival).replies[i]
        ahead, item = _similarity(mine) - _similarity(other), report.items[i]
        said = plain(item.history[-1][1] if item.history else "", one_line=True)[:200]
        figures = f"{ahead:+.2f}  {mine.place:g}/{_places(report)}"
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
        more = [f"{earlier} earlier message{'s' if earlier > 1 else ''}"] if earlier > 0 else []
        head = ", ".join([name, *([plain(item.intent, one_line=True)] if item.intent else []), *more])
        said = item.history[-1][1] if item.history else ""
        self.query_one("#case-said", Static).update(
            Content.assemble(
                (f"{head}\n", "$text-muted"), ("user  ", "bold"), _text(said),
                ("\ntrue reply  ", "bold $text-success"), _text(item.reference),
            )
        )  # fmt: skip
        self.query_one("#case-adapted", Static).update(self._reply(ADAPTED.name, mine, report))
        self.query_one("#case-other", Static).update(self._reply(order.rival, other, report))
        for half in self.query(VerticalScroll):
            half.scroll_home(animate=False)

    def _reply(self, name: str, reply: ReplyRecord, report: Report) -> Content:
        right = "points to the true reply" if reply.place == 1 else ""
        place = right or f"true reply in place {reply.place:g} of {_places(report)}"
        notes = [place, f"similarity {_similarity(reply):+.2f}"]
        if reply.stopped_by in STOPS:
            notes.append(STOPS[reply.stopped_by])
        style = "bold $text-accent" if name == ADAPTED.name else "bold"
        return Content.assemble(
            (f"{plain(name, one_line=True)}\n", style), (f"{', '.join(notes)}\n", "$text-muted"), _text(reply.reply)
        )


def _similarity(reply: ReplyRecord) -> float:
    return reply.scores.get(CORRECTED.key) or 0.0


def _places(report: Report) -> int:
    """Among how many true replies a reply points to one: all but the one that the shuffled rival gives."""
    return len(report.items) - 1


def _text(text: str) -> str:
    """Foreign text for the reader."""
    harmless = plain(text).strip()
    return (harmless if len(harmless) <= LONGEST else f"{harmless[:LONGEST]} ...") or "(nothing)"
