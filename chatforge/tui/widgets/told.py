"""Text on the screen that is drawn anew only when it says something else."""

from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static

from chatforge.words import plain


class Told(Static):
    """A text that may be set as often as one likes: the terminal is written to only when it has changed.

    Args:
        fixed: whether its size never follows from its text, so that nothing around it need be laid out anew.
    """

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 (Textual's word)
        classes: str | None = None,
        fixed: bool = False,
    ) -> None:
        super().__init__("", id=id, classes=classes, markup=False)
        self._fixed = fixed
        self._said = Content("")

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show this content, and give it the height it needs."""
        super().update(content, layout=layout)
        if layout:
            # Textual 8.2 counts two updates within one turn of its loop as one: when the screen was resized between
            # them, the height of the first text would be kept for the second.
            self._layout_updates += 1

    def say(self, text: Content | str) -> None:
        """Show this text; foreign text must have gone through `plain`."""
        content = Content(plain(text)) if isinstance(text, str) else text
        if not content.is_same(self._said):
            self._said = content
            self.update(content, layout=not self._fixed)
