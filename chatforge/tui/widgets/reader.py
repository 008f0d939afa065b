"""The reader: one conversation, as people read it or as the model gets it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.division import Part
from chatforge.dialogues.draft import BadLine
from chatforge.project.data_client import Answer
from chatforge.tui.signs import UNICODE, Signs
from chatforge.tui.widgets.told import Told
from chatforge.tui.widgets.xray import as_people_read, as_the_model_gets, wrapped
from chatforge.words import plain


@dataclass(frozen=True)
class Page:
    """What is read.

    Attributes:
        row: its number in the list, from 0. item: the conversation, or the line that is none.
        part: where it belongs; None if not known. answer: what the model gets; None while that is not known.
        waiting: why there is no answer, in words. limit: `max_length`. too_long: what a run does with longer ones.
        system: the recipe's system message. xray: whether to show what the model gets.
        raw: the line as it stands in the file, for one that is no conversation; "" if that cannot be shown.
    """

    row: int
    item: Conversation | BadLine
    part: Part | None = None
    answer: Answer | None = None
    waiting: str = ""
    limit: int = 0
    too_long: Literal["stop", "cut", "drop"] = "drop"
    system: str = ""
    xray: bool = True
    raw: str = ""


class Reader(VerticalScroll, can_focus=True):
    """Shows a page."""

    HELP = """One conversation as the model gets it: **✓ and underlined** is what it learns to say, *dimmed* is what its
chat template adds, the rest it only reads. The line *cut here* stands where `max_length` ends.

`x` shows the conversation as people read it. A long system message is folded; `e` shows it."""
    DEFAULT_CSS = """
    Reader { height: 1fr; width: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    Reader > Static { height: auto; width: 1fr; text-wrap: nowrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="reader.down"),
        Binding("k", "scroll_up", "Up", show=False, id="reader.up"),
    ]

    def __init__(self, signs: Signs = UNICODE) -> None:
        super().__init__(id="reader")
        self._signs = signs
        self._page: Page | None = None

    def compose(self) -> ComposeResult:
        """The text."""
        yield Told()

    def show(self, page: Page | None) -> None:
        """Show a page; another conversation begins at its top."""
        if page is None or self._page is None or page.row != self._page.row:
            self.scroll_home(animate=False)
        self._page = page
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines anew."""
        self._draw()

    def _draw(self) -> None:
        page = self._page
        width = max(20, self.scrollable_content_region.width)
        lines = _lines(page, width, self._signs) if page else []
        self.query_one(Static).update(Content("\n").join(lines))
        where = f", {page.part}" if page and page.part else ""
        self.border_title = f"Conversation {page.row + 1}{where}" if page else "Conversation"


def _lines(page: Page, width: int, signs: Signs) -> list[Content]:
    if isinstance(page.item, BadLine):
        place = plain(f"{page.item.file.name}:{page.item.line}", one_line=True)
        reason = plain(page.item.reason, one_line=True)
        return [
            *wrapped(f"{signs.warn} {place} is no conversation", width, "$text-warning"),
            *wrapped(reason, width, ""),
            *([Content(""), *wrapped(page.raw, width, "$text-muted")] if page.raw else []),
        ]
    answer = page.answer
    learns = page.part != "test"
    if page.xray and answer and not answer.problem:
        text = as_the_model_gets(answer, width, signs, page.limit, page.system)
    else:
        text = as_people_read(page.item.messages, width, signs, learns, page.system)
    return [*_head(page, width, signs), Content(""), *text]


def _head(page: Page, width: int, signs: Signs) -> list[Content]:
    """What the numbers say, above the text: seen without scrolling."""
    answer = page.answer
    if answer is None:
        return wrapped(plain(page.waiting, one_line=True), width, "$text-muted")
    if answer.problem:
        return wrapped(f"{signs.warn} {plain(answer.problem, one_line=True)}", width, "$text-warning")
    lines = [_count(page, answer, signs)]
    if page.limit and answer.tokens > page.limit:
        lines += wrapped(f"{signs.warn} {_over(page)}", width, "$text-warning")
    if answer.note:
        lines += wrapped(plain(answer.note, one_line=True), width, "$text-muted")
    return lines


def _count(page: Page, answer: Answer, signs: Signs) -> Content:
    if page.part == "test":
        what = f"held out, never learned; {signs.yes} is what the assistant says"
        return Content.assemble(f"{answer.tokens} tokens  ", (what, "$text-muted"))
    stops = "scored, to choose when to stop" if page.part == "valid" else "learned"
    return Content.assemble(
        f"{answer.tokens} tokens  ", (f"{signs.yes} {answer.learned}", "$text-success"), (f" {stops}", "$text-muted")
    )


def _over(page: Page) -> str:
    what = {
        "drop": "left out whole (training.too_long: drop)",
        "cut": "cut there (training.too_long: cut)",
        "stop": "a run stops here (training.too_long: stop)",
    }[page.too_long]
    return f"longer than {page.limit} tokens: {what}"
