"""One of a few, each in a line with what it means: arrows move, enter or space chooses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from chatforge.tui.signs import Signs


@dataclass(frozen=True)
class Line:
    """One thing to choose: its word, a short finding with its style, and a sentence."""

    word: str
    finding: str = ""
    style: str = ""
    sentence: str = ""


class Choice(Widget, can_focus=True):
    """Some lines, one of them chosen. Moving out of the first or last line moves to the next widget."""

    HELP = "Up and down move, enter or space chooses. Nothing changes before you choose."
    DEFAULT_CSS = """
    Choice { height: auto; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="choice.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="choice.down"),
        Binding("enter,space", "choose", "Choose", key_display="enter", id="choice.choose"),
    ]

    at: reactive[int] = reactive(0)
    lines: reactive[tuple[Line, ...]] = reactive((), layout=True)
    chosen: reactive[str] = reactive("")

    @dataclass
    class Chosen(Message):
        """A line was chosen."""

        choice: "Choice"
        word: str

        @property
        def control(self) -> "Choice":
            """The widget, for `@on` with a selector."""
            return self.choice

    def __init__(self, signs: Signs, *, id: str) -> None:  # noqa: A002 (Textual's own word)
        super().__init__(id=id)
        self._signs = signs

    def show(self, lines: Sequence[Line], chosen: str) -> None:
        """Draw these lines; the cursor stays where it is while the focus is here."""
        first = not self.lines
        self.lines, self.chosen = tuple(lines), chosen
        if first or not self.has_focus:
            self._home()

    def render(self) -> Content:
        """Draw a mark, the word, the finding and the sentence, in columns."""
        wide = max((len(line.word) for line in self.lines), default=0)
        findings = max((len(line.finding) for line in self.lines), default=0)
        return Content("\n").join(self._line(i, line, wide, findings) for i, line in enumerate(self.lines))

    def _line(self, number: int, line: Line, wide: int, findings: int) -> Content:
        picked = line.word == self.chosen
        mark = ("(x)" if self._signs.ascii_only else "(•)") if picked else "( )"
        here = self.has_focus and number == self.at
        style = "$block-cursor-foreground on $block-cursor-background bold" if here else "bold" if picked else ""
        rest = self.content_size.width - wide - findings - 9
        sentence = line.sentence if len(line.sentence) <= rest else line.sentence[: max(0, rest - 3)].rstrip() + "..."
        return Content.assemble(
            (f"{mark} {line.word:<{wide}} ", style), " ", (f"{line.finding:<{findings}}", line.style),
            "  ", (sentence, "dim"),
        )  # fmt: skip

    def action_move(self, by: int) -> None:
        """Move the cursor; past the end, the focus."""
        if 0 <= self.at + by < len(self.lines):
            self.at += by
        elif by < 0:
            self.screen.focus_previous()
        else:
            self.screen.focus_next()

    def action_choose(self) -> None:
        """Choose the line under the cursor."""
        if self.lines and self.lines[self.at].word != self.chosen:
            self.post_message(self.Chosen(self, self.lines[self.at].word))

    def on_click(self, event: events.Click) -> None:
        """Choose by mouse."""
        if 0 <= event.y < len(self.lines):
            self.at = event.y
            self.action_choose()

    def on_focus(self) -> None:
        """Begin at what is chosen."""
        self._home()
        self.refresh()

    def on_blur(self) -> None:
        """Leave nothing marked."""
        self.refresh()

    def _home(self) -> None:
        self.at = next((i for i, line in enumerate(self.lines) if line.word == self.chosen), 0)
