"""A field for a model that is in no list: a folder, a GGUF file or a hub id, looked at while one types."""

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
from chatforge.project import bases
from chatforge.project.bases import Base
from chatforge.project.stages import Status
from chatforge.tui.modals.pick import PickFile, as_path
from chatforge.tui.signs import UNICODE, Signs
from chatforge.tui.widgets.base_text import told
from chatforge.tui.widgets.told import Told
from chatforge.words import plain


class OtherInput(Input):
    """A folder, a GGUF file or a hub id."""

    HELP = (
        "A model that is not in the list:\n\n- a **folder** with config.json, a tokenizer and safetensors, used where "
        "it is\n- a **GGUF file**, converted once into the store\n- an id of the **Hugging Face hub**, OWNER/NAME\n\n"
        "Pickled weights are not read: a pickle can run any program. **ctrl+f** looks through your folders."
    )


class OtherModel(Vertical):
    """The field, and under it what stands in it comes to. Hidden until it is opened."""

    SCOPED_CSS: ClassVar[bool] = False  # it asks what the screen is like
    DEFAULT_CSS = """
    OtherModel { height: auto; display: none; margin-top: 1; }
    ForgeScreen.-short OtherModel { margin-top: 0; }
    OtherModel Horizontal { height: 1; }
    OtherModel .label { width: 9; color: $text-muted; }
    OtherModel Input { width: 1fr; border: none; height: 1; padding: 0 1; background: $boost; }
    OtherModel #judged { height: auto; min-height: 1; max-height: 8; padding-left: 9; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "browse", "Browse", id="model.browse", tooltip="Look for a folder or a file"),
    ]

    class Judged(Message):
        """What was typed was looked at: the model, and how the recipe writes it."""

        def __init__(self, text: str, base: Base, value: str) -> None:
            super().__init__()
            self.text, self.base, self.value = text, base, value

    class Use(Message):
        """A model is to be used; `value` is how the recipe writes it."""

        def __init__(self, base: Base, value: str) -> None:
            super().__init__()
            self.base, self.value = base, value

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self._folder, self._home, self._signs = Path(), Path(), UNICODE
        self._known: OtherModel.Judged | None = None
        self._use_when_known = False

    def compose(self) -> ComposeResult:
        """Label, field, what it comes to."""
        with Horizontal():
            yield Static("model", classes="label", markup=False)
            yield OtherInput(placeholder="folder, GGUF file, or OWNER/NAME on the hub   ^f Browse", compact=True)
        yield Told(id="judged")

    def open(self, folder: Path, home: Path, signs: Signs) -> None:
        """Show the field. Paths start at `folder`, the recipe's."""
        self._folder, self._home, self._signs = folder, home, signs
        self.display = True
        self.query_one(OtherInput).focus()

    def close(self) -> None:
        """Empty and hide it."""
        self.query_one(OtherInput).value = ""
        self.display = False

    @property
    def base(self) -> Base | None:
        """The model that stands in the field, once it was looked at."""
        return self._known.base if self.display and self._known else None

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._known = None
        self.query_one("#judged", Static).update("")
        if event.value.strip():
            self._judge(event.value)

    @work(thread=True, exclusive=True, group="judge", exit_on_error=False)
    def _judge(self, text: str) -> None:
        """See what a typed word means, beside the screen."""
        try:
            path = as_path(text, self._folder)
            word = str(path) if path.exists() else text.strip()
            base, value = bases.typed(word, self._home, self._folder)
        except UserError as error:
            base, value = Base(text.strip(), problem=error), text
        except (OSError, ValueError) as error:  # a name too long, a zero byte, a folder one may not enter
            base, value = Base(text.strip(), problem=UserError(f"cannot be looked at: {error}")), text
        self.post_message(self.Judged(text, base, value))

    @on(Judged)
    def _take(self, event: Judged) -> None:
        if self.query_one(OtherInput).value != event.text:
            event.stop()  # something else was typed meanwhile
            return
        self._known = event
        self.query_one("#judged", Static).update(_words(event.base, self._signs))
        if self._use_when_known:
            self._use()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._use()

    def _use(self) -> None:
        """Use what stands in the field; if it is still being looked at, as soon as that is done."""
        known = self._known
        self._use_when_known = known is None and bool(self.query_one(OtherInput).value.strip())
        if known and not known.base.problem:
            self.post_message(self.Use(known.base, known.value))

    @work(exclusive=True, group="browse", exit_on_error=False)
    async def action_browse(self) -> None:
        """Choose a folder or a file in a tree."""
        picked = await self.app.push_screen_wait(PickFile("A model's folder, or a GGUF file", self._folder, ()))
        if picked:
            self.query_one(OtherInput).value = str(picked)


def _words(base: Base, signs: Signs) -> Content:
    """One line on what was typed, or everything that is wrong with it."""
    if base.problem:
        words = plain(f"{signs.marks[Status.FAILED]} {told(base.problem)}")
        return Content.styled(words, "$text-error")
    if base.path:
        words = "on this machine; enter uses it"
    elif base.entry:
        words = "in the catalogue; enter uses it"
    elif base.name.lower().endswith(".gguf"):
        words = "a GGUF file: it is converted once when it is fetched; enter uses it"
    else:
        words = "a hub id: it is looked up when it is fetched; enter uses it"
    return Content.styled(f"{signs.yes} {words}", "$text-success")
