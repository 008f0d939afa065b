"""What is wrong with the data, kind by kind: what it is, how often, what can be done."""

from textwrap import fill
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chatforge.dialogues.checks.copies import ANONYMISED, MENDED, Purpose
from chatforge.project.diagnosis import PERSONAL, Diagnosis, Kind, Limits
from chatforge.tui.data_findings import about, row
from chatforge.tui.modals.window import Window
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.key_list import Choices
from chatforge.tui.widgets.told import Told

_STAYS = "\xa0"
"""A space at which no line ends."""


class Findings(Window[Kind | Purpose | Limits | None]):
    """List the kinds. Returns the chosen one, to be gone through; what a copy is wanted for; what `max_length` costs,
    if another one is wanted; or None on escape.

    Args:
        known: what was found so far; `take` tells more.
    """

    DEFAULT_CSS = """
    Findings { align: center middle; }
    Findings > Vertical { width: 90; max-width: 98%; height: auto; max-height: 96%; padding: 0 1;
        border: round $accent; background: $surface; }
    Findings Choices { height: auto; max-height: 12; padding: 0; background: $surface; text-wrap: nowrap; }
    Findings Choices, Findings Choices:focus { border: none; }
    Findings .about { height: auto; max-height: 6; margin-top: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Findings .notes { height: auto; color: $text-muted; }
    Findings .keys { height: auto; margin-top: 1; color: $text-muted; }
    App.-ascii Findings > Vertical { border: ascii $accent; }
    """
    SCOPED_CSS: ClassVar[bool] = False  # it asks what the app is like
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="findings.close"),
        Binding("f", "mend", "Fix", id="findings.mend", tooltip="Write mended copies beside the files"),
        Binding("l", "limit", "Set max_length", id="findings.limit", tooltip="Choose how long conversations may be"),
        Binding("p", "anonymise", "Anonymise", id="findings.anonymise", tooltip="Write copies with other names"),
    ]

    def __init__(self, known: Diagnosis, signs: Signs) -> None:
        super().__init__()
        self._known, self._signs = known, signs

    def compose(self) -> ComposeResult:
        """The kinds, what the highlighted one means, the keys."""
        with Vertical() as box:
            box.border_title = "What the check found"
            yield Choices()
            yield Told(classes="about")
            yield Told(classes="notes")
            yield Told(classes="keys")

    def on_mount(self) -> None:
        """Begin with the worst."""
        self.take(self._known)
        self.query_one(Choices).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Lines depend on the width."""
        self.call_after_refresh(lambda: self.take(self._known))

    def take(self, known: Diagnosis) -> None:
        """Show what is known now."""
        self._known = known
        self._fill()
        more = f"still looking for {known.looking}" if known.looking else known.problem
        notes = self.query_one(".notes", Told)
        notes.say("\n".join([*known.notes, *([more] if more else [])]))
        keys = ["enter Go through them", "f Write mended copies" if self._mendable else ""]
        keys += ["p Write anonymised copies" if known.kind(PERSONAL) else ""]
        keys += ["l Set max_length" if known.limits else "", "esc Close"]
        whole = "   ".join(key.replace(" ", _STAYS) for key in keys if key)
        self.query_one(".keys", Told).say(fill(whole, self._width).replace(_STAYS, " "))

    def _fill(self) -> None:
        kinds, width = self._known.kinds or (), self._width
        self.query_one(Choices).fill([Option(row(kind, width, self._signs), id=kind.id) for kind in kinds])

    @property
    def _width(self) -> int:
        return self.query_one(Choices).scrollable_content_region.width or 84

    @property
    def _mendable(self) -> bool:
        return any(kind.mended for kind in self._known.kinds or ())

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if kind := self._known.kind(event.option_id or ""):
            self.query_one(".about", Told).say(about(kind, self._signs))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._known.kind(event.option_id or ""))

    def action_mend(self) -> None:
        """Ask for mended copies."""
        if self._mendable:
            self.dismiss(MENDED)

    def action_limit(self) -> None:
        """Ask for another max_length."""
        if self._known.limits:
            self.dismiss(self._known.limits)

    def action_anonymise(self) -> None:
        """Ask for copies without personal details."""
        if self._known.kind(PERSONAL):
            self.dismiss(ANONYMISED)
