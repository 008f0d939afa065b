"""One field of a form: its name, what is written, where its value comes from, and what is wrong with it beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from chatforge.tui.signs import Signs
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

Check = Callable[[str, str], str]
"""What is wrong with a text in a field, in words; "" if nothing is."""


class Entry(Input):
    """The text of a field; arrows go to its neighbours."""

    HELP = """\
Type a value; **enter** or leaving the field writes it to recipe.yaml, if it is right.
**Empty** lets the preset choose: what it would choose is shown faintly. **Escape** brings back what is written.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "Previous field", show=False),
        Binding("down", "app.focus_next", "Next field", show=False),
    ]


class Pick(Widget, can_focus=True):
    """One of a few words in one line; the empty one lets the preset choose."""

    HELP = "Left and right go through the words; backspace lets the preset choose; enter writes."
    DEFAULT_CSS = "Pick { height: 1; background: $surface; } Pick:focus { background: $surface-lighten-1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "Before", show=False),
        Binding("right,space", "turn(1)", "Next", show=False),
        Binding("backspace,delete", "clear", "Let the preset choose", show=False),
        Binding("enter", "submit", "Write", show=False),
        Binding("up", "app.focus_previous", "Previous field", show=False),
        Binding("down", "app.focus_next", "Next field", show=False),
    ]

    value: reactive[str] = reactive("")
    placeholder: reactive[str] = reactive("")

    @dataclass
    class Changed(Message):
        """Another word is shown."""

        value: str

    class Left(Message):
        """Enter was pressed, or the focus went away."""

    def __init__(self, words: tuple[str, ...], signs: Signs, *, id: str) -> None:  # noqa: A002 (Textual's own word)
        super().__init__(id=id)
        self._words = ("", *words)
        self._signs = signs

    def render(self) -> Content:
        """Draw the word between two arrows."""
        left, right = ("<", ">") if self._signs.ascii_only else ("‹", "›")
        word = (self.value, "bold") if self.value else (self.placeholder, "dim")
        arrows = "$text-accent" if self.has_focus else "dim"
        return Content.assemble((f"{left} ", arrows), word, (f" {right}", arrows))

    def action_turn(self, by: int) -> None:
        """Show the next word."""
        at = self._words.index(self.value) if self.value in self._words else 0
        self.value = self._words[(at + by) % len(self._words)]
        self.post_message(self.Changed(self.value))

    def action_clear(self) -> None:
        """Let the preset choose."""
        self.value = ""
        self.post_message(self.Changed(""))

    def action_submit(self) -> None:
        """Write what is shown."""
        self.post_message(self.Left())

    def on_blur(self) -> None:
        """Write what is shown."""
        self.refresh()
        self.post_message(self.Left())

    def on_focus(self) -> None:
        """Show that the arrows work."""
        self.refresh()

    def on_click(self) -> None:
        """Go on by mouse."""
        self.action_turn(1)


class Field(Vertical):
    """A labelled field. Posts `Typed` while one types, `Edited` when what was typed is right and to be written.

    Args:
        name: of the recipe's field, such as "adaptation.lora_r". label: its words on the screen.
        about: its sentence. words: what it chooses among; () takes any text. check: what is wrong with a text.
    """

    DEFAULT_CSS = """
    Field { height: auto; width: 1fr; }
    Field > Horizontal { height: 1; width: 1fr; }
    Field .label { width: 19; }
    Field Entry, Field Pick { width: 16; }
    Field .note { width: 1fr; padding: 0 0 0 2; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    Field.-wrong .note { color: $text-error; height: auto; text-wrap: wrap; }
    Field.-wrong > Horizontal { height: auto; }
    Field.-written .label { text-style: bold; }
    Field .about { display: none; height: auto; color: $text-muted; padding: 0 0 0 19; }
    Field.-here .about { display: block; }
    Field.-here .label { color: $text-accent; }
    """

    @dataclass
    class Typed(Message):
        """Another text stands in the field; `right`: it could be written."""

        field: str
        text: str
        right: bool

    @dataclass
    class Edited(Message):
        """A right text that differs from what is written is to be written."""

        field: str
        text: str

    def __init__(self, name: str, label: str, about: str, words: tuple[str, ...], check: Check, signs: Signs) -> None:
        super().__init__(id=f"field-{name.replace('.', '-')}")
        self.field = name
        self._label, self._about, self._words = label, about, words
        self._check, self._signs = check, signs
        self._written = self._note = self._told = ""

    @property
    def box_id(self) -> str:
        """Id of what takes the focus in it."""
        return f"entry-{self.field.replace('.', '-')}"

    @property
    def text(self) -> str:
        """What stands in it."""
        return self._box.value.strip()

    def compose(self) -> ComposeResult:
        """Label, value, note; the sentence below."""
        with Horizontal():
            yield Static(self._label, classes="label", markup=False)
            if self._words:
                yield Pick(self._words, self._signs, id=self.box_id)
            else:
                yield Entry(id=self.box_id, compact=True, select_on_focus=True)
            yield Told(classes="note")
        yield Static(f"{self.field}: {self._about}", classes="about", markup=False)

    def show(self, written: str, placeholder: str, note: str, problem: str) -> None:
        """Show what the recipe says. What is being typed here stays, and so does what is wrong and not written."""
        written, placeholder = plain(written), plain(placeholder)
        typing = self.text != self._written and (self.has_focus_within or self.has_class("-wrong"))
        self._written, self._note, self._told = written, note, problem
        self._box.placeholder = placeholder
        if not typing and self.text != written:
            with self.prevent(Input.Changed):
                self._box.value = written
        self.set_class(bool(written), "-written")
        self._draw()

    def restore(self) -> bool:
        """Bring back what is written; return whether something else stood there."""
        other = self.text != self._written
        self._box.value = self._written
        self._draw()
        return other

    @property
    def _box(self) -> Entry | Pick:
        found = self.query_one(f"#{self.box_id}")
        assert isinstance(found, Entry | Pick)  # noqa: S101 (made in compose)
        return found

    def _problem(self) -> str:
        """The fault of what stands here; what was told of the written value counts while that stands here."""
        return self._told if self.text == self._written else self._check(self.field, self.text)

    def _draw(self) -> str:
        problem = self._problem()
        self.set_class(bool(problem), "-wrong")
        unwritten = " (not written)" if problem and self.text != self._written else ""
        words = f"{self._signs.warn} {problem}{unwritten}" if problem else self._note
        self.query_one(".note", Static).update(plain(words, one_line=True))
        return problem

    @on(Input.Changed)
    @on(Pick.Changed)
    def _change(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Typed(self.field, self.text, right=not self._draw()))

    @on(Input.Submitted)
    @on(Input.Blurred)
    @on(Pick.Left)
    def _leave(self, event: Message) -> None:
        event.stop()
        if not self._draw() and self.text != self._written:
            self.post_message(self.Edited(self.field, self.text))

    def on_descendant_focus(self) -> None:
        """Show the sentence; `:focus-within` does not reach what is inside."""
        self.add_class("-here")

    def on_descendant_blur(self) -> None:
        """Hide it again."""
        self.remove_class("-here")

    def on_click(self, event: events.Click) -> None:
        """A click anywhere in it goes to its value."""
        self._box.focus()
