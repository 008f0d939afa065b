"""The stage Adapt: how the base is changed, how long and how carefully, and what that takes on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Collapsible, Static

from chatforge.errors import UserError
from chatforge.project import form
from chatforge.project.circumstances import Circumstances, gather
from chatforge.project.measuring import measure
from chatforge.project.prediction import Outlook, predict, variants, with_field
from chatforge.project.stages import Snapshot, Stage, count_words, stage_of
from chatforge.recipe.entry import about, choices_of, problem_of, value_of
from chatforge.recipe.files import Draft, LoadedRecipe, load_draft
from chatforge.recipe.presets import resolve
from chatforge.recipe.schema import block_fields
from chatforge.tui import adapt_words
from chatforge.tui.signs import Signs
from chatforge.tui.stage import Main, StagePane, why_to_say
from chatforge.tui.widgets.bars import MemoryBar
from chatforge.tui.widgets.choice import Choice
from chatforge.tui.widgets.field import Field
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

CHOICES = {"preset": "preset", "method": "adaptation.method"}
"""Id of each list of choices, and the field it sets."""


@dataclass(frozen=True)
class Known:
    """What a look at the recipe has brought: None where something is too wrong to tell."""

    draft: Draft | None
    circumstances: Circumstances | None


class AdaptPane(StagePane):
    """A form on the blocks adaptation and training, under what it comes to."""

    STAGE: ClassVar[Stage] = Stage.ADAPT
    HELP = """\
### Adapt
How the base is changed, and how long that takes.

**Preset** fills every field you leave empty. **Method** says what is trained. What stands faintly in a field is what
the preset or this machine chooses, and beside it why. Memory and time follow what you type; the recipe is written
when you leave a field, and only if the value is right.

