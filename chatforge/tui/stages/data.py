"""The stage Data: the files, their conversations, what is learned of each, how long they are, where they belong.

files ──index──► rows (at once) ──survey──► parts, counts, bad lines        both in a thread
row ──data worker──► tokens, what is learned, the cut                       in a process
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import get_current_worker

from chatforge.chat import corrections
from chatforge.dialogues.division import Part, Rules
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import AUTO
from chatforge.errors import UserError
from chatforge.project import data_files
from chatforge.project.data_files import Named
from chatforge.project.looking import touched
from chatforge.project.stages import Snapshot, Stage
from chatforge.tui import data_words
from chatforge.tui.data_copies import offer_copies
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
    HELP = """# Data

The conversations that the model learns from (*train*), that choose when to stop (*valid*) and that judge (*test*).
One conversation a line: `{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}`.

The test conversations are never trained on: they show whether it works for what the model has not seen."""
    SCOPED_CSS: ClassVar[bool] = False  # rules depend on the screen's classes
    DEFAULT_CSS = """
    DataPane { padding: 0 1; }
    DataPane > Static { height: auto; }
    .-narrow DataPane { padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "who", "Who answers", id="data.who", tooltip="Say which speaker is the assistant"),
        Binding("n", "finding(1)", "Next issue", id="data.next", tooltip="Go to the next one of its kind"),
        Binding("N", "finding(-1)", "Issue before", show=False, id="data.before"),
        Binding("i", "findings", "Issues", id="data.findings", tooltip="What the check found, and what to do about it"),
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
        self._read_as = (AUTO, Choices())
        self._settings = Settings()

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
        if event.found.survey:
            files = [file.named.path for file in event.found.files if file.index]
            self.query_one(DoctorLine).examine(files, *self._read_as)
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
    async def action_add(self) -> None:
        """Name one more file."""
        home = self.snapshot.recipe_path.absolute().parent
        if found := await ask_new_file(self.app, home, first=not self._found.files):
            self._put_in(*found)

    def _put_in(self, part: Part, path: Path) -> None:
        try:
            self.post_message(self.Edit(data_files.with_file(self.snapshot.recipe_path, part, path)))
        except UserError as error:
            self.forge.tell(str(error), "warning")

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_remove(self) -> None:
        """Take a file out of the recipe."""
        if file := await ask_file(self.app, [file.named for file in self._found.files]):
            self.post_message(self.Edit(data_files.without_file(self.snapshot.recipe_path, file)))

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_who(self) -> None:
        """Say whose words are to be learned."""
        names = dict.fromkeys(name for file in self._found.files for name in file.speakers)
        if name := await ask_assistant(self.app, tuple(names)):
            self.post_message(self.Edit({"data.assistant": name}))

    # What the check found

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_findings(self) -> None:
        """List what is wrong; go through one kind of it, or have copies made."""
        if purpose := await self.query_one(DoctorLine).ask():
            files = [file.named.path for file in self._found.files if file.index]
            try:
                fields = await offer_copies(self.app, self.snapshot.recipe_path, files, self._read_as, purpose)
                if fields:
                    self.post_message(self.Edit(fields))
            except UserError as error:
                self.forge.tell(str(error), "warning")

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

    def action_corrections(self) -> None:
        """Train on the corrections, too."""
        self._put_in("train", self.snapshot.recipe_path.absolute().parent / corrections.FILE)

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_bad(self) -> None:
        """Show bad lines; go to one, or say what becomes of them."""
        recipe, survey = self.snapshot.recipe, self._found.survey
        chosen = await ask_bad_lines(self.app, survey, recipe.data.bad_lines if recipe else "stop") if survey else None
        if isinstance(chosen, int):
            self.query_one(Browse).go_to(chosen)
        elif chosen:
            self.post_message(self.Edit({"data.bad_lines": chosen}))

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_system(self) -> None:
        """Edit the system message."""
        if text := await ask_system(self.app, self._settings.system):
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
        """Close the filter, or stop going through findings."""
        return self.query_one(Browse).escape() or self.query_one(DoctorLine).leave()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something to do with."""
        match action:
            case "corrections":
                return bool(self.snapshot.corrections.waiting) and not self.snapshot.corrections.named
            case "remove":
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
