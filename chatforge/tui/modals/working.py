"""Something that is worked on beside the screen: how far it is, and a way to leave it."""

from collections.abc import Awaitable, Callable
from typing import ClassVar, Generic, TypeVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from chatforge.errors import UserError
from chatforge.tui.modals.window import Window
from chatforge.tui.widgets.told import Told

T = TypeVar("T")

Job = Callable[[Callable[[int], object]], Awaitable[T]]
"""Work that tells how many of something are done; cancelled when it is left."""


class Working(Window[T | UserError | None], Generic[T]):
    """Do some work; returns what came of it, the error that it ended with, or None if it was left.

    Args:
        title: what is done, in a few words. job: does it. of: what is counted, such as "conversations".
        total: how many there are; 0: not known.
    """

    DEFAULT_CSS = """
    Working { align: center middle; }
    Working > Vertical { width: 56; max-width: 96%; height: auto; padding: 1 2;
        border: round $accent; background: $surface; }
    Working .keys { height: 1; margin-top: 1; color: $text-muted; }
    App.-ascii Working > Vertical { border: ascii $accent; }
    """
    SCOPED_CSS: ClassVar[bool] = False  # it asks what the app is like
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Stop", id="working.stop")]

    def __init__(self, title: str, job: Job[T], of: str, total: int = 0) -> None:
        super().__init__()
        self._title, self._job, self._of, self._total = title, job, of, total

    def compose(self) -> ComposeResult:
        """How far it is, and how to leave."""
        with Vertical() as box:
            box.border_title = self._title
            yield Told(classes="far")
            yield Static("esc Stop", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin."""
        self._told(0)
        self._work()

    @work(exclusive=True, group="working", exit_on_error=False)
    async def _work(self) -> None:
        try:
            self.dismiss(await self._job(self._told))
        except UserError as error:
            self.dismiss(error)

    def _told(self, done: int) -> None:
        total = f" of {self._total:,}" if self._total else ""
        self.query_one(".far", Told).say(f"{done:,}{total} {self._of}" if done else "starting")
