"""The line above a talk: who answers, what is loaded, how replies are made, how the worker stands."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from chatforge.chat.protocol import Mode
from chatforge.tui.cells import middle
from chatforge.tui.chat_talker import State, Talker
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

WORDS: dict[State, str] = {
    "asleep": "no model",
    "loading": "loading, you can type",
    "ready": "ready",
    "writing": "writing, esc stops",
    "stopped": "stopped",
}

BOTH = "base, then adapted; esc stops"
"""While both write."""


class ChatHead(Horizontal):
    """One line."""

    DEFAULT_CSS = """
    ChatHead { height: 1; padding: 0 1; }
    ChatHead > .who { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    ChatHead > .manner { width: auto; max-width: 60%; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
        padding-left: 1; }
    """

    def __init__(self, signs: Signs) -> None:
        super().__init__(id="chat-head")
        self._signs = signs
        self._dot = ", " if signs.ascii_only else " · "

    def compose(self) -> ComposeResult:
        """Left and right."""
        yield Who(self._signs)
        yield Told(classes="manner")

    def show(self, talker: Talker, name: str, slow: str) -> None:
        """Draw it; where there is little room, what comes first stays.

        Args:
            name: what is loaded. slow: why replies will be slow; "" if they will not.
        """
        self.query_one(Who).talks = talker.modes, talker.mode, plain(name, one_line=True)
        manner = talker.manner
        drawn = f"temperature {manner.temperature:g}{self._dot}longest {manner.max_new_tokens}" if talker.ready else ""
        both = talker.state == "writing" and talker.mode == "both"
        words = [word for word in (BOTH if both else WORDS[talker.state], slow or drawn) if word]
        self.query_one(".manner", Static).update(plain(self._dot.join(words), one_line=True))


class Who(Widget):
    """Who answers: the one who is seen stands in brackets, then what is loaded: [both] adapted base  adapter shop-a."""

    talks: reactive[tuple[Sequence[Mode], Mode, str]] = reactive(((), "both", ""))

    def __init__(self, signs: Signs) -> None:
        super().__init__(classes="who")
        self._cut = signs.cut

    def render(self) -> Content:
        """Draw it; of a long name the middle is left out."""
        modes, now, name = self.talks
        known = Content("").join(
            Content.styled(f"[{mode}]", "bold $text-accent")
            if mode == now
            else Content.styled(f" {mode} ", "$text-muted")
            for mode in modes
        )
        gap = "  " if modes else ""
        return known + gap + middle(name, self.content_size.width - known.cell_length - len(gap), self._cut)
