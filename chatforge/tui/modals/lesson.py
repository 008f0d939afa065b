"""What a pass learns: train, further datasets, general chat, texts; a row for each that can be changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chatforge.project.beside import Beside
from chatforge.tui.cells import fit
from chatforge.tui.modals.window import Window
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.key_list import Choices
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

What = Literal["replay", "dataset", "text", "add-dataset", "add-text"]

NOT_READ = "The counts come once the files are read and nothing is wrong with them."


@dataclass(frozen=True)
class Row:
    """What is to be changed.

    Attributes:
        number: which dataset or text, from 0.
    """

    what: What
    number: int = 0


class Lesson(Window[Row | None]):
    """Show what a pass learns; returns what of it is to be changed, None on escape.

    Args:
        told: what a run says of it, in sentences. beside: what is learned beside train.
    """

    DEFAULT_CSS = """
    Lesson { align: center middle; }
    Lesson > Vertical { width: 90; max-width: 98%; height: auto; max-height: 96%; padding: 0 1;
        border: round $accent; background: $surface; }
    Lesson .told { height: auto; max-height: 7; margin-bottom: 1; }
    Lesson Choices { height: auto; max-height: 12; padding: 0; background: $surface; text-wrap: nowrap; }
    Lesson Choices, Lesson Choices:focus { border: none; }
    Lesson .keys { height: auto; margin-top: 1; color: $text-muted; }
    App.-ascii Lesson > Vertical { border: ascii $accent; }
    """
    SCOPED_CSS: ClassVar[bool] = False  # it asks what the app is like
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Close", id="lesson.close")]

    def __init__(self, told: Sequence[str], beside: Beside, signs: Signs) -> None:
        super().__init__()
        self._told, self._rows, self._signs = told, list(_rows(beside)), signs

    def compose(self) -> ComposeResult:
        """The sentences, the rows, the keys."""
        with Vertical() as box:
            box.border_title = "What a pass learns"
            yield Told(classes="told")
            yield Choices()
            words = "enter Change   esc Close      Valid and test never get any of it."
            yield Static(words, classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin with what is told."""
        self.query_one(".told", Told).say("\n".join(plain(one, one_line=True) for one in self._told) or NOT_READ)
        self.query_one(Choices).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Lines depend on the width."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        choices = self.query_one(Choices)
        width = (choices.scrollable_content_region.width or 84) - 18
        choices.fill([
            Option(Content.assemble((f"{head:<16}", "$text-muted"), fit(words, width, self._signs.cut)), id=str(i))
            for i, (_, head, words) in enumerate(self._rows)
        ])  # fmt: skip

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._rows[int(event.option_id or 0)][0])


def _rows(beside: Beside) -> Iterator[tuple[Row, str, str]]:
    """What can be changed, what it is, and how it is now."""
    share = (
        f"{beside.replay:.0%} of each pass, against forgetting"
        if beside.replay
        else "none; some of it keeps a model from forgetting"
    )
    yield Row("replay"), "general chat", share
    for number, one in enumerate(beside.datasets):
        yield Row("dataset", number), "dataset", plain(f"{one.name}, weight {one.weight:g}", one_line=True)
    for number, word in enumerate(beside.texts):
        yield Row("text", number), "text", plain(f"{word}, before the dialogues", one_line=True)
    yield Row("add-dataset"), "add a dataset", "more conversations to learn, never to judge by"
    yield Row("add-text"), "add a text", "of the domain, no dialogues: .txt, .md, .pdf"
