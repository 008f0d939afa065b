"""Copies of a project's files, mended or anonymised: what they would be, writing them, naming them in the recipe."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App

from chatforge.chat import corrections
from chatforge.dialogues.checks.finding import CHECKS
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import Source, open_source
from chatforge.errors import UserError
from chatforge.project import copies
from chatforge.project.copies import ANONYMISED, Purpose
from chatforge.project.data_files import with_copies
from chatforge.tui.modals.question import Answer, Question
from chatforge.words import plain

if TYPE_CHECKING:
    from chatforge.dialogues.checks.rewrite import Rewritten

MOST_KINDS = 6
"""How many kinds of changes are named for each file."""

_READ_IT = "\n\nThe rules find much, not all: read a copy before you hand it on."


AT_A_TIME = 0.004
"""Seconds of work between two rests that are as long: a key is then never waiting for more than that."""


class _Breath:
    """Rests as long as it works."""

    def __init__(self) -> None:
        self._rested = time.perf_counter()

    def __call__(self) -> None:
        if time.perf_counter() - self._rested > AT_A_TIME:
            time.sleep(AT_A_TIME)
            self._rested = time.perf_counter()


async def offer_copies(
    app: App[Any], recipe: Path, files: Sequence[Path], read_as: tuple[str, Choices], purpose: Purpose
) -> Mapping[str, Any]:
    """Say what copies would be, write them if that is wanted, and ask whether the recipe shall name them.

    Args:
        read_as: the form of the files, and what was said about them.

    Returns:
        The fields to set in the recipe; none if it stays as it is.

    Raises:
        UserError: there is nothing to do, a copy is there already or cannot be written, a file cannot be read.
    """
    plans = await asyncio.to_thread(_plans, files, read_as, purpose)
    if not plans:
        raise UserError("a copy would be no different")
    taken = [found.to for _, found in plans if found.to.exists()]
    if taken:
        raise UserError(f"{taken[0].name} is there already, from an earlier time", hint="rename it, or remove it")
    if not await _wanted(app, plans, purpose):
        return {}
    written = await asyncio.to_thread(lambda: [(one.path, copies.write(one, purpose, _Breath())) for one, _ in plans])
    if not await _used(app, written, purpose):
        return {}
    return with_copies(recipe, {path: done.to for path, done in written})


def _plans(files: Sequence[Path], read_as: tuple[str, Choices], purpose: Purpose) -> "list[tuple[Source, Rewritten]]":
    """What would become of each file of which a copy would be another; corrections grow while one chats, a copy not."""
    sources = [open_source(file, *read_as) for file in dict.fromkeys(files) if file.name != corrections.FILE]
    plans = ((source, copies.preview(source, purpose, _Breath())) for source in sources)
    return [(source, found) for source, found in plans if copies.differs(source, found)]


async def _wanted(app: App[Any], plans: "Sequence[tuple[Source, Rewritten]]", purpose: Purpose) -> bool:
    what = f"{'anonymised' if purpose is ANONYMISED else 'mended'} {'copy' if len(plans) == 1 else 'copies'}"
    text = "\n".join(line for source, found in plans for line in _plan_lines(source.path, found, purpose))
    answers = [Answer("", "k", "Write nothing"), Answer("write", "w", f"Write the {what}")]
    text += "\n\nThe original stays as it is." if len(plans) == 1 else "\n\nThe originals stay as they are."
    question = Question(f"Write the {what}?", text, answers)
    chosen = await app.push_screen_wait(question)
    return bool(chosen)


async def _used(app: App[Any], written: "Sequence[tuple[Path, Rewritten]]", purpose: Purpose) -> bool:
    names = ", ".join(plain(done.to.name, one_line=True) for _, done in written)
    it, copies_, originals = ("it", "copy", "original") if len(written) == 1 else ("them", "copies", "originals")
    text = (
        f"Written: {names}. The log beside {it} (*.log.jsonl) tells every change.\n\n"
        f"The recipe can name {it} instead of the {originals}. "
        f"The way back: d takes the {copies_} out again, a adds the {originals}."
    )
    text += _READ_IT if purpose is ANONYMISED else ""
    answers = [Answer("", "k", "Keep the recipe"), Answer("use", "u", f"Use the {copies_}")]
    chosen = await app.push_screen_wait(Question(f"Use {it} in the recipe?", text, answers))
    return bool(chosen)


def _plan_lines(path: Path, found: "Rewritten", purpose: Purpose) -> Iterable[str]:
    changed = "with personal details" if purpose is ANONYMISED else "to be repaired"
    yield plain(f"{path.name} -> {found.to.name}", one_line=True)
    yield f"  {found.changed:,} {changed}, {found.left_out:,} left out, {found.same:,} as they are"
    for what, count in found.counts.most_common(MOST_KINDS):
        check = CHECKS.get(what)
        words = _WORDS.get(what) or (check.title if check else plain(what, one_line=True))
        yield f"  - {words}: {count:,}"
    if len(found.counts) > MOST_KINDS:
        yield f"  and {len(found.counts) - MOST_KINDS} more kinds"


_WORDS = {
    "broken": "left out: cannot be read",
    "left out": "left out: nothing in it can be learned",
    "duplicate": "left out: the same conversation again",
    "tool": "messages of tools left out",
}
