"""Earlier talks with the run: choose one to go on with."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chatforge.chat.transcript import Kept
from chatforge.tui.modals.window import Window
from chatforge.tui.widgets.key_list import Rows
from chatforge.words import plain, when_text


class Talks(Window[Path | None]):
    """Ask which talk to open; returns its transcript, None for none of them."""

    DEFAULT_CSS = """
    Talks { align: center middle; }
    Talks > Vertical { width: 84; max-width: 98%; height: auto; max-height: 90%; padding: 0 1;
        border: round $accent; background: $surface; }
    Talks Rows { height: auto; max-height: 24; padding: 0; background: $surface; text-wrap: nowrap;
        text-overflow: ellipsis; }
    Talks Rows, Talks Rows:focus { border: none; }
    Talks .hint { height: 1; color: $text-muted; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave", id="talks.leave")]

    def __init__(self, talks: Sequence[Kept]) -> None:
        super().__init__()
        self._talks = talks

    def compose(self) -> ComposeResult:
        """One line a talk, the newest first."""
        with Vertical() as box:
            box.border_title = "Earlier talks with this run"
            options = [Option(_line(talk), id=str(i)) for i, talk in enumerate(self._talks)]
            yield Rows(*options, markup=False)
            yield Static("enter goes on with it   esc stays here", classes="hint", markup=False)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._talks[int(event.option_id or 0)].path)

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(None)


def _line(talk: Kept) -> Content:
    number = f"{talk.turns:4} message{'s' if talk.turns != 1 else ' '}"
    words = plain(talk.first, one_line=True)
    return Content.assemble((f"{when_text(talk.t)} ", "$text-muted"), (f"{number}  ", "$text-muted"), words)
