"""`chatforge data check`: what is looked at, and how far it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.status import Status

from chatforge import paths
from chatforge.cli import console as screen
from chatforge.cli.console import say
from chatforge.dialogues import reading
from chatforge.dialogues.checks.doctor import Examination, examine
from chatforge.dialogues.checks.likeness import Likeness
from chatforge.dialogues.checks.truncation import TooLong, Truncation
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import Source, open_source
from chatforge.dialogues.tidy import Tidied
from chatforge.errors import UserError
from chatforge.recipe.evaluation import Evaluation
from chatforge.recipe.schema import DEFAULT_BASE, DEFAULT_SYSTEM, Further, Training

if TYPE_CHECKING:
    from chatforge.dialogues.leakage import Leakage
    from chatforge.dialogues.privacy import Report

RECIPES = (".yaml", ".yml")
TELL_EVERY = 50
LIMIT = 1024
"""Tokens that are kept unless a recipe or a user says otherwise; the same in `data show`."""


@dataclass(frozen=True)
class Asked:
    """What is to be looked at.

    Attributes:
        train, valid, test: files of that part. further: datasets that are learned beside train, in forms of their own.
        base: whose tokens are counted, up to `limit`; None: lengths are of no interest.
    """

    train: tuple[Path, ...]
    valid: tuple[Path, ...] = ()
    test: tuple[Path, ...] = ()
    form: str = reading.AUTO
    choices: Choices = field(default_factory=Choices)
    base: str | None = None
    limit: int = LIMIT
    system: str = DEFAULT_SYSTEM
    too_long: TooLong = Training.model_fields["too_long"].default
    encoder: str = Evaluation.model_fields["encoder"].default
    further: tuple[Further, ...] = ()


@dataclass(frozen=True)
class Checked:
    """What was found; None where nobody asked."""

    found: Examination
    lengths: Truncation | None
    leaks: "Leakage | None"
    private: "Report | None"


def asked(
    files: Sequence[Path],
    recipe: Path | None,
    form: str,
    assistant: str | None,
    base: str | None,
    max_length: int | None,
) -> Asked:
    """Bring together what a recipe and the command line say; the command line has the last word.

    Raises:
        UserError: nothing to look at; a recipe among other files; a recipe with problems.
    """
    recipes = [file for file in files if file.suffix.lower() in RECIPES]
    if recipes and (recipe or len(files) > 1):
        raise UserError("a recipe is looked at alone", file=recipes[0], hint="name other files with --recipe RECIPE")
    if recipes:
        files, recipe = (), recipes[0]
    if recipe:
        return _of_recipe(recipe, files, form, assistant, base, max_length)
    if not files:
        raise UserError("nothing to look at", hint="name a dialogue file, a folder of them or a recipe")
    counted = base or (DEFAULT_BASE if max_length else None)
    limit = max_length or LIMIT
    return Asked(tuple(files), form=form, choices=Choices(assistant), base=counted, limit=limit)


def _of_recipe(
    path: Path, files: Sequence[Path], form: str, assistant: str | None, base: str | None, max_length: int | None
) -> Asked:
    from chatforge.project.data_files import length_limit
    from chatforge.recipe.files import load_recipe

    loaded = load_recipe(path)
    for note in loaded.notes:
        say(screen.err(), note)
    recipe, data = loaded.recipe, loaded.recipe.data
    if data.mix and not files:
        say(screen.err(), "data.mix is not looked at: name its files by themselves, `chatforge data check FILE…`")
    return Asked(
        tuple(files or data.train),
        () if files else tuple(data.valid),
        () if files else tuple(data.test),
        data.type if form == reading.AUTO else form,
        Choices(assistant or data.assistant, data.columns),
        base or recipe.model.base,
        max_length or length_limit(loaded),
        data.system,
        recipe.training.too_long,
        recipe.evaluation.encoder,
        () if files else tuple(data.mix),
    )


def check(
    asked: Asked, against: Sequence[Path], *, quick: bool, meaning: bool, personal: bool
) -> tuple[Checked, list[Source]]:
    """Look at everything that was asked for; return what was found, and the files that were examined.

    Args:
        against: held-out files that are compared but not examined, instead of the recipe's test files.

    Raises:
        UserError: a file cannot be read; the encoder or the base's tokenizer cannot be used.
    """
    from chatforge.dialogues.privacy import look_through
    from chatforge.models.sources import folder_here, locate
    from chatforge.models.store import Store

    train, valid, test = (opened(part, asked.form, asked.choices) for part in (asked.train, asked.valid, asked.test))
    for one in asked.further:
        train += opened(one.files, one.type, Choices(one.assistant, one.columns))
    held_out = opened(against, asked.form, asked.choices) if against else test
    if meaning and not held_out:
        raise UserError("--meaning compares with held-out files", hint="name them with --against FILE")
    everything, store = [*train, *valid, *test], Store(paths.store(paths.home()))
    # Looked for first: what is missing is told before the work, not after it.
    encoder = folder_here(asked.encoder, store, what="encoder") if meaning else None
    base = locate(asked.base, store).path if asked.base else None
    with _Progress() as progress:
        found = examine(everything, None if quick else Likeness(), lambda done: progress("looked at", done))
        lengths = _lengths(asked, base, [*train, *valid], found, progress) if asked.base else None
        leaks = _leaks(train, held_out, found, encoder, progress) if held_out else None
        private = look_through(conversations(everything)) if personal else None
    return Checked(found, lengths, leaks, private), everything


def opened(files: Sequence[Path], form: str, choices: Choices) -> list[Source]:
    """Open dialogue files, those in folders, too, and say what was guessed about them.

    Raises:
        UserError: a file cannot be read, or has no form that is known.
    """
    sources = []
    for path in files:
        for file in reading.files_of(path):
            source = open_source(file, form, choices)
            for note in source.container.notes:
                say(screen.err(), f"{file.name}: {note}")
            sources.append(source)
    return sources


def conversations(sources: Sequence[Source]) -> Iterator[Conversation]:
    """What can be learned of files."""
    for source in sources:
        yield from (one.conversation for one in source.read() if isinstance(one, Tidied))


class _Progress:
    """Shows how far it is, where somebody sees it. A context manager."""

    def __init__(self) -> None:
        console = screen.err()
        self._status = Status("looking", console=console) if console.is_terminal else None

    def __enter__(self) -> "_Progress":
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, doing: str, done: int, total: int | None = None) -> None:
        if self._status:
            self._status.update(f"{doing} {done:,}{f' of {total:,}' if total else ''} conversations")


def _lengths(
    asked: Asked, folder: Path | None, sources: Sequence[Source], found: Examination, progress: _Progress
) -> Truncation:
    """Measure what is trained on, and add what is too long to the findings."""
    from chatforge.project.lengths import lengths

    truncation = Truncation(asked.base or "", asked.limit, asked.too_long, exact=folder is not None)
    total = sum(file.conversations for file in found.files[: len(sources)])
    measured = lengths(conversations(sources), folder, asked.system, asked.limit)
    for count, (conversation, length) in enumerate(measured, start=1):
        for finding in truncation.add(conversation, length):
            found.add(finding)
        if count % TELL_EVERY == 0:
            progress("measured", count, total)
    found.notes = (*found.notes, *filter(None, [truncation.note]))
    return truncation


def _leaks(
    train: Sequence[Source],
    held_out: Sequence[Source],
    found: Examination,
    encoder: Path | None,
    progress: _Progress,
) -> "Leakage":
    """Compare the held-out conversations with what is trained on; also their meaning, if there is an encoder."""
    from chatforge.dialogues.leakage import find_leakage
    from chatforge.project.meaning import look_alike

    mine, theirs = list(conversations(held_out)), list(conversations(train))
    leaks = find_leakage(mine, theirs)
    if encoder is None:
        return leaks

    def told(done: int, total: int) -> None:
        progress("read for their meaning", done, total)

    leaks, notes = look_alike(leaks, mine, theirs, encoder, told)
    found.notes = (*found.notes, *notes)
    return leaks
