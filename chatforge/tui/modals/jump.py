"""Jump mode: a letter on everything one can go to; pressing it goes there."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.widget import Widget
from textual.widgets import Static

from chatforge.project.stages import ORDER, Stage
from chatforge.tui.modals.window import Window

LETTERS = ascii_lowercase
"""In the order in which places get them; a screen with more places than letters leaves the last ones out."""


@dataclass(frozen=True)
class Spot:
    """One of the places that were given, by its number from 0."""

    number: int


class Jump(Window[Spot | Stage | None]):
    """Show letters over the page; returns the spot or the stage that was chosen, None if neither was.

    Args:
        places: where the letters stand. Digits are the stages, as everywhere.
    """

    DEFAULT_CSS = """
    Jump { background: $background 30%; }
    Jump > .letter { position: absolute; width: 3; height: 1; background: $accent; color: $background;
        text-style: bold; text-align: center; }
    Jump > .hint { dock: bottom; height: 1; background: $accent; color: $background; padding: 0 1; }
    """

    def __init__(self, places: Sequence[Offset]) -> None:
        super().__init__()
        self._places = places[: len(LETTERS)]

    def compose(self) -> ComposeResult:
        """Put the letters where the places are."""
        for letter, offset in zip(LETTERS, self._places, strict=False):
            label = Static(f" {letter} ", classes="letter", markup=False)
            label.styles.offset = offset
            yield label
        yield Static("Jump to: a letter, a digit for a stage, esc to stay", classes="hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Go, or stay."""
        event.stop()
        number = LETTERS.find(event.key) if len(event.key) == 1 else -1
        if 0 <= number < len(self._places):
            self.dismiss(Spot(number))
        elif event.key.isdigit() and 1 <= int(event.key) <= len(ORDER):
            self.dismiss(ORDER[int(event.key) - 1])
        else:
            self.dismiss(None)


async def jump(app: App[None], widgets: Sequence[Widget]) -> Stage | None:
    """Put a letter on each widget and go to the one that is chosen; return the stage, if that was chosen."""
    chosen = await app.push_screen_wait(Jump([widget.region.offset for widget in widgets]))
    if isinstance(chosen, Spot):
        widgets[chosen.number].focus()
        widgets[chosen.number].scroll_visible()
        return None
    return chosen
