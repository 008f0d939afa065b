"""What a talk asks in windows of their own: how to answer, which talk to open, whether to go back."""

import asyncio
from pathlib import Path

from textual.app import App

from chatforge.chat import transcript
from chatforge.errors import UserError
from chatforge.project.talk import Exchange, from_turns
from chatforge.runs.folder import RunFolder
from chatforge.tui.chat_talker import Talker
from chatforge.tui.modals.question import Answer, Question
from chatforge.tui.modals.sampling import Manner, Sampling
from chatforge.tui.modals.talks import Talks


async def manner(app: App[None], talker: Talker) -> Manner | None:
    """How replies are to be made from now on; None if as they are."""
    return await app.push_screen_wait(Sampling(talker.manner, talker.of_run))


async def whether_to_go_back(app: App[None], talker: Talker, exchange: Exchange) -> bool:
    """Whether an exchange is to be answered again although others came after it."""
    exchanges = talker.talk.exchanges
    later = len(exchanges) - 1 - exchanges.index(exchange)
    if not later:
        return True
    words = f"{later} later exchange{'s' if later > 1 else ''} will leave the talk. The transcript keeps all."
    answers = [Answer("stay", "s", "Stay"), Answer("again", "a", "Answer again from here", "warning")]
    return await app.push_screen_wait(Question("Answer again?", words, answers)) == "again"


async def earlier_talk(app: App[None], talker: Talker, run: RunFolder | None) -> tuple[str, list[Exchange]] | None:
    """An earlier talk to go on with: its system message and exchanges; None if none was chosen.

    Raises:
        UserError: there is none, or it cannot be read.
    """
    if run is None:
        raise UserError("talks with a base are not kept: there is no run to keep them in")
    now = talker.ready.transcript if talker.ready else None
    kept = await asyncio.to_thread(transcript.list_transcripts, run, without=Path(now) if now else None)
    if not kept:
        raise UserError("there is no earlier talk with this run")
    path = await app.push_screen_wait(Talks(kept))
    if path is None:
        return None
    system, turns = await asyncio.to_thread(transcript.latest, path)
    return system, from_turns(turns)
