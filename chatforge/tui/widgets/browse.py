"""Conversations and the reader side by side, the filter above them, and the data worker behind them."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import get_current_worker

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.window import Corpus, GivenUpError, search
from chatforge.project.data_client import Answer, Ended
from chatforge.tui.data_survey import Found, Settings
from chatforge.tui.data_tokens import Counting
from chatforge.tui.raw_line import raw_line
from chatforge.tui.signs import UNICODE, Signs
from chatforge.tui.widgets.conversations import ConversationList, Known
from chatforge.tui.widgets.reader import Page, Reader

TooLong = Literal["stop", "cut", "drop"]

REDRAW_EVERY = 50
"""Counted conversations between two words to whoever draws them."""

PAUSE = 0.15
"""Seconds of rest on a conversation before the worker is asked for it."""


class Browse(Vertical):
    """The conversations of a project.

    Attributes:
        counting: what is known of their tokens.
    """

    SCOPED_CSS: ClassVar[bool] = False  # rules depend on the screen's classes
    DEFAULT_CSS = """
    Browse { height: 1fr; }
    Browse #filter { height: 1; border: none; padding: 0 1; background: $boost; display: none; }
    Browse #pair { layout: horizontal; height: 1fr; }
    Browse ConversationList { width: 11fr; }
    Browse Reader { width: 9fr; padding: 0 1; }
    Browse #pair > * { border: round $foreground 30%; }
    Browse #pair > *:focus { border: round $accent; }
    App.-ascii Browse #pair > * { border: ascii $foreground 30%; }
    App.-ascii Browse #pair > *:focus { border: ascii $accent; }
    .-narrow Browse #pair { layout: vertical; }
    .-narrow Browse #pair > * { width: 1fr; }
    .-short Browse #pair > * { border: none; border-top: solid $foreground 30%; }
    .-short Browse #pair > *:focus { border: none; border-top: solid $accent; }
    """

    class Counted(Message):
        """More is known of the tokens."""

    @dataclass
    class Said(Message):
        """The data worker said something."""

        worker: int
        said: Answer | Ended

    @dataclass
    class Matched(Message):
        """Rows in which the words of the filter are said."""

        words: str
        rows: Sequence[int]

    def __init__(self, signs: Signs = UNICODE) -> None:
        super().__init__(id="browse")
        self._signs = signs
        self._found, self._render_with = Found(), Settings()
        self._too_long: TooLong = "drop"
        self.counting = Counting(lambda worker, said: self.post_message(self.Said(worker, said)))
        self._xray = True
        self._words = ""
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        """The filter, the list, the reader."""
        yield Input(placeholder="only conversations in which this is said", id="filter", compact=True)
        with Container(id="pair"):
            yield ConversationList(self._signs)
            yield Reader(self._signs)

    # What is known

    def take(self, found: Found) -> None:
        """Show other conversations, or the same ones with more known of them."""
        lines = self._found.corpus is not found.corpus
        self._found = found
        if lines:
            self.counting.forget()
            self._fill(range(len(found.corpus)))
            if self._words:
                self._search(self._words, found.corpus)
        self._count()

    def render_with(self, settings: Settings, too_long: TooLong) -> None:
        """Show what a model gets of them under these settings."""
        self._render_with, self._too_long = settings, too_long
        self._count()

    def _count(self) -> None:
        """Start or settle the data worker, and count a sample."""
        settings, survey = self._render_with, self._found.survey
        if settings.model is None or not len(self._found.corpus):
            self.counting.close()
        else:
            changed = self.counting.settle(settings.model, settings.system, settings.limit)
            if survey and (changed or not self.counting.wanted):
                self.counting.count(len(self._found.corpus), self._found.corpus.at)
            self._ask()
        self._draw()

    @on(Said)
    def _hear(self, event: Said) -> None:
        event.stop()
        counting = self.counting
        if event.worker != counting.number:
            return
        if isinstance(event.said, Ended):
            counting.ended(event.said.why)
            self._draw()
            return
        row = counting.take(event.said)
        if row is not None and row in counting.answers:
            self._read()
        if not counting.working or len(counting.lengths) % REDRAW_EVERY == 0:
            self._draw()

    def on_unmount(self) -> None:
        """End the data worker with the app."""
        self.counting.close()

    # What is shown

    def _draw(self) -> None:
        settings = self._render_with
        known = Known(self._found.survey, self.counting.lengths, settings.limit, settings.system)
        self.query_one(ConversationList).know(known)
        self._read()
        self.post_message(self.Counted())

    def _fill(self, rows: Sequence[int]) -> None:
        talks, total = self.query_one(ConversationList), len(self._found.corpus)
        talks.fill(self._found.corpus, rows)
        talks.border_title = f"{len(rows):,} of {total:,}" if len(rows) < total else f"{total:,} conversations"
        if not rows:
            self.query_one(Reader).show(None)

    def go_to(self, row: int) -> None:
        """Highlight a row."""
        if self.escape():
            self._words = ""
            self._fill(range(len(self._found.corpus)))
        self.query_one(ConversationList).go_to(row)
        self.query_one(ConversationList).focus()

    @on(ConversationList.Highlighted)
    def _highlighted(self, event: ConversationList.Highlighted) -> None:
        event.stop()
        self._read()
        if self._rest:
            self._rest.stop()
        self._rest = self.set_timer(PAUSE, self._ask)

    @on(ConversationList.Read)
    def _to_reader(self, event: ConversationList.Read) -> None:
        event.stop()
        self.query_one(Reader).focus()

    def _ask(self) -> None:
        talks = self.query_one(ConversationList)
        if talks.row is not None and isinstance(item := talks.at(talks.row), Conversation):
            self.counting.ask(talks.row, item)

    def _read(self) -> None:
        """Show the highlighted conversation with all that is known of it."""
        talks, settings = self.query_one(ConversationList), self._render_with
        if talks.row is None:
            return
        page = Page(
            talks.row, talks.at(talks.row), answer=self.counting.answers.get(talks.row), limit=settings.limit,
            waiting=self.counting.trouble or settings.why or "the base's tokenizer is being loaded",
            too_long=self._too_long, system=settings.system, xray=self._xray,
        )  # fmt: skip
        if isinstance(page.item, BadLine):
            page = replace(page, raw=raw_line(self._found.corpus, talks.row, page.item.reason))
        survey = self._found.survey
        self.query_one(Reader).show(replace(page, part=survey.part(talks.row)) if survey else page)

    def turn_xray(self) -> None:
        """Show what the model gets, or what people read."""
        self._xray = not self._xray
        self._read()

    # The filter

    def filter(self) -> None:
        """Ask for words."""
        field = self.query_one("#filter", Input)
        field.display = True
        field.focus()

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._words = event.value.strip()
        if self._words:
            self._search(self._words, self._found.corpus)
        else:
            self.workers.cancel_group(self, "search")
            self._fill(range(len(self._found.corpus)))

    @on(Input.Submitted, "#filter")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(ConversationList).focus()

    @work(thread=True, exclusive=True, group="search", exit_on_error=False)
    def _search(self, words: str, corpus: Corpus) -> None:
        worker, rows = get_current_worker(), array("Q")
        try:
            for row in search(corpus, words, lambda: worker.is_cancelled):
                rows.append(row)
                if len(rows) in (50, 1_000, 10_000):  # the first ones at once, the rest when all are found
                    self.post_message(self.Matched(words, array("Q", rows)))
        except GivenUpError:
            return
        if not worker.is_cancelled:
            self.post_message(self.Matched(words, rows))

    @on(Matched)
    def _match(self, event: Matched) -> None:
        event.stop()
        if event.words == self._words:
            self._fill(event.rows)

    def escape(self) -> bool:
        """Close the filter; return whether it was open."""
        field = self.query_one("#filter", Input)
        if not field.display:
            return False
        field.value = ""
        field.display = False
        self.query_one(ConversationList).focus()
        return True
