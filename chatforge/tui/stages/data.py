"""The stage Data: the files, their conversations, what is learned of each, how long they are, where they belong.

files ──index──► rows (at once) ──survey──► parts, counts, bad lines        both in a thread
row ──data worker──► tokens, what is learned, the cut                       in a process
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import digits
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from chatforge.chat import corrections
from chatforge.dialogues.containers.folder import ENDINGS, PACKED
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import AUTO
from chatforge.dialogues.survey import PARTS, Part, Rules
from chatforge.errors import UserError
from chatforge.project import data_files
from chatforge.project.data_files import Named
from chatforge.project.looking import touched
from chatforge.project.stages import Snapshot, Stage
from chatforge.tui import data_words
from chatforge.tui.data_survey import Found, Settings, look_at, settle
from chatforge.tui.modals.bad_lines import BadLines
from chatforge.tui.modals.pick import PickFile
from chatforge.tui.modals.question import Answer as Choice
from chatforge.tui.modals.question import Question
from chatforge.tui.modals.write import WriteText
from chatforge.tui.signs import Signs
from chatforge.tui.stage import StagePane
from chatforge.tui.widgets.browse import Browse
from chatforge.tui.widgets.files import problem_lines
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

SUFFIXES = (*ENDINGS, *PACKED)


class DataPane(StagePane):
    """Files, conversations, reader."""

    STAGE: ClassVar[Stage] = Stage.DATA
    HELP = """# Data

The conversations that the model learns from (*train*), that choose when to stop (*valid*) and that judge (*test*).
One conversation a line: `{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}`.

