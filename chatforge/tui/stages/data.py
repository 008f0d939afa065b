"""The stage Data: the files, their conversations, what is learned of each, where they belong.

files ──index──► rows (at once) ──survey──► parts, counts, bad lines        both in a thread
row ──data worker──► tokens, what is learned, the cut                       in a process
"""

import shlex
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.worker import get_current_worker

from chatforge.chat import corrections
from chatforge.dialogues.checks.copies import Purpose
from chatforge.dialogues.division import Rules
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import AUTO
from chatforge.errors import UserError
from chatforge.project import data_files
from chatforge.project.data_files import Named
from chatforge.project.doctor_client import Question
from chatforge.project.looking import lesson_stamp, touched
from chatforge.project.stages import Snapshot, Stage
from chatforge.tui import data_words
from chatforge.tui.data_asking import Fields
from chatforge.tui.data_copies import offer_copies
from chatforge.tui.data_keys import HELP, KEYS
from chatforge.tui.data_mixing import ask_limit, change_lesson
from chatforge.tui.data_questions import ask_assistant, ask_bad_lines, ask_file, ask_new_file, ask_system
from chatforge.tui.data_survey import Found, Settings, look_at, settle
from chatforge.tui.signs import Signs
from chatforge.tui.stage import StagePane
from chatforge.tui.widgets.browse import Browse
from chatforge.tui.widgets.data_head import DataHead
from chatforge.tui.widgets.doctor_line import DoctorLine
from chatforge.tui.widgets.told import Told


