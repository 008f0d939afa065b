"""Help at the right: what has the focus, its keys, and what the marks of the stages mean."""

from textual.app import ComposeResult
from textual.widgets import HelpPanel, Static

from chatforge.tui.signs import Signs


class Help(HelpPanel):
    """Textual's help, with the marks of the stages below it where there are stages.

    Args:
        signs: the marks; None where no stages are shown.
    """

    DEFAULT_CSS = """
    Help > #marks { height: auto; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, signs: Signs | None) -> None:
        super().__init__()
        self._signs = signs

    def compose(self) -> ComposeResult:
        """Help, keys, marks."""
        yield from super().compose()
        if self._signs:
            yield Static(legend(self._signs), id="marks", markup=False)


def legend(signs: Signs) -> str:
    """What the marks of the stages mean, two a line."""
    words = [f"{mark} {status.value}" for status, mark in signs.marks.items()]
    return "\n".join(["Stages", *("".join(f"{word:13}" for word in words[i : i + 2]) for i in range(0, len(words), 2))])
