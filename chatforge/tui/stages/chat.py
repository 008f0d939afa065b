"""The stage Chat: base and adapted side by side, on one model in memory; replies corrected become training data.

The pane has the worker; the room has what is said; the commander does what is typed after a slash.
"""

import asyncio
import shlex
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import TextArea

from chatforge.chat import corrections
from chatforge.chat.client import ChatClient
from chatforge.chat.commands import Order, parse
from chatforge.project.stages import Snapshot, Stage, blocker
from chatforge.runs.folder import RunFolder
from chatforge.tui import chat_words
from chatforge.tui.chat_commands import ORDERS, WITH_TEXT, Commander, waits
from chatforge.tui.chat_link import Died, Heard, Link, Opened, at_work, finder
from chatforge.tui.stage import Main, StagePane
from chatforge.tui.widgets.chat_head import ChatHead
from chatforge.tui.widgets.prompt import Prompt
from chatforge.tui.widgets.room import About, Room


class ChatPane(StagePane):
    """Talk with what was learned."""

    STAGE: ClassVar[Stage] = Stage.CHAT
    HELP: ClassVar[str] = chat_words.HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "panes", "Panes", id="chat.panes", tooltip="Both side by side, the adapted one, the base"),
        Binding("ctrl+r", "again", "Again", id="chat.again", tooltip="Have the last message answered again"),
        Binding("ctrl+l", "settings", "Settings", id="chat.settings", tooltip="System message, randomness, length"),
        Binding("enter", "message", "Back to the message", id="chat.message", show=False),
    ]
    client: ClassVar[Callable[..., ChatClient]] = ChatClient

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._link: Link | None = None
        self._with: RunFolder | None = None
        self._queue: list[str] = []
        self._slow = ""

    def compose(self) -> ComposeResult:
        """How it stands, and the room."""
        self.room = Room(ascii_only=self.forge.signs.ascii_only)
        self.talker = self.room.talker
        self.commander = Commander(self.room, self._draw, self._start, lambda: self._with)
        yield ChatHead(self.forge.signs)
        yield self.room

    async def on_unmount(self) -> None:
        """Take the worker down; what it was writing is in the transcript."""
        if self._link:
            await asyncio.to_thread(self._link.close)

    # The project

    def show(self, snapshot: Snapshot) -> None:
        """Show how the project is now; begin, once there is a model to talk with."""
        if found := blocker(snapshot, Stage.CHAT):
            if self.talker.state == "asleep":
                base = snapshot.recipe.model.base if snapshot.recipe else ""
                self.room.word(found[0] + (f": `chatforge models fetch {base}`, or stage 1" if base else ""))
        elif self.talker.state == "asleep":
            self._start()
        elif snapshot.train == "done" and snapshot.run != self._with:
            if not self.talker.talk.exchanges and self.talker.state in ("ready", "stopped"):
                self._start()
            else:
                self.room.word("a newly trained adapter is here: /reload talks with it, and keeps this talk")
        self._draw()

    def main(self) -> Main:
        """Train on what was corrected; else go on to what comes next."""
        if number := self.snapshot.corrections.waiting:
            return Main(f"Train on {chat_words.count(number)}")
        return super().main() if self._with else Main("Next: Data", leads_on=True)

    async def act(self) -> None:
        """Do it."""
        found = self.snapshot.corrections
        if found.waiting or not self._with:
            self.post_message(self.Go(Stage.TRAIN if found.waiting and found.named else Stage.DATA))
        else:
            await super().act()

    def command(self) -> str:
        """The same talk in a shell."""
        run = self._run()
        return run.command("chat") if run else f"chatforge chat --base {shlex.quote(self._base or 'MODEL')}"

    def commands(self) -> Iterator[tuple[str, str, Callable[[], Any]]]:
        """What the palette offers here: title, help, and what does it."""
        for name, words in ORDERS.items():
            if name not in WITH_TEXT:
                yield f"Chat: {name.removeprefix('/')}", words, partial(self._obey_soon, name)

    def unsaved(self) -> str | None:
        """What would be lost."""
        if self.room.correct.is_open and self.room.correct.changed:
            return "A correction is not saved yet."
        if self.talker.state == "writing":
            return "A reply is being written; what came of it is kept, the rest is not."
        return "A message is typed and not sent." if self._queue or self.room.prompt.text.strip() else None

    def escape(self) -> bool:
        """Take back what waits, stop the reply, close what is open, or go back to the prompt."""
        if self._queue:
            self.room.prompt.give_back(self._queue.pop())
            self._hint()
        elif self.talker.state == "writing":
            self.talker.stop()
        else:
            return self.room.escape()
        return True

    # The worker

    def _start(self) -> None:
        """Start a worker for what there is to talk with now; the talk stays."""
        self._with = self._run()
        if self._link:  # closing may wait for a token: not here
            self.run_worker(self._link.close, thread=True, group="close", exit_on_error=False)
        find = finder(self._with, self.snapshot.recipe, self.home)
        self._link = link = Link(find, self.post_message, type(self).client)
        self.talker.begin(link)
        self._slow = at_work(self.forge.runs_dir)
        self.room.word("")
        self.run_worker(link.run, thread=True, group="chat", exit_on_error=False)
        self._draw()

    def _run(self) -> RunFolder | None:
        """The run that there is to talk with: the newest if it is trained, else the one we talk with already."""
        run = self.snapshot.run
        if run and self.snapshot.train == "done":
            return run
        return self._with if self._with and self._with.adapter.is_dir() else None

    @on(Opened)
    async def _opened(self, event: Opened) -> None:
        event.stop()
        if not self.talker.belongs(event.link):
            return
        self.talker.opened(event.ready)
        for words in (event.link.target and event.link.target.notice, event.ready.note):
            if words:
                self.room.tell(words)
        await self._go_on()

    @on(Heard)
    async def _heard(self, event: Heard) -> None:
        event.stop()
        if not self.talker.belongs(event.link):
            return
        was = self.talker.state
        for one in event.events:
            await self.talker.take(one)
        if was == "writing" and self.talker.state == "ready":
            self.room.settle()
            self.room.compare()
            await self._go_on()

    @on(Died)
    async def _died(self, event: Died) -> None:
        event.stop()
        if self.talker.belongs(event.link):
            await self.talker.died(event.words)
            while self._queue:
                self.room.prompt.give_back(self._queue.pop())
            self.room.word(f"the model stopped: enter starts it again\n{event.words}")
            self._draw()

    async def _go_on(self) -> None:
        """The worker waits for us: do what waits for it."""
        while self._queue and self.talker.state == "ready":
            text = self._queue.pop(0)
            if not await self._do(parse(text)):
                self.room.prompt.give_back(text)
        self._draw()

    # The prompt

    @on(Prompt.Sent)
    async def _sent(self, event: Prompt.Sent) -> None:
        event.stop()
        await self._take(event.text)

    async def _take(self, typed: str) -> None:
        """Do what was typed, or keep it until the worker can."""
        if self.talker.state in ("stopped", "asleep"):
            if found := blocker(self.snapshot, Stage.CHAT):
                self.room.tell(found[0], "warning")
                return
            self._start()
        if text := typed.strip():
            said, state = parse(text), self.talker.state
            later = waits(said, state) if isinstance(said, Order) else state != "ready"
            if later:
                self._queue.append(text)
            if later or await self._do(said):
                self.room.prompt.take(typed)
        self._draw()

    async def _do(self, said: Order | str) -> bool:
        """Do a command, or say something to the model; return whether that could be begun."""
        if isinstance(said, Order):
            return await self.commander.obey(said)
        await self.talker.say(said)
        return True

    @on(TextArea.Changed, "#prompt")
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._hint()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    @on(events.Focus)
    @on(events.Blur)
    def _hint(self) -> None:
        """Below the prompt: what enter does, or which command one is about to type; and how to come back to it."""
        prompt, focused = self.room.prompt, self.screen.focused
        if focused in (prompt, None):
            words = chat_words.below(prompt.text, self._queue, self.talker.state, self.forge.signs)
        else:
            words = chat_words.BESIDE if focused is self else chat_words.PICKED
        prompt.border_subtitle = Content(words)

    def on_key(self, event: events.Key) -> None:
        """A letter that is pressed beside the message belongs into it, unless it is a key of the stage."""
        letter = event.character if event.is_printable else None
        if self.has_focus and letter and event.key not in self.screen.active_bindings:
            event.stop()
            self.room.take_over(letter)

    def action_message(self) -> None:
        """Go back to the message."""
        self.room.take_over("")

    # Commands

    def _obey_soon(self, name: str) -> None:
        self.run_worker(self.commander.obey(Order(name, "")), group="order", exit_on_error=False)

    def action_panes(self) -> None:
        """Both, the adapted one, the base."""
        self.commander.panes()

    def action_settings(self) -> None:
        """Ask how replies are to be made."""
        self.commander.settings()

    async def action_again(self) -> None:
        """Have the last message answered again."""
        await self.commander.again()

    @on(Room.Again)
    def _again_from(self, event: Room.Again) -> None:
        event.stop()
        self.commander.again_from(event.exchange)

    # What is drawn

    @on(Room.Corrected)
    def _corrected(self, event: Room.Corrected) -> None:
        event.stop()
        self.post_message(self.Look())
        self._draw()

    @property
    def _base(self) -> str:
        recipe = self.snapshot.recipe
        return recipe.model.base if recipe else ""

    def _draw(self) -> None:
        saved = self.snapshot.corrections
        place = self.snapshot.recipe_path.with_name(corrections.FILE)
        self.room.about = About(self._with, self._base, place, learned=saved.named and not saved.waiting)
        busy = {self.snapshot.train, self.snapshot.evaluate} & {"running", "waiting"}
        slow = "slow: a training runs" if busy else self._slow
        name = f"adapter {self._with.id}" if self._with else f"base {Path(self._base).name}"
        self.query_one(ChatHead).show(self.talker, name, slow)
        number = self.snapshot.corrections.waiting
        self.room.saved(f"{chat_words.count(number)} saved, ctrl+n: train again" if number else "")
        self.room.view.welcome(chat_words.welcome(self.talker))
        self._hint()


PANE = ChatPane
