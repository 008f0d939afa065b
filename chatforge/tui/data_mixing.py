"""What the stage Data asks about what is learned beside train, and the fields that follow from the answers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual.app import App

from chatforge.dialogues.texts.reading import READERS
from chatforge.project import beside
from chatforge.project.diagnosis import Limits
from chatforge.tui.data_asking import AS_IT_IS, Fields, ask, pick
from chatforge.tui.modals.lesson import Lesson, Row
from chatforge.tui.modals.question import Answer
from chatforge.tui.signs import Signs
from chatforge.words import plain

_OUT = Answer("out", "t", "Take it out of the recipe")
_SHARES = (
    Answer("0", "n", "None"),
    Answer("0.05", "1", "5%: one conversation in twenty"),
    Answer("0.1", "2", "10%: one in ten, a good start"),
    Answer("0.2", "3", "20%: one in five"),
)
_SHARES_WORDS = (
    "General chat comes with ChatForge. Mixed in, it keeps the model from forgetting what it could say before; "
    "it costs as much time as it is long."
)
_WEIGHTS = (
    Answer("0.5", "1", "Half of them, drawn by seed"),
    Answer("1", "2", "All of them, once"),
    Answer("2", "3", "All of them, twice"),
    Answer("3", "4", "All of them, three times"),
    _OUT,
)
_WEIGHTS_WORDS = "How often a pass learns each of its conversations; other numbers can be written in the recipe."


async def change_lesson(app: App[Any], recipe: Path, told: Sequence[str], signs: Signs) -> Fields:
    """Show what a pass learns and ask for one change; return the fields to set, none for no change.

    Raises:
        UserError: the recipe names a file already.
    """
    now = beside.beside_of(recipe)
    chosen = await app.push_screen_wait(Lesson(told, now, signs))
    match chosen:
        case Row("replay"):
            share = await ask(app, "How much general chat?", _SHARES_WORDS, AS_IT_IS, *_SHARES)
            return beside.with_replay(float(share)) if share else {}
        case Row("dataset", number):
            words = f"{plain(now.datasets[number].name, one_line=True)}\n\n{_WEIGHTS_WORDS}"
            weight = await ask(app, "How much of this dataset?", words, AS_IT_IS, *_WEIGHTS)
            if weight == _OUT.value:
                return beside.without_dataset(recipe, number)
            return beside.with_weight(recipe, number, float(weight)) if weight else {}
        case Row("text", number):
            words = f"{plain(now.texts[number], one_line=True)} is learned before the dialogues, as it stands."
            out = await ask(app, "Keep this text?", words, "Keep it", _OUT)
            return beside.without_text(recipe, number) if out else {}
        case Row("add-dataset"):
            path = await pick(app, recipe, "Add conversations to learn beside train")
            return beside.with_dataset(recipe, path) if path else {}
        case Row("add-text"):
            path = await pick(app, recipe, "Add a text of the domain", tuple(READERS))
            return beside.with_text(recipe, path) if path else {}
    return {}


async def ask_limit(app: App[Any], limits: Limits) -> Fields:
    """Ask for another max_length; return the fields to set, none for no change."""
    about = "" if limits.exact else "about "
    words = (
        f"{limits.longer:,} of {limits.conversations:,} conversations are longer than {limits.now:,} tokens. "
        "Longer ones need more memory and time: the stage Adapt tells how much."
    )
    answers = []
    if limits.now < limits.keeps_most < limits.keeps_all:
        answers.append(Answer(str(limits.keeps_most), "m", f"{about}{limits.keeps_most:,}: keeps 95% of them whole"))
    answers.append(Answer(str(limits.keeps_all), "a", f"{about}{limits.keeps_all:,}: keeps all of them whole"))
    chosen = await ask(app, "How long may a conversation be?", words, f"Keep {limits.now:,}", *answers)
    return {"training.max_length": int(chosen)} if chosen else {}
