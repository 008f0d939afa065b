"""How the model answers: system message, randomness, longest reply."""

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.validation import Number
from textual.widgets import Input, Static, TextArea

from chatforge.tui.modals.window import Window
from chatforge.tui.turn import in_turn
from chatforge.tui.widgets.told import Told
from chatforge.words import plain


@dataclass(frozen=True)
class Manner:
    """How replies are made.

    Attributes:
        system: the system message; "" for none. temperature: 0 always takes the likeliest token.
        top_p: share of probability that is kept. max_new_tokens: longest reply.
    """

    system: str
    temperature: float
    top_p: float
    max_new_tokens: int

    def with_system(self, system: str) -> "Manner":
        """The same with another system message."""
        return replace(self, system=system)


@dataclass(frozen=True)
class _Field:
    name: str
    label: str
    low: float
    high: float
    kind: str
    words: str


FIELDS = (
    _Field("temperature", "temperature", 0.0, 5.0, "number", "0 always takes the likeliest; 0.7 varies"),
    _Field("top_p", "top p", 0.001, 1.0, "number", "1 keeps all words; 0.9 drops unlikely ones"),
    _Field("max_new_tokens", "longest reply", 1, 8192, "integer", "tokens; a word is about one and a third"),
)


class Sampling(Window[Manner | None]):
    """Ask for another manner; returns it, or None if nothing is to change.

    Args:
        now: how it is. of_run: how the run's recipe says it should be.
    """

    DEFAULT_CSS = """
    Sampling { align: center middle; }
    Sampling > Vertical { width: 76; max-width: 98%; height: auto; max-height: 98%; padding: 0 2;
        border: round $accent; background: $surface; }
    Sampling .name { width: 16; color: $text-muted; }
    Sampling .line { height: 1; margin-top: 1; }
    Sampling Input { width: 8; }
    Sampling TextArea:focus { border: none; }
    Sampling .words { width: 1fr; padding: 0 1; color: $text-muted; }
    Sampling .words.-wrong { color: $text-error; }
    Sampling TextArea { height: 5; border: none; background: $boost; padding: 0; width: 1fr; }
    Sampling .top { height: 5; margin-top: 1; }
    Sampling .hint { height: 1; margin: 1 0 0 0; color: $text-muted; }
    Sampling .hint.-ask { color: $text-warning; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "keep", "Use it", id="sampling.keep", priority=True),
        Binding("ctrl+r", "reset", "As the run", id="sampling.reset", priority=True),
        Binding("escape", "leave", "Leave", id="sampling.leave", priority=True),
    ]

    def __init__(self, now: Manner, of_run: Manner) -> None:
        super().__init__()
        self._now = now
        self._of_run = of_run
        self._asked = False

    def compose(self) -> ComposeResult:
        """A field for each."""
        with Vertical() as box:
            box.border_title = "How the model answers"
            with Horizontal(classes="top"):
                yield Static("system message", classes="name", markup=False)
                yield TextArea(plain(self._now.system), id="system", highlight_cursor_line=False)
            for field in FIELDS:
                with Horizontal(classes="line"):
                    yield Static(field.label, classes="name", markup=False)
                    yield Input(
                        f"{getattr(self._now, field.name):g}", type="integer" if field.kind == "integer" else "number",
                        id=field.name, compact=True, validators=[Number(field.low, field.high)], select_on_focus=False,
                    )  # fmt: skip
                    yield Static(field.words, classes="words", id=f"{field.name}-words", markup=False)
            yield Told(classes="hint")

    def on_mount(self) -> None:
        """Say which keys do what."""
        self._hint()

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        event.stop()
        field = next(field for field in FIELDS if field.name == event.input.id)
        wrong = self._value(field) is None
        words = self.query_one(f"#{field.name}-words", Static)
        words.set_class(wrong, "-wrong")
        least = "more than 0" if field.name == "top_p" else f"{field.low:g}"
        words.update(f"a number from {least} to {field.high:g}" if wrong else field.words)

    @on(Input.Submitted)
    def action_keep(self) -> None:
        """Use what the fields say, if it can be used."""
        in_turn(self, self._keep)

    def _keep(self) -> None:
        values = {field.name: self._value(field) for field in FIELDS}
        wrong = next((name for name, value in values.items() if value is None), None)
        if wrong:
            self.query_one(f"#{wrong}", Input).focus()
            return
        self.dismiss(self._manner())

    def action_reset(self) -> None:
        """Put in what the run's recipe says."""
        self.query_one("#system", TextArea).load_text(plain(self._of_run.system))
        for field in FIELDS:
            self.query_one(f"#{field.name}", Input).value = f"{getattr(self._of_run, field.name):g}"

    def action_leave(self) -> None:
        """Leave; what was changed is only dropped at the second time."""
        if self._manner() in (None, self._now) or self._asked:
            self.dismiss(None)
            return
        self._asked = True
        self._hint("changed: ctrl+s uses it, esc again leaves it as it was")

    def _manner(self) -> Manner | None:
        temperature, top_p, longest = (self._value(field) for field in FIELDS)
        if temperature is None or top_p is None or longest is None:
            return None
        text = self.query_one("#system", TextArea).text.strip()
        same = text == plain(self._now.system).strip()
        return Manner(self._now.system if same else text, temperature, top_p, int(longest))

    def _value(self, field: _Field) -> float | None:
        """What a field says; None if that cannot be."""
        try:
            value = float(self.query_one(f"#{field.name}", Input).value)
        except ValueError:
            return None
        fits = field.low <= value <= field.high or (field.name == "top_p" and 0 < value <= 1)
        return value if fits and (field.kind == "number" or value == int(value)) else None

    def _hint(self, ask: str = "") -> None:
        hint = self.query_one(".hint", Static)
        hint.set_class(bool(ask), "-ask")
        hint.update(ask or "ctrl+s uses it   ctrl+r as the run has it   esc leaves")
