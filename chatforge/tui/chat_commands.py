"""The commands that can be typed into a talk on the screen: their words, and what does them."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

from chatforge.chat.commands import COMMANDS, Order
from chatforge.chat.protocol import Mode
from chatforge.errors import UserError, did_you_mean
from chatforge.paths import expand
from chatforge.project.talk import Exchange
from chatforge.runs.folder import RunFolder
from chatforge.tui import chat_questions
from chatforge.tui.chat_talker import State
from chatforge.tui.modals.log import Lines
from chatforge.tui.modals.sampling import Manner
from chatforge.tui.widgets.room import Room

ORDERS: Mapping[str, str] = {**COMMANDS, "/reload": "start the model anew"}
"""What can be typed, and its sentence."""

WITH_TEXT = ("/system", "/save")
"""Commands that are nothing without what stands behind them."""


def waits(order: Order, state: State) -> bool:
    """Whether a command must wait until the model has done what it does now."""
    return order.name != "/help" and (state == "writing" or (state == "loading" and order.name != "/open"))


def hint(text: str) -> str:
    """What to say about a line that begins as a command does; "" if there is none such."""
    if not text.startswith("/"):
        return ""
    word = text.split(" ")[0]
    matching = [name for name in ORDERS if name.startswith(word)]
    if word in ORDERS or len(matching) == 1:
        name = word if word in ORDERS else matching[0]
        return f"{name}   {ORDERS[name]}"
    return " ".join(matching)


def unknown(name: str) -> str:
    """What to say about a command that is none."""
    guess = did_you_mean(name, ORDERS)
    return f"there is no command {name}{f': {guess}' if guess else ''} (/help lists them)"


class Commander:
    """Does commands.

    Args:
        room: where the talk is. draw: draws what stands around it. start: starts the model anew.
        run: tells which run is talked with.
    """

    def __init__(
        self, room: Room, draw: Callable[[], None], start: Callable[[], None], run: Callable[[], RunFolder | None]
    ) -> None:
        self._room, self._talker = room, room.talker
        self._draw, self._start, self._run = draw, start, run

    async def obey(self, order: Order) -> bool:
        """Do a command; return whether that could be begun."""
        match order:
            case Order("/both" | "/adapted" | "/base" as name):
                self._choose(cast("Mode", name.removeprefix("/")))
            case Order("/system", text) if text:
                self._use(self._talker.manner.with_system(text))
                self._room.tell("the system message is changed; the talk stays (/reset drops it)")
            case Order("/save", ""):
                self._room.tell("say where: /save FILE", "warning")
                return False
            case Order("/save", file):
                self._talker.save(str(expand(file).absolute()))
            case Order(name) if do := self._orders().get(name):
                if asyncio.iscoroutine(waiting := do()):
                    await waiting
            case _:
                self._room.tell(unknown(order.name), "warning")
                return False
        return True

    def _orders(self) -> dict[str, Callable[[], Any]]:
        room = self._room
        return {
            "/again": self.again, "/fix": room.action_fix, "/undo": room.undo, "/closest": room.action_similar,
            "/system": self.settings, "/sampling": self.settings, "/reset": self._reset,
            "/open": lambda: self._beside(self._open()), "/reload": self._reload,
            "/help": self._help,
        }  # fmt: skip

    def _help(self) -> None:
        lines = [f"{name:10} {words}" for name, words in ORDERS.items()]
        self._room.app.push_screen(Lines("What can be typed", lambda: lines, once=True))

    def _reload(self) -> None:
        if self._talker.state == "writing":
            self._room.tell("the reply is being written: esc stops it", "warning")
        else:
            self._start()

    def panes(self) -> None:
        """Show both, the adapted one, the base, in turn."""
        modes = self._talker.modes
        if len(modes) < 2:
            loads = self._talker.state == "loading"
            why = "the model is loading" if loads else "only the base is here: train, then compare"
            self._room.tell(why, "warning")
            return
        at = modes.index(self._talker.mode) if self._talker.mode in modes else -1
        self._choose(modes[(at + 1) % len(modes)])

    def settings(self) -> None:
        """Ask how replies are to be made."""
        self._beside(self._settings())

    async def again(self) -> None:
        """Have the last message answered again."""
        if self._idle() and (exchanges := self._talker.talk.exchanges):
            await self._again(exchanges[-1])

    def again_from(self, exchange: Exchange) -> None:
        """Have an earlier message answered again; asks before later ones leave the talk."""
        self._beside(self._again_from(exchange))

    def _beside(self, asking: Coroutine[Any, Any, None]) -> None:
        """Ask something in a window of its own, one at a time."""
        self._room.run_worker(asking, exclusive=True, group="modal", exit_on_error=False)

    async def _settings(self) -> None:
        if self._talker.ready is None:
            self._room.tell("the model is loading", "warning")
        elif manner := await chat_questions.manner(self._room.app, self._talker):
            self._use(manner)

    async def _open(self) -> None:
        """Go on with an earlier talk."""
        try:
            found = await chat_questions.earlier_talk(self._room.app, self._talker, self._run())
        except UserError as error:
            self._room.tell(str(error), "warning")
            return
        if found and (self._talker.state == "loading" or self._idle()):
            system, exchanges = found
            await self._talker.open(exchanges, system)
            self._draw()
            self._room.prompt.focus()

    async def _again_from(self, exchange: Exchange) -> None:
        if not self._idle():
            return
        if await chat_questions.whether_to_go_back(self._room.app, self._talker, exchange) and self._idle():
            await self._again(exchange)

    async def _again(self, exchange: Exchange) -> None:
        if self._talker.manner.temperature == 0 and all(r.stopped_by == "stop" for r in exchange.replies.values()):
            self._room.tell("at temperature 0 the same reply comes again: ctrl+l raises it")
        await self._talker.again_from(exchange)
        self._room.prompt.focus()
        self._draw()

    async def _reset(self) -> None:
        if self._idle():
            await self._talker.reset()

    def _choose(self, mode: Mode) -> None:
        if mode in self._talker.modes:
            self._talker.set_mode(mode)
            self._draw()
        else:
            self._room.tell(f"there is no {mode} here: train, then compare", "warning")

    def _use(self, manner: Manner) -> None:
        self._talker.set_manner(manner)
        self._draw()

    def _idle(self) -> bool:
        """Whether the worker waits for us; if not, that is said."""
        if self._talker.state == "ready":
            return True
        writes = self._talker.state == "writing"
        self._room.tell("the reply is being written: esc stops it" if writes else "no model is loaded", "warning")
        return False