class DataPane(StagePane):
    """Files, conversations, reader."""

    STAGE: ClassVar[Stage] = Stage.DATA
    HELP = HELP
    SCOPED_CSS: ClassVar[bool] = False  # rules depend on the screen's classes
    DEFAULT_CSS = """
    DataPane { padding: 0 1; }
    DataPane > Static { height: auto; }
    .-narrow DataPane { padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(KEYS)

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
        self._read_as = (AUTO, Choices())
        self._settings = Settings()
        self._settled_for: Snapshot | None = None

    @property
    def signs(self) -> Signs:
        """What can be drawn here."""
        return self.forge.signs

    def compose(self) -> ComposeResult:
        """What is wrong, the files, the conversations and the reader, the lengths."""
        yield DataHead(self.signs)
        yield DoctorLine(self.signs)
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
            self._key, self._read_as = key, (form, choices)
            self.query_one(DoctorLine).forget()
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
        self._examine()
        self._draw()

    @on(Settled)
    def _settled(self, event: Settled) -> None:
        event.stop()
        self._settings, self._settled_for = event.settings, self.snapshot
        self._examine()
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
        self._draw_shape()

    def _draw(self) -> None:
        """Draw what stands around the conversations."""
        width = max(40, self.content_size.width)
        self.query_one(DataHead).show(self.snapshot, self._found, self._settings, width, short=self._short)
        self._draw_shape()
        self.refresh_bindings()

    def _draw_shape(self) -> None:
        counting, width = self.query_one(Browse).counting, self.content_size.width
        text = data_words.shape(self._found, counting, self._settings, width, self._short, self.signs)
        self.query_one("#shape", Told).display = bool(text.plain)
        self.query_one("#shape", Told).say(text)

    @property
    def _short(self) -> bool:
        return self.screen.has_class("-short")

    # What one can do

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def _change(self, ask: Callable[[], Awaitable[Fields]]) -> None:
        """Ask something, and set in the recipe what follows from the answer."""
        try:
            if fields := await ask():
                self.post_message(self.Edit(fields))
        except UserError as error:
            self.forge.tell(str(error), "warning")

    def action_add(self) -> None:
        """Name one more file."""
        self._change(lambda: ask_new_file(self.app, self.snapshot.recipe_path, first=not self._found.files))

    def action_remove(self) -> None:
        """Take a file out of the recipe."""
        files = [file.named for file in self._found.files]
        self._change(lambda: ask_file(self.app, self.snapshot.recipe_path, files))

    def action_mix(self) -> None:
        """Change what is learned beside train."""
        known = self.snapshot
        self._change(lambda: change_lesson(self.app, known.recipe_path, known.lesson, self.signs))

    def action_who(self) -> None:
        """Say whose words are to be learned."""
        names = tuple(dict.fromkeys(name for file in self._found.files for name in file.speakers))
        self._change(lambda: ask_assistant(self.app, names))

    def action_system(self) -> None:
        """Edit the system message."""
        self._change(lambda: ask_system(self.app, self._settings.system))

    def action_corrections(self) -> None:
        """Train on the corrections, too."""
        recipe = self.snapshot.recipe_path
        path = recipe.absolute().parent / corrections.FILE
        self.post_message(self.Edit(data_files.with_file(recipe, "train", path)))

    def action_bad(self) -> None:
        """Show bad lines; go to one, or say what becomes of them."""
        self._change(self._bad_lines)

    async def _bad_lines(self) -> Fields:
        recipe, survey = self.snapshot.recipe, self._found.survey
        chosen = await ask_bad_lines(self.app, survey, recipe.data.bad_lines if recipe else "stop") if survey else {}
        if isinstance(chosen, int):
            self.query_one(Browse).go_to(chosen)
            return {}
        return chosen

    # What the check found

    def _examine(self) -> None:
        """Have the files checked, once they are counted and it is known what they are rendered with."""
        if self._found.survey is None or self._settled_for is not self.snapshot:
            return
        files, recipe = tuple(file.named.path for file in self._found.files if file.index), self.snapshot.recipe
        question = Question(files, *self._read_as)
        if recipe:
            path, settings = self.snapshot.recipe_path, self._settings
            question = replace(
                question, recipe=path, model=settings.model, limit=settings.limit, stamp=lesson_stamp(recipe)
            )
        self.query_one(DoctorLine).examine(question)

    def action_findings(self) -> None:
        """List what is wrong; go through one kind of it, have copies made, or set another max_length."""
        self._change(self._findings)

    async def _findings(self) -> Fields:
        chosen = await self.query_one(DoctorLine).ask()
        if isinstance(chosen, Purpose):
            files = [file.named.path for file in self._found.files if file.index]
            return await offer_copies(self.app, self.snapshot.recipe_path, files, self._read_as, chosen)
        return await ask_limit(self.app, chosen) if chosen else {}

    def action_finding(self, by: int) -> None:
        """Go to the next place of the kind that is gone through, or to the one before."""
        self.query_one(DoctorLine).step(by)

    @on(DoctorLine.Lead)
    def _lead(self, event: DoctorLine.Lead) -> None:
        event.stop()
        row = self._found.corpus.find(event.place.file, event.place.line, event.place.name)
        if row is not None:
            self.query_one(Browse).go_to(row)
        self.refresh_bindings()

    @on(DoctorLine.Learned)
    def _learned(self, event: DoctorLine.Learned) -> None:
        event.stop()
        self.refresh_bindings()

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
        """Close the filter, or stop going through findings."""
        return self.query_one(Browse).escape() or self.query_one(DoctorLine).leave()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something to do with."""
        match action:
            case "corrections":
                return bool(self.snapshot.corrections.waiting) and not self.snapshot.corrections.named
            case "remove" | "mix":
                return bool(self._found.files)
            case "bad":
                return bool(self._found.survey and self._found.survey.bad_count)
            case "findings":
                return self.query_one(DoctorLine).has_found
            case "finding":
                return self.query_one(DoctorLine).kind is not None
            case "who":
                return any(file.speakers for file in self._found.files)
            case "filter" | "xray":
                return bool(len(self._found.corpus))
        return True

    def command(self) -> str:
        """The shell command that checks the data."""
        return f"chatforge recipe check {shlex.quote(str(self.snapshot.recipe_path))}"


PANE = DataPane
