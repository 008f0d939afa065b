"""Conversation by conversation: a list in some order, and a reader with the replies side by side."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chatforge.evaluation.reply_wording import places
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.tui import case_words
from chatforge.tui.case_words import MARKS, Marks, Order
from chatforge.tui.signs import UNICODE, Signs
from chatforge.tui.widgets.key_list import Rows
from chatforge.tui.widgets.told import Told
from chatforge.words import plain


class Cases(Vertical):
    """The list and the reader."""

    DEFAULT_CSS = """
    Cases { padding: 0 1; }
    Cases .line { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Cases #cases-legend { color: $text-muted; }
    Cases #cases-columns { color: $text-muted; padding: 0 1; }
    Cases #cases-left { width: 36%; max-width: 48; height: 1fr; }
    Cases #cases-list { height: 1fr; border: none; padding: 0; background: $background; }
    Cases #cases-list { text-wrap: nowrap; text-overflow: ellipsis; }
    Cases #case { width: 1fr; height: 1fr; padding: 0 0 0 2; }
    Cases #case Told { height: auto; }
    Cases VerticalScroll { scrollbar-size-vertical: 1; }
    Cases VerticalScroll:focus { background: $boost; }
    Cases #case #case-name { height: 1; color: $text-muted; }
    Cases #case-talk { height: auto; max-height: 50%; }
    Cases #case-replies { height: 1fr; margin-top: 1; }
    Cases #case-replies > Horizontal { height: auto; }
    Cases #case-replies Told { width: 1fr; }
    Cases #case-adapted { margin-right: 2; }
    Cases.-narrow #cases-body { layout: vertical; }
    Cases.-narrow #cases-left { width: 1fr; max-width: 100%; height: 5; }
    Cases.-narrow #case { padding: 0; }
    Cases.-narrow #case-talk { max-height: 4; }
    Cases.-narrow #case-replies { margin-top: 0; }
    """
    HELP: ClassVar[str] = """\
**Conversation by conversation.** The list's columns: by how much the adapted model's corrected similarity is above the
rival's (most behind first: by how many points of *beyond question*, which decides), the place of the true reply among
all for what the adapted model's reply adds to the question (1 is right), and how many places in it need a look (`!2`),
where any does.

In a reply, `{+words+}` are not in the true one, `[-words-]` of the true one are missing. Where two texts have little
in common nearly every word differs: then the reply stands as it is, and `d` marks it all the same, or no reply at all.
Other words can be just as right.

- `o` another order · `r` another rival beside the adapted model · `d` marks · `w` back to the result
- arrows move · `tab` goes to the conversation, then to the replies, where arrows scroll
"""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (textual's own name)
        super().__init__(id=id)
        self._report: Report | None = None
        self._orders: Sequence[Order] = ("furthest",)
        self._rivals: Sequence[str] = (BASE.name,)
        self._order = self._rival = 0
        self._marks: Marks = "alike"
        self._signs = UNICODE
        self._read: tuple[int, str, Marks] | None = None

    def compose(self) -> ComposeResult:
        """Head, list, reader: its two halves scroll by themselves, so that both replies are always in view."""
        yield Told(id="cases-head", classes="line")
        yield Told(id="cases-legend", classes="line")
        with Horizontal(id="cases-body"):
            with Vertical(id="cases-left"):
                yield Told(id="cases-columns", classes="line")
                yield Rows(id="cases-list", markup=False)
            with Vertical(id="case"):
                yield Told(id="case-name", classes="line")
                with VerticalScroll(id="case-talk"):
                    yield Told(id="case-earlier")
                    yield Told(id="case-said")
                with VerticalScroll(id="case-replies"), Horizontal():
                    yield Told(id="case-adapted")
                    yield Told(id="case-other")

    def show(self, report: Report, signs: Signs, *, narrow: bool) -> None:
        """List a report's conversations; the same report is not listed again."""
        self.set_class(narrow, "-narrow")
        if report is not self._report:
            self._report, self._signs = report, signs
            self._orders, self._rivals = case_words.orders(report), case_words.rivals(report)
            self._order = self._rival = 0
            self._read = None
            self._list()
        self._draw_head()

    @property
    def rival(self) -> str:
        """Whose replies stand beside those of the adapted model."""
        return self._rivals[self._rival]

    @property
    def choices(self) -> int:
        """How many rivals there are to choose from."""
        return len(self._rivals)

    def turn(self) -> None:
        """Take the next order, and begin with its first conversation."""
        self._order = (self._order + 1) % len(self._orders)
        self._list()

    def next_rival(self) -> None:
        """Put the next rival beside the adapted model; the conversation stays."""
        self._rival = (self._rival + 1) % len(self._rivals)
        self._list(stay=True)

    def next_marks(self) -> None:
        """Mark the differences from the true reply in another way."""
        every = list(MARKS)
        self._marks = every[(every.index(self._marks) + 1) % len(every)]
        self._draw_head()
        self._open()

    def _list(self, *, stay: bool = False) -> None:
        if (report := self._report) is None:
            return
        found = self.query_one("#cases-list", OptionList)
        was = self._chosen if stay else None
        order, flags = self._orders[self._order], "look" in self._orders
        rows = case_words.ordered(report, order, self.rival)
        self._draw_head()
        self.query_one("#cases-columns", Told).say(case_words.columns_text(flags=flags))
        found.clear_options()
        found.add_options(Option(case_words.row(report, order, self.rival, i, flags=flags), id=str(i)) for i in rows)
        found.highlighted = rows.index(was) if was is not None else 0
        self._open()

    def _draw_head(self) -> None:
        """How the list is sorted, who is compared, and what its figures mean."""
        if self._report is None:
            return
        rival, count, order = plain(self.rival, one_line=True), places(self._report), self._orders[self._order]
        narrow = self.has_class("-narrow")
        more = f"{'' if narrow else f'   {MARKS[self._marks]}'}   tab: scroll the texts"
        what = f"{case_words.count_text(self._report)}, {case_words.order_text(order, rival)}"
        head = Content.assemble((what, "bold"), (more, "$text-muted"))
        self.query_one("#cases-head", Told).say(head)
        words = f"place 1/{count} is right, {count}/{count} last; {case_words.ahead_text(order, rival)}"
        minus = "" if narrow else f" (a minus: {rival} is ahead)"
        self.query_one("#cases-legend", Told).say(words + minus)

    @property
    def _chosen(self) -> int | None:
        """Number of the conversation that is highlighted."""
        found = self.query_one("#cases-list", OptionList)
        at = found.highlighted
        option = found.get_option_at_index(at) if at is not None else None
        return int(option.id) if option and option.id else None

    @on(OptionList.OptionHighlighted, "#cases-list")
    def _choose(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._open()

    def _open(self) -> None:
        """Read the highlighted conversation, from its last message on; what is shown already stays where it is."""
        report, i = self._report, self._chosen
        if report is None or i is None or self._read == (i, self.rival, self._marks):
            return
        stay = self._read is not None and self._read[0] == i
        self._read = i, self.rival, self._marks
        for name, rival in (("#case-adapted", ADAPTED.name), ("#case-other", self.rival)):
            self.query_one(name, Told).say(case_words.reply(report, rival, i, self._marks, self._signs))
        if not stay:
            self.query_one("#case-name", Told).say(case_words.name_text(report, i))
            before = self.query_one("#case-earlier", Told)
            before.say(case_words.earlier(report, i))
            before.display = len(report.items[i].history) > 1
            self.query_one("#case-said", Told).say(case_words.talk(report, i))
            self.query_one("#case-replies").scroll_home(animate=False)
            self.call_after_refresh(self._to_last_message)

    def _to_last_message(self) -> None:
        said = self.query_one("#case-said")
        self.query_one("#case-talk").scroll_to(y=said.virtual_region.y, animate=False, immediate=True)
