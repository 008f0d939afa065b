"""Copies of a project's files, mended or anonymised: what they would be, writing them, naming them in the recipe."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from textual.app import App

from chatforge.chat import corrections
from chatforge.dialogues.checks.copies import ANONYMISED, Purpose
from chatforge.dialogues.checks.finding import CHECKS
from chatforge.dialogues.formats.choices import Choices
from chatforge.errors import UserError
from chatforge.project import copies_client
from chatforge.project.copies_client import Copy, Told
from chatforge.project.data_files import with_copies
from chatforge.tui.data_asking import Fields, ask
from chatforge.tui.modals.question import Answer
from chatforge.tui.modals.working import Working
from chatforge.words import plain

MOST_KINDS = 6
"""How many kinds of changes are named for each file."""

_READ_IT = "\n\nThe rules find much, not all: read a copy before you hand it on."


async def offer_copies(
    app: App[Any], recipe: Path, files: Sequence[Path], read_as: tuple[str, Choices], purpose: Purpose
) -> Fields:
    """Say what copies would be, write them if that is wanted, and ask whether the recipe shall name them.

    Args:
        read_as: the form of the files, and what was said about them.

    Returns:
        The fields to set in the recipe; none if it stays as it is.

    Raises:
        UserError: there is nothing to do, a copy is there already or cannot be written, a file cannot be read.
    """
    # Corrections grow while one chats, a copy would not.
    named = [file for file in dict.fromkeys(files) if file.name != corrections.FILE]
    plans = await _beside(app, "What copies would be", named, read_as, purpose)
    if plans is None:
        return {}
    if not plans:
        raise UserError("a copy would be no different")
    taken = [plan.to for plan in plans if plan.to.exists()]
    if taken:
        raise UserError(f"{taken[0].name} is there already, from an earlier time", hint="rename it, or remove it")
    if not await _wanted(app, plans, purpose):
        return {}
    total = sum(plan.same + plan.changed + plan.left_out for plan in plans)
    paths = [plan.path for plan in plans]
    written = await _beside(app, "Writing copies", paths, read_as, purpose, write=True, total=total)
    if written is None:
        app.notify("nothing was written", markup=False)
        return {}
    return with_copies(recipe, {one.path: one.to for one in written}) if await _used(app, written, purpose) else {}


async def _beside(
    app: App[Any],
    title: str,
    files: Sequence[Path],
    read_as: tuple[str, Choices],
    purpose: Purpose,
    *,
    write: bool = False,
    total: int = 0,
) -> list[Copy] | None:
    """Have a process go through files, and say how far it is; None: it was left."""

    async def job(told: Told) -> list[Copy]:
        return await copies_client.copy(files, read_as, purpose, told, write=write)

    done = await app.push_screen_wait(Working(title, job, "conversations", total))
    if isinstance(done, UserError):
        raise done
    return done


async def _wanted(app: App[Any], plans: Sequence[Copy], purpose: Purpose) -> bool:
    what = f"{'anonymised' if purpose is ANONYMISED else 'mended'} {'copy' if len(plans) == 1 else 'copies'}"
    text = "\n".join(line for plan in plans for line in _plan_lines(plan, purpose))
    text += "\n\nThe original stays as it is." if len(plans) == 1 else "\n\nThe originals stay as they are."
    write = Answer("write", "w", f"Write the {what}")
    return bool(await ask(app, f"Write the {what}?", text, "Write nothing", write))


async def _used(app: App[Any], written: Sequence[Copy], purpose: Purpose) -> bool:
    names = ", ".join(plain(done.to.name, one_line=True) for done in written)
    it, copies_, originals = ("it", "copy", "original") if len(written) == 1 else ("them", "copies", "originals")
    text = (
        f"Written: {names}. The log beside {it} (*.log.jsonl) tells every change.\n\n"
        f"The recipe can name {it} instead of the {originals}. "
        f"The way back: d takes the {copies_} out again, a adds the {originals}."
    )
    text += _READ_IT if purpose is ANONYMISED else ""
    use = Answer("use", "u", f"Use the {copies_}")
    return bool(await ask(app, f"Use {it} in the recipe?", text, "Keep the recipe", use))


def _plan_lines(found: Copy, purpose: Purpose) -> Iterable[str]:
    changed = "with personal details" if purpose is ANONYMISED else "to be repaired"
    yield plain(f"{found.path.name} -> {found.to.name}", one_line=True)
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
