"""What the stage Data asks: what a file is for, which one shall go, who is the assistant, what becomes of bad lines.

Each returns the fields of the recipe that follow from the answer.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import digits
from typing import Any

from textual.app import App

from chatforge.dialogues.division import PARTS
from chatforge.dialogues.survey import Survey
from chatforge.project import beside, data_files
from chatforge.project.data_files import Named
from chatforge.tui.data_asking import AS_IT_IS, Fields, ask, pick
from chatforge.tui.modals.bad_lines import BadLines
from chatforge.tui.modals.question import Answer
from chatforge.tui.modals.write import WriteText
from chatforge.words import plain

NUMBERS = digits[1:]
"""Keys of answers that have no letter of their own."""

_BESIDE = "mix"
_PARTS = (
    Answer("train", "t", "train: learn from it"),
    Answer("valid", "v", "valid: choose by it when to stop"),
    Answer("test", "h", "test: hold it out, to judge by"),
    Answer(_BESIDE, "m", "mix: learn it beside train, by weight; nothing of it is held out"),
)
_PARTS_WORDS = "What is judged by must not be learned from: the same conversation belongs in one of them only."


async def ask_new_file(app: App[Any], recipe: Path, *, first: bool) -> Fields:
    """Ask for one more file and what it is for; the first one is to learn from.

    Raises:
        UserError: the recipe names it already.
    """
    path = await pick(app, recipe, "Add a file of conversations")
    if path is None:
        return {}
    if first:
        return data_files.with_file(recipe, "train", path)
    chosen = await ask(app, "What is it for?", _PARTS_WORDS, "Leave it out", *_PARTS)
    if chosen == _BESIDE:
        return beside.with_dataset(recipe, path)
    return next((data_files.with_file(recipe, part, path) for part in PARTS if part == chosen), {})


async def ask_file(app: App[Any], recipe: Path, files: Sequence[Named]) -> Fields:
    """Ask which file shall go."""
    text = "It is only taken out of the recipe; the file itself stays where it is."
    labels = [f"{file.part}: {file.word}" for file in files]
    at = await _ask_one(app, "Which file shall go?", text, "Keep all of them", labels)
    return {} if at is None else data_files.without_file(recipe, files[at])


async def ask_assistant(app: App[Any], speakers: Sequence[str]) -> Fields:
    """Ask whose words are to be learned."""
    text = "What this one says is learned; what the others say is what it answers. It is written to data.assistant."
    if (more := len(speakers) - len(NUMBERS)) > 0:
        text += f" {more} more speakers are not listed: name one in the recipe."
    at = await _ask_one(app, "Who is the assistant?", text, AS_IT_IS, speakers)
    return {} if at is None else {"data.assistant": speakers[at]}


async def ask_bad_lines(app: App[Any], survey: Survey, now: str) -> int | Fields:
    """Show bad lines; return the row of one to go to, or what becomes of them."""
    chosen = await app.push_screen_wait(BadLines(survey.bad, survey.bad_count, now))
    return chosen if isinstance(chosen, int) else {"data.bad_lines": chosen} if chosen and chosen != now else {}


async def ask_system(app: App[Any], now: str) -> Fields:
    """Ask for the system message."""
    why = "Who the assistant is: it stands before every conversation, in training, evaluation and chat alike."
    text = await app.push_screen_wait(WriteText("System message", now, why))
    return {"data.system": text} if text and text != now else {}


async def _ask_one(app: App[Any], title: str, text: str, safe: str, labels: Iterable[str]) -> int | None:
    """Ask for one of some things, as many as there are numbers."""
    answers = [
        Answer(str(i), key, plain(label, one_line=True)[:60])
        for i, (key, label) in enumerate(zip(NUMBERS, labels, strict=False))
    ]
    chosen = await ask(app, title, text, safe, *answers)
    return int(chosen) if chosen else None