The test conversations are never trained on: they show whether it works for what the model has not seen."""
    SCOPED_CSS: ClassVar[bool] = False  # rules depend on the screen's classes
    DEFAULT_CSS = """
    DataPane { padding: 0 1; }
    DataPane > Static { height: auto; }
    DataPane #problems { max-height: 6; color: $text-error; }
    DataPane #offer { color: $text-accent; }
    DataPane #files { padding: 0; }
    .-narrow DataPane { padding: 0; }
    .-short DataPane #problems { max-height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add file", id="data.add", tooltip="Name one more file of conversations"),
        Binding("d", "remove", "Remove", id="data.remove", tooltip="Take a file out of the recipe; the file stays"),
        Binding("c", "corrections", "Train on corrections", id="data.corrections"),
        Binding("slash", "filter", "Filter", key_display="/", id="data.filter", tooltip="Only where something is said"),
        Binding("x", "xray", "X-ray", id="data.xray", tooltip="As the model gets it, or as people read it"),
        Binding("b", "bad", "Bad lines", id="data.bad", tooltip="Lines that cannot be used, and what becomes of them"),
        Binding("e", "system", "System", id="data.system", tooltip="Edit the system message"),
        Binding("r", "again", "Read again", id="data.again", show=False, tooltip="Look at the files again"),
    ]

    @dataclass
    class Surveyed(Message):
        """The files were looked at; twice: when their lines are known, and when everything is counted."""

        found: Found

    @dataclass
    class Settled(Message):
        """What the data worker is to render with is known."""

        settings: Settings

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._found = Found()
        self._key: object = None
        self._settings = Settings()

    @property
    def signs(self) -> Signs:
        """What can be drawn here."""
        return self.forge.signs

    def compose(self) -> ComposeResult:
        """What is wrong, the files, the conversations and the reader, the lengths."""
        yield Told(id="problems")
        yield Told(id="offer")
        yield Told(id="files")
        yield Told(id="few", classes="warn")
        yield Browse(self.signs)
        yield Told(id="shape")

    # The project

    def show(self, snapshot: Snapshot) -> None:
        """Show how the project is now; files that have changed are read again."""
        files = data_files.named_files(snapshot.recipe_path)
        rules = data_files.rules(snapshot.recipe, files)
        data = snapshot.recipe.data if snapshot.recipe else None
        form, choices = (data.type, Choices(data.assistant, data.columns)) if data else (AUTO, Choices())
        key = (rules, form, choices, *((file, touched(file.path)) for file in files))
        if key != self._key:
            self._key = key
            self._survey(files, rules, form, choices)
        self._settle()
        self._draw()

    @work(thread=True, exclusive=True, group="survey", exit_on_error=False)
    def _survey(self, files: Sequence[Named], rules: Rules, form: str, choices: Choices) -> None:
        worker = get_current_worker()
        for found in look_at(files, rules, lambda: worker.is_cancelled, form, choices):
            if not worker.is_cancelled:
                self.post_message(self.Surveyed(found))

    @work(thread=True, exclusive=True, group="settle", exit_on_error=False)
    def _settle(self) -> None:
        worker, settings = get_current_worker(), settle(self.snapshot.recipe_path)
        if not worker.is_cancelled:
            self.post_message(self.Settled(settings))

    @on(Surveyed)
    def _take(self, event: Surveyed) -> None:
        event.stop()
        self._found = event.found
        self.query_one(Browse).take(event.found)
        self._draw()

    @on(Settled)
    def _settled(self, event: Settled) -> None:
        event.stop()
        self._settings = event.settings
        recipe = self.snapshot.recipe
        self.query_one(Browse).render_with(event.settings, recipe.training.too_long if recipe else "drop")
        self._draw()

    # Drawing

    def on_resize(self, event: events.Resize) -> None:
        """Lines depend on the width."""
        self._draw()

    @on(Browse.Counted)
    def _counted(self, event: Browse.Counted) -> None:
        event.stop()
        self._put("#shape", self._shape())

    def _draw(self) -> None:
        """Draw what stands around the conversations."""
        problems = self.snapshot.problems_of(Stage.DATA)
        self._put("#problems", problem_lines(problems, self.signs))
        recipe, width = self.snapshot.recipe, max(40, self.content_size.width)
        self._put("#offer", data_words.offer(self.snapshot.corrections))
        self._put("#files", data_words.files(self._found, self._settings, width, 3 if self._short else 6, self.signs))
        self._put("#few", data_words.too_few(self._found, recipe, self.signs) if not problems else Content(""))
        self._put("#shape", self._shape())
        self.refresh_bindings()

    def _put(self, where: str, text: Content) -> None:
        widget = self.query_one(where, Static)
        widget.display = bool(text.plain)
        widget.update(text)

    def _shape(self) -> Content:
        counting, width = self.query_one(Browse).counting, self.content_size.width
        return data_words.shape(self._found, counting, self._settings, width, self._short, self.signs)

    @property
    def _short(self) -> bool:
        return self.screen.has_class("-short")

    # What one can do

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_add(self) -> None:
        """Name one more file."""
        home = self.snapshot.recipe_path.absolute().parent
        path = await self.app.push_screen_wait(PickFile("Add a file of conversations", home, SUFFIXES))
        if path is None:
            return
        part: Part = "train"
        if self._found.files:
            chosen = await self.app.push_screen_wait(Question("What is it for?", _PARTS_WORDS, _PARTS))
            if chosen not in PARTS:
                return
            part = PARTS[PARTS.index(chosen)]
        self._put_in(part, path)

    def _put_in(self, part: Part, path: Path) -> None:
        try:
            self.post_message(self.Edit(data_files.with_file(self.snapshot.recipe_path, part, path)))
        except UserError as error:
            self.forge.tell(str(error), "warning")

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_remove(self) -> None:
        """Take a file out of the recipe."""
        files = [file.named for file in self._found.files][: len(digits)]
        answers = [Choice("", "k", "Keep all of them")]
        answers += [
            Choice(str(i), digits[i + 1], plain(f"{file.part}: {file.word}", one_line=True))
            for i, file in enumerate(files[:9])
        ]
        text = "It is only taken out of the recipe; the file itself stays where it is."
        chosen = await self.app.push_screen_wait(Question("Which file shall go?", text, answers))
        if chosen:
            self.post_message(self.Edit(data_files.without_file(self.snapshot.recipe_path, files[int(chosen)])))

    def action_corrections(self) -> None:
        """Train on the corrections, too."""
        self._put_in("train", self.snapshot.recipe_path.absolute().parent / corrections.FILE)

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_bad(self) -> None:
        """Show bad lines; go to one, or say what becomes of them."""
        survey, recipe = self._found.survey, self.snapshot.recipe
        if survey is None:
            return
        now = recipe.data.bad_lines if recipe else "stop"
        chosen = await self.app.push_screen_wait(BadLines(survey.bad, survey.bad_count, now))
        if isinstance(chosen, int):
            self.query_one(Browse).go_to(chosen)
        elif chosen and chosen != now:
            self.post_message(self.Edit({"data.bad_lines": chosen}))

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_system(self) -> None:
        """Edit the system message."""
        why = "Who the assistant is: it stands before every conversation, in training, evaluation and chat alike."
        text = await self.app.push_screen_wait(WriteText("System message", self._settings.system, why))
        if text and text != self._settings.system:
            self.post_message(self.Edit({"data.system": text}))

    def action_again(self) -> None:
        """Look at the files again, and give a dead worker another chance."""
        self._key = None
        self.query_one(Browse).counting.restart()
        self.post_message(self.Look())

    def action_filter(self) -> None:
        """Show only conversations in which something is said."""
        self.query_one(Browse).filter()

    def action_xray(self) -> None:
        """Show what the model gets, or what people read."""
        self.query_one(Browse).turn_xray()

    def escape(self) -> bool:
        """Close the filter."""
        return self.query_one(Browse).escape()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something to do with."""
        match action:
            case "corrections":
                return bool(self.snapshot.corrections.waiting) and not self.snapshot.corrections.named
            case "remove":
                return bool(self._found.files)
            case "bad":
                return bool(self._found.survey and self._found.survey.bad_count)
            case "filter" | "xray":
                return bool(len(self._found.corpus))
        return True

    def command(self) -> str:
        """The shell command that checks the data."""
        return f"chatforge recipe check {shlex.quote(str(self.snapshot.recipe_path))}"


_PARTS = (
    Choice("", "k", "Leave it out"),
    Choice("train", "t", "train: learn from it"),
    Choice("valid", "v", "valid: choose by it when to stop"),
    Choice("test", "h", "test: hold it out, to judge by"),
)
_PARTS_WORDS = "What is judged by must not be learned from: the same conversation belongs in one of them only."


PANE = DataPane
