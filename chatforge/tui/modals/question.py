"""A question with a few answers, the safe one first: each answers to its letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Static

from chatforge.tui.modals.window import Window


@dataclass(frozen=True)
class Answer:
    """One way to answer.

    Attributes:
        value: what the question returns. key: the letter that gives it. label: its words.
        style: of its button: "default", "primary", "warning" or "error".
    """

    value: str
    key: str
    label: str
    style: str = "default"


class Question(Window[str]):
    """Ask; returns the chosen answer's value, that of the first one on escape.

    Args:
        title: the question in a few words. text: what the answers mean.
        answers: the safe one first: it has the focus.
    """

    DEFAULT_CSS = """
    Question { align: center middle; }
    Question > Vertical { width: 64; max-width: 96%; height: auto; max-height: 96%; padding: 1 2;
        border: round $accent; background: $surface; }
    Question .text { height: auto; margin-bottom: 1; }
    Question .hint { height: 1; margin-top: 1; color: $text-muted; }
    Question Button { width: 100%; margin: 0; height: 1; min-height: 1; border: none; content-align: left middle; }
    Question Button { text-align: left; }
    Question Button:focus { text-style: bold reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("up", "app.focus_previous", "Up"), ("down", "app.focus_next", "Down")]

    def __init__(self, title: str, text: str, answers: Sequence[Answer]) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._answers = answers

    def compose(self) -> ComposeResult:
        """Draw the text and a button for each answer."""
        with Vertical() as box:
            box.border_title = self._title
            yield Static(self._text, classes="text", markup=False)
            for i, answer in enumerate(self._answers):
                yield Button(_label(answer), id=f"answer-{i}", variant=answer.style, compact=True)  # type: ignore[arg-type]
            hint = f"enter takes the marked answer   esc: {self._answers[0].label}"
            yield Static(hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Put the focus on the safe answer."""
        self.query(Button).first().focus()

    @on(events.DescendantFocus)
    def _mark(self) -> None:
        """Mark the answer that enter takes, not by colour alone."""
        for button, answer in zip(self.query(Button), self._answers, strict=True):
            button.label = _label(answer, here=button.has_focus)

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(self._answers[int((event.button.id or "").removeprefix("answer-"))].value)

    def on_key(self, event: events.Key) -> None:
        """Answer by letter."""
        if event.key == "escape":
            event.stop()
            self.dismiss(self._answers[0].value)
        for answer in self._answers:
            if event.key.lower() == answer.key.lower():
                event.stop()
                self.dismiss(answer.value)


def _label(answer: Answer, *, here: bool = False) -> Content:
    return Content(f"{'>' if here else ' '} {answer.key}  {answer.label}")


async def really(app: App[None], title: str, lost: str, key: str, label: str) -> bool:
    """Whether something is to be left although it is lost then.

    Args:
        lost: what would be lost. key, label: of the answer that leaves it.
    """
    answers = [Answer("stay", "s", "Stay"), Answer("leave", key, label, "warning")]
    return await app.push_screen_wait(Question(title, lost, answers)) == "leave"
