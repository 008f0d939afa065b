"""`chatforge data`: look at dialogue files before they are trained on: what is in them, what is wrong with them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chatforge.cli import console as screen
from chatforge.cli.console import say
from chatforge.cli.options import json_option, show_json
from chatforge.dialogues import reading
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import Source, open_source
from chatforge.dialogues.tidy import Tidied
from chatforge.errors import UserError
from chatforge.recipe.schema import DEFAULT_BASE, DEFAULT_SYSTEM
from chatforge.words import count_text, plain

if TYPE_CHECKING:
    from chatforge.dialogues.leakage import Leakage

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
FORM = click.option("--type", "form", default=reading.AUTO, metavar="FORM", help="Form of the files; else found out.")
ASSISTANT = click.option("--assistant", metavar="NAME", help="Which speaker's words are to be learned.")


@click.group()
def data() -> None:
    """Look at dialogue files: what is in them, what is wrong with them, what a model gets of them."""


@data.command("check")
@FILES
@FORM
@ASSISTANT
@click.option("--fix", is_flag=True, help="Write a repaired copy beside each file; the original stays as it is.")
@click.option("--quick", is_flag=True, help="Leave out what is nearly the same: that takes longest.")
@click.option(
    "--against", multiple=True, type=click.Path(path_type=Path), help="A held-out file: is any of it in FILES already?"
)
@click.option("--personal", is_flag=True, help="Look for personal data, too: names, numbers, addresses.")
@click.option("--all", "everything", is_flag=True, help="List every place, not only the first three of a kind.")
@json_option
def check_command(
    files: tuple[Path, ...],
    form: str,
    assistant: str | None,
    fix: bool,
    quick: bool,
    against: tuple[Path, ...],
    personal: bool,
    everything: bool,
    as_json: bool,
) -> int:
    """Find what is wrong with dialogue files, and where.

    \b
    Exit codes: 0 nothing that keeps a conversation from being learned;
    1 something does, or held-out conversations are in the training files.
    """
    from chatforge.cli import data_words
    from chatforge.dialogues.checks.doctor import examine
    from chatforge.dialogues.checks.likeness import Likeness
    from chatforge.dialogues.privacy import look_through

    sources = _open(files, form, assistant)
    with _counting("looked at {} conversations") as told:
        found = examine(sources, None if quick else Likeness(), told)
        leaks = _leaks(sources, _open(against, form, assistant)) if against else None
        private = look_through(_read(sources)) if personal else None
    if as_json:
        show_json(data_words.as_json(found, leaks, private))
    else:
        for line in data_words.lines(found, leaks, private, places=None if everything else 3):
            screen.out().print(line, soft_wrap=True)
    if fix:
        for source in sources:
            _fix(source)
    elif found.found and not as_json and any(check.mend for check in found.found):
        say(screen.err(), "`--fix` writes repaired copies; the originals stay as they are")
    return 1 if (leaks and leaks.leaks) or (found.has("error") and not fix) else 0


@data.command("convert")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("to", type=click.Path(path_type=Path))
@FORM
@ASSISTANT
def convert_command(file: Path, to: Path, form: str, assistant: str | None) -> None:
    """Write FILE, of whatever form, to the new file TO: one conversation as JSON a line."""
    from chatforge.dialogues.checks.rewrite import only_convert, rewrite

    (source,) = _open([file], form, assistant)
    done = rewrite(source, to, only_convert, unique=False)
    say(screen.err(), f"{file.name} is {source.form.NAME}: {source.form.WHAT}")
    say(screen.err(), f"{count_text(done.same + done.changed)} conversations in {to}")
    for what, count in done.counts.most_common():
        say(screen.err(), f"  {what}: {count}")
    if done.log:
        say(screen.err(), f"what was changed or left out, line by line: {done.log}")


@data.command("anonymise")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("to", type=click.Path(path_type=Path))
@FORM
@ASSISTANT
@click.option("--keep", multiple=True, metavar="WORDS", help="What is nobody's secret, such as the shop's own number.")
@click.option("--seed", default=7, show_default=True, help="Draws the words that are put in.")
def anonymise_command(file: Path, to: Path, form: str, assistant: str | None, keep: tuple[str, ...], seed: int) -> None:
    """Write FILE to the new file TO, with other names, numbers and addresses in it.

    The same person has the same new name throughout a conversation. The
    rules find much, not all: read the result before you hand it on.
    """
    from chatforge.dialogues.checks.rewrite import anonymising, rewrite

    (source,) = _open([file], form, assistant)
    done = rewrite(source, to, anonymising(seed, keep), unique=False)
    say(screen.err(), f"{done.changed} of {done.same + done.changed} conversations had personal data; written to {to}")
    for what, count in done.counts.most_common():
        say(screen.err(), f"  {what}: {count}")
    say(screen.err(), "The rules find much, not all: read the result before you hand it on.")


@data.command("show")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("number", type=click.IntRange(min=1), default=1)
@FORM
@ASSISTANT
@click.option("--base", default=DEFAULT_BASE, show_default=True, help="The base model whose template is used.")
@click.option("--system", default=DEFAULT_SYSTEM, help="System message for conversations without one.")
@click.option(
    "--max-length", type=click.IntRange(min=16), default=1024, show_default=True, help="Tokens that are kept."
)
def show_command(
    file: Path, number: int, form: str, assistant: str | None, base: str, system: str, max_length: int
) -> None:
    """Show conversation NUMBER of FILE as the model will see it: every token, learned ones marked."""
    from chatforge.cli.data_show import show

    (source,) = _open([file], form, assistant)
    show(source, number, base, system, max_length)


@data.command("formats")
def formats_command() -> None:
    """List the forms of files that can be read."""
    from chatforge.dialogues.formats.known import FORMATS

    width = max(len(one.NAME) for one in FORMATS)
    for one in FORMATS:
        screen.out().print(f"{one.NAME:<{width}}  {one.WHAT}", soft_wrap=True)


def _open(files: Sequence[Path], form: str, assistant: str | None) -> list[Source]:
    sources = []
    for path in files:
        for file in reading.files_of(path):
            source = open_source(file, form, Choices(assistant=assistant))
            for note in source.container.notes:
                say(screen.err(), f"{file.name}: {note}")
            sources.append(source)
    if not sources:
        raise UserError("there is no dialogue file in it", file=files[0])
    return sources


def _leaks(train: Sequence[Source], held_out: Sequence[Source]) -> "Leakage":
    from chatforge.dialogues.leakage import find_leakage

    return find_leakage(list(_read(held_out)), list(_read(train)))


def _read(sources: Sequence[Source]) -> Iterator[Conversation]:
    """What can be learned of files."""
    for source in sources:
        yield from (one.conversation for one in source.read() if isinstance(one, Tidied))


def _fix(source: Source) -> None:
    from chatforge.dialogues.checks.rewrite import rewrite

    name = source.path.name.removesuffix(".gz").removesuffix(".zst")
    to = source.path.with_name(f"{Path(name).stem}.fixed.jsonl")
    done = rewrite(source, to)
    words = f"{done.same} as they were, {done.changed} repaired, {done.left_out} left out"
    say(screen.err(), f"{plain(str(to))}: {words}" + (f"; see {done.log}" if done.log else ""))


@contextmanager
def _counting(words: str) -> Iterator[Callable[[int], None]]:
    """Show how far it is, where somebody sees it."""
    console = screen.err()
    if not console.is_terminal:
        yield lambda done: None
        return
    with console.status(words.format(0)) as status:
        yield lambda done: status.update(words.format(f"{done:,}"))
