"""Where one talks: the talk, what stands beside it, and below it the prompt or the editor of a correction.

talk │ closest training conversations
word          what is wrong, and what to press
saved         how many corrections there are to train on
prompt, or the editor of a correction
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from chatforge.chat import corrections
from chatforge.chat.corrections import Correction
from chatforge.dialogues.conversation import Message as Turn
from chatforge.errors import UserError
from chatforge.project.talk import Exchange, Reply
from chatforge.runs.folder import RunFolder
from chatforge.tui.chat_talker import Talker
from chatforge.tui.widgets.closest import Closest
from chatforge.tui.widgets.correct import Correct, ShouldBe
from chatforge.tui.widgets.message import Said
from chatforge.tui.widgets.prompt import Prompt
from chatforge.tui.widgets.talk import TalkView
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

NOT_ANSWERED = (
    "the adapted model did not answer this message: ctrl+r has it answered again; alt+up and c correct the base's reply"
)


@dataclass(frozen=True)
class About:
    """What the talk is about.

    Attributes:
        run: whose adapter talks; None for a bare base. base: name of the base.
        file: where corrections are kept. learned: whether the latest run has learned all of them.
    """

    run: RunFolder | None
    base: str
    file: Path
    learned: bool = False


class Room(Vertical):
    """Everything but the worker: messages are picked, corrected and compared here."""

    DEFAULT_CSS = """
    Room #beside { height: 1fr; }
    Room #chat-word { height: auto; max-height: 10; padding: 0 2; color: $text-warning; display: none; }
    Room #chat-saved { height: 1; padding: 0 2; color: $text-success; display: none; }
    Screen.-narrow Room #beside { layout: vertical; }
    Screen.-short Room #chat-word { max-height: 6; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "fix", "Fix reply", id="chat.fix", tooltip="Write what the last reply should have been"),
        Binding("ctrl+s", "similar", "Closest", id="chat.similar", tooltip="Training conversations closest to a reply"),
        Binding(
            "alt+up",
            "pick(-1)",
            "Messages",
            key_display="alt+up",
            id="chat.earlier",
            tooltip="Pick a message: copy, correct, again",
        ),
        Binding("alt+down", "pick(1)", "Next message", id="chat.later", show=False),
    ]

    @dataclass
    class Corrected(Message):
        """A correction is on the disk; `number`: how many there are now."""

        number: int

    @dataclass
    class Again(Message):
        """A message is to be answered again, and the talk goes on from there."""

        exchange: Exchange

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__()
        self.view = TalkView(ascii_only=ascii_only)
        self.talker = Talker(self.view, self.tell, self._give_back)
        self.about = About(None, "", Path())
        self.prompt = Prompt("Say something; /help lists what else can be typed", id="prompt")
        self.correct = Correct()
        self.closest = Closest()
        # Corrections of this talk: lines in the file then, and where.
        self._mine: list[tuple[int, Exchange, Reply]] = []
        self._changed = False

    def compose(self) -> ComposeResult:
        """From above to below, as drawn above."""
        with Horizontal(id="beside"):
            yield self.view
            yield self.closest
        yield Told(id="chat-word")
        yield Told(id="chat-saved")
        yield self.correct
        yield self.prompt

    def word(self, text: str) -> None:
        """Say what is wrong; "" if nothing is."""
        line = self.query_one("#chat-word", Static)
        line.display = bool(text)
        line.update(plain(text))

    def saved(self, text: str) -> None:
        """Say what there is to train on; "" if nothing."""
        line = self.query_one("#chat-saved", Static)
        line.display = bool(text)
        line.update(text)

    def tell(self, text: str, severity: str = "information") -> None:
        """Say something in passing."""
        self.screen.tell(text, severity)  # type: ignore[attr-defined]

    def escape(self) -> bool:
        """Close what is open, or go back to the prompt; return whether there was anything."""
        if self.correct.is_open:
            self.correct.leave()
        elif self.closest.display:
            self._close_closest()
        elif isinstance(self.screen.focused, Said):
            self.prompt.focus()
        else:
            return False
        return True

    def take_over(self, text: str) -> None:
        """Put what was typed beside the field that is open into it."""
        field = self.query_one(ShouldBe) if self.correct.is_open else self.prompt
        self.screen.set_focus(field)
        field.insert(text)

    def _give_back(self, text: str) -> None:
        """Put a message that was not answered back, unless another one is being typed."""
        if not self.prompt.text.strip():
            self.prompt.fill(text)

    @on(Prompt.Look)
    def _look(self, event: Prompt.Look) -> None:
        event.stop()
        self.view.look(event.where)

    # Messages

    def action_pick(self, step: int) -> None:
        """Pick the message before or after; below the last one is the prompt."""
        if said := self.view.pick(step, self.screen.focused):
            self.compare(said)
        elif not self.correct.is_open:
            self.prompt.focus()
            self.view.end()

    @on(Said.Picked)
    def _picked(self, event: Said.Picked) -> None:
        event.stop()
        event.said.pick()
        self.compare(event.said)

    @on(Said.Asked)
    def _asked_of(self, event: Said.Asked) -> None:
        event.stop()
        match event.what:
            case "copy":
                self.app.copy_to_clipboard(plain(event.said.text))
                self.tell("copied")
            case "correct":
                self.action_fix()
            case "similar":
                self.action_similar()
            case "again":
                self.post_message(self.Again(event.said.exchange))

    def _current(self, picked: Any = None) -> tuple[Exchange, Reply] | None:
        """The picked reply, else the last one."""
        picked = picked or self.screen.focused
        if isinstance(picked, Said) and (reply := picked.reply or picked.exchange.chosen):
            return picked.exchange, reply
        found = ((exchange, exchange.seen(self.talker.mode)) for exchange in reversed(self.talker.talk.exchanges))
        return next(((exchange, reply) for exchange, reply in found if reply), None)

    # Corrections

    def action_fix(self) -> None:
        """Correct the picked or the last reply."""
        found = self._current()
        if found is None:
            self.tell("there is no reply to correct yet", "warning")
        elif self.correct.is_open:
            self.tell("a reply is being corrected already: ctrl+s saves it, esc leaves", "warning")
        elif found[1].stopped_by is None:
            self.tell("the reply is being written: esc stops it", "warning")
        elif not self._means_base(found[1]):
            self.tell(NOT_ANSWERED, "warning")
        else:
            self._fix(*found)

    def _means_base(self, reply: Reply) -> bool:
        """Whether it is the base's reply that is to be corrected; never because the adapted one was stopped before."""
        picked = self.screen.focused
        by_hand = isinstance(picked, Said) and picked.reply is reply
        return reply.who != "base" or by_hand or self.talker.mode == "base" or "adapted" not in self.talker.modes

    def _fix(self, exchange: Exchange, reply: Reply) -> None:
        # What was said before is kept now: the talk may be another one when the correction is saved.
        system, run, base = self.talker.manner.system, self.about.run, self.about.base
        head = (Turn("system", system),) if system else ()
        messages = (*head, *self.talker.talk.history(exchange), Turn("user", exchange.user))

        def make(text: str) -> Correction:
            by = run.id if run and reply.who == "adapted" else ""
            return Correction(messages, text, plain(reply.text), by, base)

        turn = self.talker.talk.exchanges.index(exchange) + 1
        self.prompt.display = False
        self.correct.open(exchange, reply, turn=turn, file=self.about.file, make=make)

    @on(Correct.Left)
    def _left(self, event: Correct.Left) -> None:
        event.stop()
        self.prompt.display = True
        self.prompt.focus()

    @on(Correct.Saved)
    def _kept(self, event: Correct.Saved) -> None:
        event.stop()
        if any(reply is event.reply for _, _, reply in self._mine):
            self.tell("it was corrected before: both versions are saved; /undo takes this one back", "warning")
        self._mine.append((event.number, event.exchange, event.reply))
        self._retold(event.exchange, event.reply, event.number)

    def undo(self) -> None:
        """Take back the last correction of this talk, if it is still the file's last and nothing has learned it."""
        number, exchange, reply = self._mine[-1] if self._mine else (0, None, None)
        if exchange is None or reply is None or self.about.learned:
            self.tell(f"nothing was corrected in this talk that could be taken back; see {self.about.file}", "warning")
            return
        try:
            left = corrections.take_back(self.about.file, number)
        except (UserError, OSError) as error:
            self.tell(str(error), "warning")
            return
        self._mine.pop()
        reply.corrected = None
        self.tell("the last correction is taken back")
        self._retold(exchange, reply, left)

    def _retold(self, exchange: Exchange, reply: Reply, number: int) -> None:
        """Draw a reply that was changed here; the model goes on with what should have been said."""
        self.view.show(exchange, reply)
        self._changed = True
        self.settle()
        self.post_message(self.Corrected(number))

    def settle(self) -> None:
        """Tell the model what was changed here, once no reply is being written."""
        if self._changed and self.talker.state != "writing":
            self._changed = False
            self.talker.remember()

    # The closest training conversations

    def action_similar(self) -> None:
        """Open or close them; while a correction is written, the same key saves it."""
        if self.correct.is_open:
            self.correct.action_save()
        elif self.closest.display:
            self._close_closest()
        elif self.about.run is None:
            self.tell("nothing is trained yet: there are no training conversations to compare with", "warning")
        elif (found := self._current()) is None or found[1].stopped_by is None:
            self.tell("there is no whole reply to compare yet", "warning")
        else:
            self.closest.compare(self.about.run, *found)

    def _close_closest(self) -> None:
        if self.closest.has_focus_within:
            self.prompt.focus()
        self.closest.close()

    def compare(self, picked: Said | None = None) -> None:
        """Compare the reply that is picked, else the last one, if the panel is open."""
        found = self._current(picked)
        if self.closest.display and self.about.run and found and found[1].stopped_by is not None:
            self.closest.compare(self.about.run, *found)
