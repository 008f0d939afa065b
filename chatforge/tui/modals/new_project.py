"""Begin a project of one's own: which dialogues, and what it is called."""

from itertools import islice
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from chatforge.errors import UserError
from chatforge.project.new_project import RECIPE, check_name, new_project
from chatforge.tui.modals.pick import PickFile, as_path, trouble_with
from chatforge.tui.modals.window import Window
from chatforge.tui.turn import in_turn
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

ENOUGH = 2000
"""Lines that are looked at before the answer comes: a first look, the Data stage reads everything."""

COMMON_STEMS = ("train", "data", "conversations", "dialogues", "dialogs", "chats")
"""Names of files that say nothing: a project is then called like the folder."""


class NewProject(Window[Path | None]):
    """Ask for a dialogue file and a name; returns the recipe that was written, None if none was.

    Args:
        at: the folder where the project's folder is made.
    """

    SCOPED_CSS: ClassVar[bool] = False  # it asks what the app is like
    DEFAULT_CSS = """
    NewProject { align: center middle; }
    NewProject > Vertical { width: 76; max-width: 96%; height: auto; max-height: 96%; padding: 1 2;
        border: round $accent; background: $surface; }
    App.-ascii NewProject > Vertical { border: ascii $accent; }
    NewProject .about { height: auto; color: $text-muted; margin-bottom: 1; }
    NewProject Horizontal { height: 1; }
    NewProject .label { width: 12; }
    NewProject Input { width: 1fr; border: none; height: 1; padding: 0 1; background: $boost; }
    NewProject .found { height: auto; min-height: 1; padding-left: 12; margin-bottom: 1; }
    NewProject .keys { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave", id="new.leave"),
        Binding("ctrl+f", "browse", "Browse", id="new.browse", priority=True),
        Binding("ctrl+n", "make", "Make it", id="new.make", priority=True),
    ]

    class Looked(Message):
        """The dialogue file was looked at."""

        def __init__(self, file: Path, words: str, trouble: str) -> None:
            super().__init__()
            self.file, self.words, self.trouble = file, words, trouble

    def __init__(self, at: Path) -> None:
        super().__init__()
        self._at = at
        self._file: Path | None = None
        self._making = False
        self._own_name = False

    def compose(self) -> ComposeResult:
        """Two fields, and beside each what it comes to."""
        with Vertical() as box:
            box.border_title = "New project"
            yield Static(
                "One conversation a line, as chat services export them:\n"
                '{"messages": [{"role": "user", "content": "Hi"},\n'
                '              {"role": "assistant", "content": "Hello!"}]}',
                classes="about", markup=False,
            )  # fmt: skip
            with Horizontal():
                yield Static("Dialogues", classes="label", markup=False)
                yield Input(id="train", placeholder="path of your file of dialogues", compact=True)
            yield Told(id="found", classes="found")
            with Horizontal():
                yield Static("Name", classes="label", markup=False)
                yield Input(id="name", placeholder="my-bot", compact=True)
            yield Told(id="place", classes="found")
            yield Static("enter Make it   ^f Browse   tab Next field   esc Leave", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin with the file."""
        self.query_one("#train", Input).focus()

    @on(Input.Changed, "#train")
    def _file_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._file = None
        self._say("#found", "")
        if event.value.strip():
            self._look(as_path(event.value, self._at))

    @on(Input.Changed, "#name")
    def _name_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._own_name = self._own_name or self.query_one("#name").has_focus
        name = event.value.strip()
        if not name:
            self._say("#place", "")
            return
        try:
            check_name(name)
        except UserError as error:
            self._say("#place", _told(error), "$text-error")
            return
        if (self._at / name / RECIPE).exists():
            self._say("#place", f"{name}/{RECIPE} is there already: choose another name", "$text-error")
        else:
            self._say("#place", f"makes {name}/{RECIPE} in {self._at}", "$text-muted")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "train" and not self.query_one("#name", Input).value:
            self.query_one("#name").focus()
        else:
            self.action_make()

    @work(thread=True, exclusive=True, group="look", exit_on_error=False)
    def _look(self, file: Path) -> None:
        """Read the beginning of the file, beside the screen."""
        self.post_message(self.Looked(file, *first_look(file)))

    @on(Looked)
    def _take(self, event: Looked) -> None:
        event.stop()
        if as_path(self.query_one("#train", Input).value, self._at) != event.file:
            return
        self._file = None if event.trouble else event.file
        self._say("#found", event.trouble or event.words, "$text-error" if event.trouble else "$text-success")
        if self._file and not self._own_name:
            self.query_one("#name", Input).value = proposed_name(self._file)
        if self._making:
            self.action_make()

    @work(exclusive=True, group="browse", exit_on_error=False)
    async def action_browse(self) -> None:
        """Choose the file in a tree."""
        from chatforge.dialogues.containers.folder import ENDINGS, PACKED

        picked = await self.app.push_screen_wait(PickFile("A file of dialogues", self._at, (*ENDINGS, *PACKED)))
        if picked:
            self.query_one("#train", Input).value = str(picked)

    def action_make(self) -> None:
        """Write the recipe, if nothing is wrong."""
        in_turn(self, self._make)

    def _make(self) -> None:
        self._making = False
        name = self.query_one("#name", Input).value.strip()
        typed = self.query_one("#train", Input).value.strip()
        if self._file is None:
            self._making = bool(typed) and not str(self.query_one("#found", Static).content)  # still being looked at
            if not typed:
                self._say("#found", "name your file of dialogues first", "$text-error")
            self.query_one("#train").focus()
            return
        try:
            self.dismiss(new_project(self._at, name or proposed_name(self._file), self._file))
        except UserError as error:
            self._say("#place", _told(error), "$text-error")
            self.query_one("#name").focus()

    def _say(self, where: str, words: str, colour: str = "") -> None:
        self.query_one(where, Static).update(Content.styled(plain(words, one_line=True), colour))


def first_look(file: Path) -> tuple[str, str]:
    """What the beginning of a file holds, and what is wrong if nothing there is a conversation."""
    from chatforge.dialogues.draft import BadLine
    from chatforge.dialogues.reading import open_source

    if trouble := trouble_with(file, ()):
        return "", trouble
    try:
        source = open_source(file)
        rows = list(islice(source.read(), ENOUGH))
    except UserError as error:
        return "", _told(error)
    except (OSError, ValueError) as error:
        return "", f"cannot be read: {error}"
    bad = [row for row in rows if isinstance(row, BadLine)]
    good = len(rows) - len(bad)
    if not good and not bad:
        return "", "no conversation in it"
    if not good:
        return "", f"no conversation in it; line {bad[0].line}: {bad[0].reason}"
    more = " at least" if len(rows) == ENOUGH else ""
    form = "" if source.is_plain else f", read as {source.form.NAME}"
    return f"{good} conversations{more}{form}" + (f", {len(bad)} lines cannot be used" if bad else ""), ""


def proposed_name(file: Path) -> str:
    """A name for a project by its file of dialogues."""
    word = file.resolve().parent.name if file.stem.lower() in COMMON_STEMS else file.stem
    kept = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "-" for letter in word)
    return kept.strip("-._")[:40] or "my-bot"


def _told(error: UserError) -> str:
    problem = error.problems[0]
    return f"{problem.what}; {problem.hint}" if problem.hint else problem.what
