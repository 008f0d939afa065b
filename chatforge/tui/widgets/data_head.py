"""What stands above the conversations: what is wrong, what is offered, the files, what is too little."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from chatforge.project.stages import Snapshot, Stage
from chatforge.tui import data_words
from chatforge.tui.data_survey import Found, Settings
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.files import problem_lines
from chatforge.tui.widgets.told import Told


class DataHead(Vertical):
    """Words about a project's data, as many as there is something to say."""

    SCOPED_CSS: ClassVar[bool] = False  # rules depend on the screen's classes
    DEFAULT_CSS = """
    DataHead { height: auto; }
    DataHead > Told { height: auto; }
    DataHead #problems { max-height: 6; color: $text-error; }
    DataHead #offer { color: $text-accent; }
    .-short DataHead #problems { max-height: 3; }
    """

    def __init__(self, signs: Signs) -> None:
        super().__init__()
        self._signs = signs

    def compose(self) -> ComposeResult:
        """A text for each."""
        yield Told(id="problems")
        yield Told(id="offer")
        yield Told(id="files")
        yield Told(id="mixed")
        yield Told(id="few", classes="warn")

    def show(self, snapshot: Snapshot, found: Found, settings: Settings, width: int, *, short: bool) -> None:
        """Say how it is now."""
        recipe, signs = snapshot.recipe, self._signs
        problems = snapshot.problems_of(Stage.DATA)
        assistant = recipe.data.assistant if recipe else None
        texts = {
            "problems": problem_lines(problems, signs),
            "offer": data_words.offer(snapshot.corrections),
            "files": data_words.files(found, settings, width, 4 if short else 8, signs, assistant),
            "mixed": data_words.mixed(recipe, snapshot.lesson),
            "few": data_words.too_few(found, recipe, signs) if not problems else Content(""),
        }
        for told in self.query(Told):
            text = texts[told.id or ""]
            told.display = bool(text.plain)
            told.say(text)
