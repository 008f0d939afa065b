"""The list of base models with its keys, and the field that narrows it."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatforge.project.bases import Base, Shelf, machine_text
from chatforge.tui.signs import UNICODE, Signs
from chatforge.tui.widgets.base_text import Columns, heading, row
from chatforge.tui.widgets.key_list import Choices
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

OTHER = "other"
"""Id of the last row, that asks for a folder, a GGUF file or a hub id."""


class BaseList(Choices):
    """The models."""

    HELP = (
        "Every base model that ChatForge knows by name, and those you brought. **enter** uses one: it is written to "
        "`model.base` of the recipe. **space** tries it: it is fetched if need be, and you talk with it at once.\n\n"
        "*trains here*: whether there is memory to train it with LoRA (tight: barely; 4-bit only: with QLoRA). A model "
        "that won't fit can still be talked with. *takes*: how long this recipe would train it on this machine. "
        "*here: part* is a download that can go on."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Use", id="model.use", key_display="enter", tooltip="Write it to the recipe"),
        Binding("space", "try", "Try", id="model.try", tooltip="Fetch it if need be, and talk with it"),
        Binding("slash", "filter", "Filter", id="model.filter", key_display="/"),
        Binding("a", "other", "Other", id="model.other", tooltip="A folder, a GGUF file or a hub id"),
    ]

    class Try(Message):
        """The highlighted one is to be tried."""

    class Filter(Message):
        """The list is to be filtered."""

    class Other(Message):
        """A model that is not in the list is wanted."""

    def action_try(self) -> None:
        """Ask for it to be tried."""
        self.post_message(self.Try())

    def action_filter(self) -> None:
        """Ask for the filter."""
        self.post_message(self.Filter())

    def action_other(self) -> None:
        """Ask for the field."""
        self.post_message(self.Other())


class FilterInput(Input):
    """Narrows the list while one types."""

    HELP = "Shows the models whose name, title or licence holds what you type. **down** or **enter** goes to the list."
    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "submit", "List", show=False)]


class ShelfView(Vertical):
    """The machine, the filter, the columns and the list. Says by messages what is wanted."""

    DEFAULT_CSS = """
    ShelfView { height: 1fr; min-height: 6; }
    ShelfView #top { height: 1; }
    ShelfView #machine { width: 1fr; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    ShelfView FilterInput { width: 26; border: none; height: 1; padding: 0 1; background: $boost; display: none; }
    ShelfView #columns { height: 1; }
    ShelfView BaseList { height: 1fr; }
    """

    class Pointed(Message):
        """Another row is highlighted."""

    class Use(Message):
        """This model is to be used."""

        def __init__(self, base: Base) -> None:
            super().__init__()
            self.base = base

    class Try(Use):
        """This model is to be tried."""

    class Other(Message):
        """A model that is not in the list is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._shelf: Shelf | None = None
        self._signs = UNICODE

    def compose(self) -> ComposeResult:
        """Draw."""
        with Horizontal(id="top"):
            yield Static("Looking at models and this machine", id="machine", markup=False)
            yield FilterInput(placeholder="filter", compact=True)
        yield Told(id="columns")
        yield BaseList(id="bases")

    def show(self, shelf: Shelf, signs: Signs) -> None:
        """Show these models; the first time the one in use is highlighted."""
        self._shelf, self._signs = shelf, signs
        self.query_one("#machine", Static).update(plain(f"This machine: {machine_text(shelf.machine)}"))
        self._draw()

    @property
    def pointed(self) -> Base | None:
        """The highlighted model; None on the last row, and before there is anything."""
        chosen = self.query_one(BaseList).chosen
        return next((base for base in self._shelf.bases if base.name == chosen), None) if self._shelf else None

    def close_filter(self) -> bool:
        """Show all again; return whether the filter was open."""
        field = self.query_one(FilterInput)
        if not field.display:
            return False
        field.value, field.display = "", False
        self.query_one(BaseList).focus()
        return True

    def on_resize(self, event: events.Resize) -> None:
        """Draw for another width."""
        self._draw()

    def _draw(self) -> None:
        shelf, listed = self._shelf, self.query_one(BaseList)
        if shelf is None:
            return
        columns = Columns.of(self.size.width - 2, shelf.bases)
        self.query_one("#columns", Static).update(heading(columns))
        word = self.query_one(FilterInput).value.strip().lower()
        used = shelf.used.name if shelf.used else None
        shown = [base for base in shelf.bases if _matches(base, word)]
        rows = [
            Option(row(base, base.name == used, columns, self._signs, shelf.seconds.get(base.name)), id=base.name)
            for base in shown
        ]
        other = Content.styled("  a folder, a GGUF file or a hub id" + self._signs.cut, "$text-muted")
        listed.fill([*rows, Option(other, id=OTHER)], used)
        self.post_message(self.Pointed())

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Pointed())

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Use(base) if (base := self.pointed) else self.Other())

    @on(BaseList.Try)
    def _try(self, event: BaseList.Try) -> None:
        event.stop()
        self.post_message(self.Try(base) if (base := self.pointed) else self.Other())

    @on(BaseList.Other)
    def _other(self, event: BaseList.Other) -> None:
        event.stop()
        self.post_message(self.Other())

    @on(BaseList.Filter)
    def _open_filter(self, event: BaseList.Filter) -> None:
        event.stop()
        self.query_one(FilterInput).display = True
        self.query_one(FilterInput).focus()

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._draw()

    @on(Input.Submitted)
    def _filtered(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(BaseList).focus()


def _matches(base: Base, word: str) -> bool:
    entry = base.entry
    texts = [base.name, entry.title, entry.licence] if entry else [base.name]
    return all(any(part in text.lower() for text in texts) for part in word.split())
