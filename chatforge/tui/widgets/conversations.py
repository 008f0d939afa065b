"""A list of conversations of any length: what is on the screen is read when it is drawn, nothing else is held."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.survey import Survey
from chatforge.dialogues.window import Corpus
from chatforge.tui.cells import fit
from chatforge.tui.signs import UNICODE, Signs
from chatforge.words import plain

HELD = 200
"""Most conversations held at a time: more than a screen shows."""

ISSUE_FROM = 64
"""Width from which an issue has a column of its own; below only its mark is shown."""


@dataclass(frozen=True)
class Known:
    """What the list says of its conversations beside their words.

    Attributes:
        survey: None while it is being made. lengths: tokens that were counted. limit: `max_length`, 0 if not known.
        system: the system message, for estimates.
    """

    survey: Survey | None = None
    lengths: Mapping[int, int] | None = None
    limit: int = 0
    system: str = ""


class ConversationList(ScrollView, can_focus=True):
    """The conversations of a project's files, one a line."""

    HELP = """The conversations in all files. The column *tokens* begins with `~` where it is only estimated.

Enter goes to the reader, `/` shows only conversations in which something is said."""
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "conversations--head", "conversations--dim", "conversations--cursor", "conversations--issue",
    }  # fmt: skip
    DEFAULT_CSS = """
    ConversationList { height: 1fr; width: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }
    ConversationList > .conversations--head { color: $text-muted; }
    ConversationList > .conversations--dim { color: $text-muted; }
    ConversationList > .conversations--issue { color: $text-warning; }
    ConversationList > .conversations--cursor { background: $boost; text-style: bold; }
    ConversationList:focus > .conversations--cursor { background: $block-cursor-background;
        color: $block-cursor-foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="conversations.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="conversations.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="conversations.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="conversations.page_down"),
        Binding("home,g", "end(-1)", "First", show=False, id="conversations.first"),
        Binding("end,G", "end(1)", "Last", show=False, id="conversations.last"),
        Binding("enter", "read", "Read", key_display="enter", id="conversations.read", tooltip="Go to the reader"),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor stands on another conversation."""

        row: int

    class Read(Message):
        """The highlighted conversation is to be read."""

    def __init__(self, signs: Signs = UNICODE) -> None:
        super().__init__(id="conversations")
        self._signs = signs
        self._corpus = Corpus()
        self._rows: Sequence[int] = range(0)
        self._known = Known()
        self._held: OrderedDict[int, Conversation | BadLine] = OrderedDict()
        self._cursor = 0

    # What is shown

    def fill(self, corpus: Corpus, rows: Sequence[int]) -> None:
        """Show rows of a corpus; the cursor stays on its conversation if that is among them."""
        before = self.row
        if corpus is not self._corpus:
            self._corpus = corpus
            self._held.clear()
        self._rows = rows
        self._cursor = rows.index(before) if before is not None and before in rows else 0
        self.virtual_size = Size(0, len(rows) + 1)
        self._seen()

    def know(self, known: Known) -> None:
        """Take what is known now, and draw it."""
        self._known = known
        self.refresh()

    @property
    def row(self) -> int | None:
        """The highlighted row of the corpus; None if nothing is shown."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    @property
    def held(self) -> int:
        """How many conversations are in memory."""
        return len(self._held)

    def at(self, row: int) -> Conversation | BadLine:
        """Read a conversation, or take it from those held."""
        if row not in self._held:
            self._held[row] = self._corpus.at(row)
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(row)
        return self._held[row]

    def go_to(self, row: int) -> None:
        """Highlight a row of the corpus, if it is shown."""
        if row in self._rows:
            self._cursor = self._rows.index(row)
            self._seen()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line: the head stays on top, the rest scrolls."""
        width = self.scrollable_content_region.width
        base = self.rich_style
        if y == 0:
            text = self._columns(width, " ", "#", "part", "turns", "tokens", "first thing said", "issue")
            parts = [(t, "head") for t, _ in text]
        else:
            index = y - 1 + self.scroll_offset.y
            if index >= len(self._rows):
                return Strip.blank(width, base)
            parts = self._cells(self._rows[index], width, here=index == self._cursor)
            if index == self._cursor:
                base += self.get_component_rich_style("conversations--cursor", partial=True)
        here = y > 0 and y - 1 + self.scroll_offset.y == self._cursor
        segments = []
        for text_, style in parts:
            extra = self.get_component_rich_style(f"conversations--{style}", partial=True) if style else None
            segments.append(Segment(text_, base + extra if extra and not (here and self.has_focus) else base))
        return Strip(segments).adjust_cell_length(width, base)

    def _cells(self, row: int, width: int, *, here: bool) -> list[tuple[str, str]]:
        item, known = self.at(row), self._known
        mark = self._signs.here if here else " "
        if isinstance(item, BadLine):
            return self._columns(width, mark, str(row + 1), "-", "", "", item.reason, "unreadable")
        part = (known.survey.part(row) or "-") if known.survey else ""
        turns = str(sum(message.role != "system" for message in item.messages))
        tokens, over = self._tokens(row)
        said = next((m.content for m in item.messages if m.role == "user"), "")
        return self._columns(width, mark, str(row + 1), part, turns, tokens, said, "long" if over else "")

    def _tokens(self, row: int) -> tuple[str, bool]:
        known = self._known
        counted = known.lengths.get(row) if known.lengths else None
        if counted is not None:
            return f"{counted}", 0 < known.limit < counted
        if known.survey is None:
            return "", False
        guess = known.survey.estimate(row, known.system)
        return f"~{guess}", 0 < known.limit < guess

    def _columns(
        self, width: int, mark: str, number: str, part: str, turns: str, tokens: str, said: str, issue: str
    ) -> list[tuple[str, str]]:
        digits = max(4, len(str(len(self._corpus))))
        roomy = width >= ISSUE_FROM
        left = f"{mark}{number:>{digits}} {part:<5} {turns:>5} {tokens:>7}  "
        sign = f" {self._signs.warn} " if issue and issue != "issue" else "   "
        right = f"{sign}{issue:<10}" if roomy else sign
        room = max(0, width - len(left) - len(right))
        words = plain(said[: 4 * width], one_line=True)
        return [(left, "dim"), (fit(words, room, self._signs.cut), ""), (right, "issue")]

    # Moving

    def action_move(self, by: int) -> None:
        """Highlight the next or the one before."""
        self._to(self._cursor + by)

    def action_page(self, by: int) -> None:
        """A screen on or back."""
        self._to(self._cursor + by * max(1, self.size.height - 2))

    def action_end(self, where: int) -> None:
        """The first or the last."""
        self._to(0 if where < 0 else len(self._rows) - 1)

    def action_read(self) -> None:
        """Go to the reader."""
        if self.row is not None:
            self.post_message(self.Read())

    def on_click(self, event: events.Click) -> None:
        """Highlight what was clicked."""
        if event.y > 0:
            self._to(event.y - 1 + self.scroll_offset.y)

    def _to(self, index: int) -> None:
        index = min(max(0, index), len(self._rows) - 1)
        if index >= 0 and index != self._cursor:
            self._cursor = index
            self._seen()

    def _seen(self) -> None:
        """Bring the cursor into view and say where it is."""
        height = max(1, self.size.height - 1)
        top = self.scroll_offset.y
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False)
        self.refresh()
        if self.row is not None:
            self.post_message(self.Highlighted(self.row))