`m` measures this machine for a second, so that the time is no guess. A run measures again before its first step.
"""
    SCOPED_CSS = False  # the rules ask for classes of the screen and the app
    DEFAULT_CSS = """
    AdaptPane { padding: 0 1; }
    AdaptPane .row { height: auto; width: 1fr; }
    AdaptPane .name { width: 8; text-style: bold; color: $text-secondary; }
    AdaptPane #outlook { height: auto; width: 1fr; }
    AdaptPane #outlook Static { height: auto; }
    AdaptPane .rows { height: auto; width: 1fr; }
    AdaptPane #rule { height: 1; color: $foreground 30%; text-wrap: nowrap; }
    AdaptPane #fields { height: 1fr; scrollbar-size-vertical: 1; }
    AdaptPane #trouble { height: auto; padding: 1 0; color: $text-error; display: none; }
    AdaptPane Collapsible { border: none; padding: 0; background: $background; }
    AdaptPane Collapsible:focus-within { background-tint: $foreground 0%; }
    AdaptPane Collapsible Contents { padding: 0; }
    AdaptPane CollapsibleTitle { padding: 0; }
    AdaptPane.-trouble #outlook, AdaptPane.-trouble #fields, AdaptPane.-trouble #rule { display: none; }
    AdaptPane.-trouble #trouble { display: block; }
    .-tall AdaptPane .row { margin: 1 0 0 0; }
    .-tall AdaptPane #rule { margin: 1 0; }
    App.-ascii AdaptPane #fields { scrollbar-size-vertical: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "measure", "Measure", id="adapt.measure", tooltip="Measure how fast this machine trains"),
    ]

    class Looked(Message):
        """The recipe was read, and what predictions are made from."""

        def __init__(self, known: Known) -> None:
            super().__init__()
            self.known = known

    class Measured(Message):
        """The probe has ended; `problem` says why it came to nothing."""

        def __init__(self, problem: str = "") -> None:
            super().__init__()
            self.problem = problem

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._known: Known | None = None
        self._typed: dict[str, Any] = {}
        self._measuring = False

    # What is drawn

    def compose(self) -> ComposeResult:
        """What it comes to above, the fields below."""
        signs = self.forge.signs
        yield Told(id="trouble")
        with Vertical(id="outlook"):
            yield _row("Preset", Choice(signs, id="preset"))
            yield _row("Method", Choice(signs, id="method"))
            yield _row("Memory", Vertical(_static("fit"), MemoryBar(signs, id="memory"), classes="rows"))
            yield _row("Time", Vertical(_static("time"), _static("basis", "dim"), classes="rows"))
            yield _row("Trains", _static("trains"))
        yield Static(("-" if signs.ascii_only else "─") * 300, id="rule", markup=False)
        with VerticalScroll(id="fields", can_focus=False):
            yield from (_field(name, signs) for name in adapt_words.MAIN)
            closed, opened = (">", "v") if signs.ascii_only else ("▸", "▾")
            with Collapsible(
                title="More", collapsed=self.app.size.height < 30, collapsed_symbol=closed, expanded_symbol=opened
            ):
                yield from (_field(name, signs) for name in more_fields())

    def show(self, snapshot: Snapshot) -> None:
        """Read the recipe anew, beside the screen."""
        self._look(snapshot)

    @work(thread=True, exclusive=True, group="adapt-look", exit_on_error=False)
    def _look(self, snapshot: Snapshot) -> None:
        runs_dir, home = self.forge.runs_dir, self.home
        try:
            draft = load_draft(snapshot.recipe_path)
            known = gather(draft.loaded, runs_dir, home) if draft.loaded else None
            self.answer(self.Looked(Known(draft, known)))
        except (UserError, OSError):  # snapshot.problems says what is wrong
            self.answer(self.Looked(Known(None, None)))

    @on(Looked)
    def _take(self, event: Looked) -> None:
        event.stop()
        self._known, self._typed = event.known, {}
        draft, known = event.known.draft, event.known.circumstances
        self.set_class(draft is None or known is None or draft.loaded is None, "-trouble")
        if self.has_class("-trouble") or draft is None or known is None:
            self._draw_trouble()
            return
        entries = form.entries(draft, known.facts, self.snapshot.problems)
        for field in self.query(Field):
            entry = entries[field.field]
            field.show(entry.written, entry.comes_to, entry.origin, entry.problem)
        self._draw_outlook()

    def _draw_trouble(self) -> None:
        """The recipe cannot be shown as a form: say why."""
        problems = self.snapshot.problems
        lines = [f"{plain(str(problem))}" for problem in problems] or ["the recipe cannot be read"]
        self.query_one("#trouble", Static).update("\n".join(["The recipe has to be mended first:", "", *lines]))

    def _draw_outlook(self) -> None:
        """What it comes to, with what is being typed."""
        loaded, known = self._drafted(), self._known.circumstances if self._known else None
        if loaded is None or known is None:
            return
        now = predict(resolve(loaded, known.facts), known)
        presets = variants(loaded, known, "", "preset", choices_of("preset"))
        methods = variants(loaded, known, "adaptation", "method", choices_of("adaptation.method"))
        self.query_one("#preset", Choice).show(adapt_words.presets(presets), loaded.recipe.preset)
        self.query_one("#method", Choice).show(adapt_words.methods(methods), loaded.recipe.adaptation.method)
        self._draw_needs(now, known)

    def _draw_needs(self, now: Outlook, known: Circumstances) -> None:
        self.query_one("#fit", Static).update(adapt_words.fit(now))
        self.query_one("#memory", MemoryBar).show(adapt_words.parts(now), now.usable)
        self.query_one("#time", Static).update(adapt_words.time(now))
        basis = "measuring this machine; a few seconds" if self._measuring else adapt_words.basis(now, known)
        self.query_one("#basis", Static).update(basis)
        self.query_one("#trains", Static).update(adapt_words.trains(now))

    def _drafted(self) -> LoadedRecipe | None:
        loaded = self._known.draft.loaded if self._known and self._known.draft else None
        for field, value in self._typed.items():
            loaded = with_field(loaded, field, value) if loaded else None
        return loaded

    # What is changed

    @on(Field.Typed)
    def _type(self, event: Field.Typed) -> None:
        event.stop()
        self._typed.pop(event.field, None)
        if event.right:
            self._typed[event.field] = value_of(event.field, event.text)
        self._draw_outlook()

    @on(Field.Edited)
    def _edit(self, event: Field.Edited) -> None:
        event.stop()
        self._write(event.field, value_of(event.field, event.text))

    @on(Choice.Chosen)
    def _choose(self, event: Choice.Chosen) -> None:
        event.stop()
        self._write(CHOICES[event.choice.id or ""], event.word)

    def _write(self, field: str, value: Any) -> None:
        draft = self._known.draft if self._known else None
        if draft:
            self.post_message(self.Edit(form.edit(draft, field, value)))

    # Measuring

    def action_measure(self) -> None:
        """Measure this machine, in a process of its own."""
        if not self._measuring:
            self._measuring = True
            self._draw_outlook()
            self._probe()

    @work(exclusive=True, group="adapt-probe", exit_on_error=False)
    async def _probe(self) -> None:
        self.post_message(self.Measured(await measure(self.home)))

    @on(Measured)
    def _measured(self, event: Measured) -> None:
        event.stop()
        self._measuring = False
        if event.problem:
            self.forge.tell(f"this machine could not be measured: {event.problem}", "warning")
        self._look(self.snapshot)
        self.post_message(self.Look())  # other stages predict with it, too

    # What the screen asks

    def main(self) -> Main:
        """Mend what is wrong, else go on to Train."""
        problems = self.snapshot.problems
        return Main(f"Mend {count_words(problems)}") if problems else super().main()

    async def act(self) -> None:
        """Go to what is wrong, else to Train."""
        if unwritten := next((field for field in self.query(Field) if field.has_class("-wrong")), None):
            self._open_up(unwritten)
            self.post_message(self.Go(Stage.ADAPT, "", unwritten.box_id))
            return
        problem = next(iter(self.snapshot.problems), None)
        if problem is None:
            self.post_message(self.Go(Stage.TRAIN))
            return
        draft = self._known.draft if self._known else None
        name = form.field_of(problem, draft) if draft else problem.field or ""
        field = next((field for field in self.query(Field) if field.field == name), None)
        if field:
            self._open_up(field)
        where = stage_of(name or None)
        why = why_to_say(where, form.words_of(problem))
        self.post_message(self.Go(where, why, field.box_id if field else None))

    def escape(self) -> bool:
        """Bring back what is written, if something else stands in the field one is in."""
        field = next((field for field in self.query(Field) if field.has_focus_within), None)
        return field.restore() if field else False

    def _open_up(self, field: Field) -> None:
        if any(isinstance(above, Collapsible) for above in field.ancestors):
            self.query_one(Collapsible).collapsed = False


def more_fields() -> Iterator[str]:
    """The fields that are not among the most used, in the schema's order; the method has a place of its own."""
    for block in ("adaptation", "training"):
        for leaf in block_fields(block):
            name = f"{block}.{leaf}"
            if name not in adapt_words.MAIN and name != "adaptation.method":
                yield name


def check(name: str, text: str) -> str:
    """What is wrong with a text in a field, in words."""
    value = value_of(name, text)
    problem = problem_of(name, value) if value is not None else None
    return form.words_of(problem) if problem else ""


def _field(name: str, signs: Signs) -> Field:
    return Field(name, adapt_words.LABELS[name], about(name), choices_of(name), check, signs)


def _row(name: str, content: Widget) -> Horizontal:
    return Horizontal(Static(name, classes="name", markup=False), content, classes="row")


def _static(name: str, classes: str = "") -> Static:
    return Told(id=name, classes=classes)


PANE = AdaptPane
