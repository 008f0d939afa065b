"""The editor for a reply: what was asked, what was answered, what it should have been."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static, TextArea

from chatforge.chat import corrections
from chatforge.chat.corrections import Correction
from chatforge.errors import UserError
from chatforge.project.talk import Exchange, Reply
from chatforge.tui.turn import in_turn
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

KEYS = "ctrl+s saves it as a training conversation   ctrl+l empties it   esc leaves"


class ShouldBe(TextArea):
    """The reply as it should be; enter begins a new line here."""

    HELP = """\
Write what the reply should have been. **ctrl+s** saves it as a training conversation, in `corrections.jsonl` beside the
recipe; **ctrl+l** empties it; **esc** leaves. The talk goes on with what you wrote.
"""
    DEFAULT_CSS = """
    ShouldBe { height: auto; min-height: 2; max-height: 8; border: none; padding: 0; background: $boost; }
    ShouldBe:focus { border: none; }
    """


class Correct(Vertical):
    """Corrects one reply. Hidden until `open`; a text that was changed is only dropped when asked for twice."""

    DEFAULT_CSS = """
    Correct { height: auto; max-height: 70%; border: round $accent; padding: 0 1; display: none; }
    Correct .row { height: auto; max-height: 2; layout: horizontal; }
    Correct .row > .name { width: 10; color: $text-muted; }
    Correct .row > .value { width: 1fr; height: auto; max-height: 2; }
    Correct #should-row { max-height: 8; }
    Correct #should { width: 1fr; }
    Correct .hint { height: 1; color: $text-muted; margin-top: 1; }
    Correct .hint.-ask { color: $text-warning; }
    Screen.-short Correct .hint { margin-top: 0; }
    Screen.-short Correct #should { max-height: 5; }
    App.-ascii Correct { border: ascii $accent; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "save", "Save correction", id="correction.save", priority=True, tooltip="Save it to train on"
        ),
        Binding("ctrl+l", "empty", "Empty it", id="correction.empty", tooltip="Write anew; ctrl+z brings it back"),
    ]

    @dataclass
    class Saved(Message):
        """The correction is on the disk; `number`: how many there are now."""

        exchange: Exchange
        reply: Reply
        number: int

    class Left(Message):
        """The editor is closed."""

    def __init__(self) -> None:
        super().__init__(id="correct")
        self._exchange: Exchange | None = None
        self._reply: Reply | None = None
        self._file = Path()
        self._make: Callable[[str], Correction] | None = None
        self._asked = False

    def compose(self) -> ComposeResult:
        """Three rows and a hint."""
        for name, id_ in (("user", "asked"), ("was", "was")):
            with Vertical(classes="row"):
                yield Static(name, classes="name", markup=False)
                yield Told(id=id_, classes="value")
        with Vertical(classes="row", id="should-row"):
            yield Static("should be", classes="name", markup=False)
            yield ShouldBe(id="should", soft_wrap=True, highlight_cursor_line=False)
        yield Told(classes="hint")

    @property
    def is_open(self) -> bool:
        """Whether a reply is being corrected."""
        return self._reply is not None

    @property
    def changed(self) -> bool:
        """Whether something would be lost."""
        reply = self._reply
        return reply is not None and self._text.strip() != plain(reply.final).strip()

    @property
    def _text(self) -> str:
        return self.query_one(ShouldBe).text

    def open(
        self, exchange: Exchange, reply: Reply, *, turn: int, file: Path, make: Callable[[str], Correction]
    ) -> None:
        """Correct a reply.

        Args:
            turn: its number in the talk, from 1. file: where corrections are. make: makes one of the new text.
        """
        self._exchange, self._reply, self._file, self._make = exchange, reply, file, make
        self.border_title = f"Correct the {reply.who} reply, turn {turn}"
        self.border_subtitle = file.name
        self.query_one("#asked", Static).update(plain(exchange.user, one_line=True))
        self.query_one("#was", Static).update(plain(reply.text, one_line=True) or "(empty)")
        should = self.query_one(ShouldBe)
        should.load_text(plain(reply.final))
        should.move_cursor(should.document.end)
        self._hint()
        self.display = True
        should.focus()

    def close(self) -> None:
        """Put it away."""
        self._exchange = self._reply = None
        self.display = False
        self.post_message(self.Left())

    def leave(self) -> None:
        """Close; a text that was changed only at the second time."""
        if self.changed and not self._asked:
            self._asked = True
            self._hint("not saved: ctrl+s saves it, esc again drops it")
            return
        self.close()

    def action_empty(self) -> None:
        """Take the old reply out, to write another one."""
        self.query_one(ShouldBe).clear()

    def action_save(self) -> None:
        """Save what was written; where that cannot be, the text stays and the reason is said."""
        in_turn(self, self._save)

    async def _save(self) -> None:
        exchange, reply, make, text = self._exchange, self._reply, self._make, self._text.strip()
        if exchange is None or reply is None or make is None:
            return
        if not text:
            self._hint("nothing is written yet: what should the reply have been?")
        elif not self.changed:
            self._hint("this is the reply as it was: change it, or esc")
        else:
            try:
                number = await asyncio.to_thread(corrections.save, self._file, make(text))
            except (UserError, OSError) as error:
                self._hint(str(error))
                return
            reply.corrected = text
            self.close()
            self.post_message(self.Saved(exchange, reply, number))

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._asked or not self.changed:
            self._hint()

    def _hint(self, ask: str = "") -> None:
        self._asked = self._asked and bool(ask)
        hint = self.query_one(".hint", Static)
        hint.set_class(bool(ask), "-ask")
        hint.update(plain(ask, one_line=True) or KEYS)
