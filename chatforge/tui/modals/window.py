"""What all windows over a screen have in common: they close once."""

from typing import Generic, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

T = TypeVar("T")


class Window(ModalScreen[T], Generic[T]):
    """A window that closes once, whatever is pressed right behind the answer.

    Keys and clicks may still be on their way to a window that was answered, and Textual's `dismiss` closes whatever is
    on top by then: the project below, then the list of projects, until nothing is left to see.
    """

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close, if that was not done already."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
