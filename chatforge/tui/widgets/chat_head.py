"""The line above a talk: who answers, what is loaded, how replies are made, how the worker stands."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from chatforge.chat.protocol import Mode
from chatforge.tui.chat_talker import State, Talker
from chatforge.words import plain

WORDS: dict[State, str] = {
    "asleep": "no model",
    "loading": "loading the model, you can type already",
    "ready": "ready",
    "writing": "writing, esc stops",
    "stopped": "stopped",
}


class ChatHead(Horizontal):
    """One line."""

    DEFAULT_CSS = """
    ChatHead { height: 1; padding: 0 1; }
    ChatHead > .who { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    ChatHead > .manner { width: auto; max-width: 60%; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
        padding-left: 1; }
    """

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(id="chat-head")
        self._dot = ", " if ascii_only else " · "

    def compose(self) -> ComposeResult:
        """Left and right."""
        yield Static("", classes="who", markup=False)
        yield Static("", classes="manner", markup=False)

    def show(self, talker: Talker, name: str, slow: str) -> None:
        """Draw it.

        Args:
            name: what is loaded. slow: why replies will be slow; "" if they will not.
        """
        self.query_one(".who", Static).update(_who(talker.modes, talker.mode, name))
        manner = talker.manner
        drawn = f"temperature {manner.temperature:g}{self._dot}longest {manner.max_new_tokens}" if talker.ready else ""
        words = [word for word in (slow or drawn, WORDS[talker.state]) if word]
        self.query_one(".manner", Static).update(plain(self._dot.join(words), one_line=True))


def _who(modes: Sequence[Mode], now: Mode, name: str) -> Content:
    """The one who is seen stands in brackets: [both] adapted base."""
    known = [
        Content.styled(f"[{mode}]", "bold $text-accent") if mode == now else Content.styled(f" {mode} ", "$text-muted")
        for mode in modes
    ]
    return Content.assemble(*known, "  " if known else "", plain(name, one_line=True))
