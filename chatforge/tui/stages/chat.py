"""The stage Chat: base and adapted side by side, on one model in memory; replies corrected become training data.

The pane has the worker and the commands; the room has what is said.
"""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from chatforge.chat import corrections
from chatforge.chat.client import ChatClient
from chatforge.chat.commands import Order, parse
from chatforge.chat.protocol import Mode
from chatforge.chat.targets import is_trained
from chatforge.errors import UserError
from chatforge.project.stages import Snapshot, Stage, blocker
from chatforge.project.talk import Exchange
from chatforge.runs.folder import RunFolder
from chatforge.tui import chat_questions
from chatforge.tui.chat_commands import ORDERS, WITH_TEXT, hint, unknown
from chatforge.tui.chat_link import Died, Heard, Link, Opened, at_work, finder
from chatforge.tui.modals.sampling import Manner
from chatforge.tui.stage import Main, StagePane
from chatforge.tui.widgets.chat_head import ChatHead
from chatforge.tui.widgets.prompt import Prompt
from chatforge.tui.widgets.room import About, Room

if TYPE_CHECKING:
    from chatforge.tui.app import ChatForge
    from chatforge.tui.forge import ForgeScreen


class ChatPane(StagePane):
    """Talk with what was learned."""

    STAGE: ClassVar[Stage] = Stage.CHAT
    HELP: ClassVar[str] = """\
Talk with the base and the adapted model, side by side; **ctrl+t** shows both or one of them.

Not what it should say? **ctrl+f** corrects the last reply. Corrections are kept in `corrections.jsonl` beside the
recipe and can be trained on. **ctrl+s** shows the training conversations closest to a reply, **ctrl+l** sets the system
message and how replies are drawn, **/open** goes on with an earlier talk.

**alt+up** picks a message: **y** copies, **c** corrects, **r** answers again from there. **esc** stops a reply; what
came of it stays.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "panes", "Panes", id="chat.panes", tooltip="Both side by side, the adapted one, the base"),
        Binding("ctrl+r", "again", "Again", id="chat.again", tooltip="Have the last message answered again"),
        Binding("ctrl+l", "settings", "Settings", id="chat.settings", tooltip="System message, randomness, length"),
    ]
    client: ClassVar[Callable[..., ChatClient]] = ChatClient

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._link: Link | None = None
        self._with: RunFolder | None = None
        self._queued = False
        self._slow = ""

    def compose(self) -> ComposeResult:
        """How it stands, and the room."""
        ascii_only = self.forge.signs.ascii_only
        self.room = Room(ascii_only=ascii_only)
        self.talker = self.room.talker
        yield ChatHead(ascii_only=ascii_only)
        yield self.room

    async def on_unmount(self) -> None:
        """Take the worker down; what it was writing is in the transcript."""
        if self._link:
            await asyncio.to_thread(self._link.close)

    @property
    def forge(self) -> "ForgeScreen":
        """The screen this is on."""
        return cast("ForgeScreen", self.screen)

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
            return Main(f"Train on {_count(number)}")
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
        return run.command("chat") if run else f"chatforge chat --base {self._base or 'MODEL'}"

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
        return "A message is typed and not sent." if self.room.prompt.text.strip() else None

    def escape(self) -> bool:
        """Stop the reply, or close what is open, or go back to the prompt."""
        if self._queued:
            self._queued = False
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
        find = finder(self._with, self.snapshot.recipe, cast("ChatForge", self.app).home)
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
        return self._with if self._with and is_trained(self._with) else None

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
            self.room.compare()
            await self._go_on()

    @on(Died)
    async def _died(self, event: Died) -> None:
        event.stop()
        if self.talker.belongs(event.link):
            await self.talker.died(event.words)
            self._queued = False
            self.room.word(f"the model stopped: enter starts it again\n{event.words}")
            self._draw()

    async def _go_on(self) -> None:
        """The worker waits for us: send what was to be sent then."""
        queued, self._queued = self._queued, False
        if queued:
            await self._take(self.room.prompt.text)
        self._draw()

    # The prompt

    @on(Prompt.Sent)
    async def _sent(self, event: Prompt.Sent) -> None:
        event.stop()
        await self._take(event.text)

    async def _take(self, text: str) -> None:
        """Do what was typed, or keep it until the worker can."""
        text = text.strip()
        if self.talker.state in ("stopped", "asleep"):
            if found := blocker(self.snapshot, Stage.CHAT):
                self.room.tell(found[0], "warning")
                return
            self._start()
        if self.talker.state in ("loading", "writing"):
            self._queued = bool(text)
        elif text:
            said = parse(text)
            if isinstance(said, Order):
                if await self._obey(said):
                    self.room.prompt.take()
            else:
                self.room.prompt.take()
                await self.talker.say(said)
        self._draw()

    @on(TextArea.Changed, "#prompt")
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._queued = self._queued and bool(self.room.prompt.text.strip())
        self._hint()

    def _hint(self) -> None:
        """Below the prompt: what enter does, or which command one is about to type."""
        between = "," if self.forge.signs.ascii_only else " ·"
        words = hint(self.room.prompt.text) or f"enter send{between} ctrl+j new line"
        if self._queued:
            when = "after this reply" if self.talker.state == "writing" else "when the model is ready"
            words = f"is sent {when}   esc not yet"
        if self.room.prompt.border_subtitle != words:
            self.room.prompt.border_subtitle = words

    # Commands

    def _obey_soon(self, name: str) -> None:
        self.run_worker(self._obey(Order(name, "")), group="order", exit_on_error=False)

    async def _obey(self, order: Order) -> bool:
        """Do a command; return whether that could be begun."""
        match order:
            case Order("/both" | "/adapted" | "/base" as name):
                self._choose(cast("Mode", name.removeprefix("/")))
            case Order("/system", text) if text:
                self._use(self.talker.manner.with_system(text))
                self.room.tell("the system message is changed; the talk stays (/reset drops it)")
            case Order("/save", ""):
                self.room.tell("say where: /save FILE", "warning")
                return False
            case Order("/save", file):
                self.talker.save(str(Path(file).expanduser().absolute()))
            case Order(name) if do := self._orders().get(name):
                if asyncio.iscoroutine(waiting := do()):
                    await waiting
            case _:
                self.room.tell(unknown(order.name), "warning")
                return False
        return True

    def _orders(self) -> dict[str, Callable[[], Any]]:
        room = self.room
        return {
            "/again": self.action_again, "/fix": room.action_fix, "/undo": room.undo, "/closest": room.action_similar,
            "/system": self.action_settings, "/settings": self.action_settings, "/reset": self._reset,
            "/open": self._open, "/reload": self._start,
            "/near": room.action_similar, "/sampling": self.action_settings,  # as the shell's chat calls them
            "/help": lambda: room.tell("\n".join(f"{name:10} {words}" for name, words in ORDERS.items())),
        }  # fmt: skip

    def action_panes(self) -> None:
        """Both, the adapted one, the base."""
        modes = self.talker.modes
        if len(modes) < 2:
            loads = self.talker.state == "loading"
            self.room.tell("the model is loading" if loads else "only the base is here: train, then compare", "warning")
            return
        at = modes.index(self.talker.mode) if self.talker.mode in modes else -1
        self._choose(modes[(at + 1) % len(modes)])

    def _choose(self, mode: Mode) -> None:
        if mode in self.talker.modes:
            self.talker.set_mode(mode)
            self._draw()
        else:
            self.room.tell(f"there is no {mode} here: train, then compare", "warning")

    @work(exclusive=True, group="modal", exit_on_error=False)
    async def action_settings(self) -> None:
        """Ask how replies are to be made."""
        if self.talker.ready is None:
            self.room.tell("the model is loading", "warning")
        elif manner := await chat_questions.manner(self.app, self.talker):
            self._use(manner)

    def _use(self, manner: Manner) -> None:
        self.talker.set_manner(manner)
        self._draw()

    async def _reset(self) -> None:
        if self._idle():
            await self.talker.reset()

    @work(exclusive=True, group="modal", exit_on_error=False)
    async def _open(self) -> None:
        """Go on with an earlier talk."""
        try:
            found = await chat_questions.earlier_talk(self.app, self.talker, self._with)
        except UserError as error:
            self.room.tell(str(error), "warning")
            return
        if found and self._idle():
            system, exchanges = found
            await self.talker.open(exchanges)
            self._use(self.talker.manner.with_system(system))
            self.room.prompt.focus()

    async def action_again(self) -> None:
        """Have the last message answered again."""
        if self._idle() and (exchanges := self.talker.talk.exchanges):
            await self._again(exchanges[-1])

    @on(Room.Again)
    @work(exclusive=True, group="modal", exit_on_error=False)
    async def _again_from(self, event: Room.Again) -> None:
        event.stop()
        if (
            self._idle()
            and await chat_questions.whether_to_go_back(self.app, self.talker, event.exchange)
            and self._idle()
        ):
            await self._again(event.exchange)

    async def _again(self, exchange: Exchange) -> None:
        if self.talker.manner.temperature == 0 and all(r.stopped_by == "stop" for r in exchange.replies.values()):
            self.room.tell("at temperature 0 the same reply comes again: ctrl+l raises it")
        await self.talker.again_from(exchange)
        self.room.prompt.focus()
        self._draw()

    def _idle(self) -> bool:
        """Whether the worker waits for us; if not, that is said."""
        if self.talker.state == "ready":
            return True
        writes = self.talker.state == "writing"
        self.room.tell("the reply is being written: esc stops it" if writes else "no model is loaded", "warning")
        return False

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
        self.room.about = About(self._with, self._base, self.snapshot.recipe_path.with_name(corrections.FILE))
        busy = {self.snapshot.train, self.snapshot.evaluate} & {"running", "waiting"}
        slow = "a training is running: replies will be slow" if busy else self._slow
        name = f"adapter {self._with.id}" if self._with else f"base {Path(self._base).name}"
        self.query_one(ChatHead).show(self.talker, name, slow)
        number = self.snapshot.corrections.waiting
        self.room.saved(f"{_count(number)} saved, ctrl+n: train again" if number else "")
        self._welcome()
        self._hint()

    def _welcome(self) -> None:
        """What is said while nothing was said."""
        who = "Both models answer" if self.talker.mode == "both" else f"The {self.talker.mode} model answers"
        self.room.view.welcome(
            f"{who} what you type.\n\nsystem message: {self.talker.manner.system or '(none)'}\n\n"
            "ctrl+f   correct a reply: it becomes a training conversation\n"
            "ctrl+s   the training conversations closest to a reply\n"
            "ctrl+l   the system message, how replies are drawn\n"
            "/open    go on with an earlier talk"
        )


def _count(number: int) -> str:
    return f"{number} correction{'s' if number != 1 else ''}"


PANE = ChatPane
