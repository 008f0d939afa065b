"""Jump mode: a letter on everything one can go to; pressing it goes there."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widgets import Static

LETTERS = "".join(letter for letter in ascii_lowercase if letter not in "jk")


@dataclass(frozen=True)
class Target:
    """Something to jump to: where its letter stands, and what is returned."""

    offset: Offset
    value: str


class Jump(ModalScreen[str | None]):
    """Show letters over the screen; returns the value of the chosen target, None if none was.

    Digits are the stages, as everywhere.
    """

    DEFAULT_CSS = """
    Jump { background: $background 30%; }
    Jump > .letter { position: absolute; width: 3; height: 1; background: $accent; color: $background;
        text-style: bold; text-align: center; }
    Jump > .hint { dock: bottom; height: 1; background: $accent; color: $background; padding: 0 1; }
    """

    def __init__(self, targets: Sequence[Target]) -> None:
        super().__init__()
        self._targets = dict(zip(LETTERS, targets, strict=False))

    def compose(self) -> ComposeResult:
        """Put the letters where the targets are."""
        for letter, target in self._targets.items():
            label = Static(f" {letter} ", classes="letter", markup=False)
            label.styles.offset = target.offset
            yield label
        yield Static("Jump to: a letter, a digit for a stage, esc to stay", classes="hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Go, or stay."""
        event.stop()
        if event.key in self._targets:
            self.dismiss(self._targets[event.key].value)
        elif event.key.isdigit():
            self.dismiss(event.key)
        else:
            self.dismiss(None)
