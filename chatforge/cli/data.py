"""`chatforge data`: look at dialogue files before they are trained on: what is in them, what is wrong with them."""

from pathlib import Path

import click

from chatforge.cli import console as screen
from chatforge.cli.console import say
from chatforge.cli.options import json_option, show_json
from chatforge.dialogues import reading
from chatforge.dialogues.checks import copies
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import Source
from chatforge.errors import UserError
from chatforge.recipe.schema import DEFAULT_BASE, DEFAULT_SYSTEM
from chatforge.words import count_text, plain

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
FORM = click.option("--type", "form", default=reading.AUTO, metavar="FORM", help="Form of the files; else found out.")
ASSISTANT = click.option("--assistant", metavar="NAME", help="Which speaker's words are to be learned.")


@click.group()
def data() -> None:
    """Look at dialogue files: what is in them, what is wrong with them, what a model gets of them."""


@data.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@FORM
@ASSISTANT
@click.option("--fix", is_flag=True, help="Write a repaired copy beside each file; the original stays as it is.")
@click.option("--quick", is_flag=True, help="Leave out what is nearly the same: that takes longest.")
@click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="Look as a run of it would: its base, max_length, form; without FILES, its files.",
)
@click.option("--model", "--base", "base", help="Base model whose tokens are counted: what exceeds --max-length?")
@click.option("--max-length", type=click.IntRange(min=16), help="Tokens that training keeps of a conversation.")
@click.option(
    "--against", multiple=True, type=click.Path(path_type=Path), help="A held-out file: is any of it in FILES already?"
)
@click.option(
    "--meaning",
    is_flag=True,
    help="List held-out conversations that perhaps say the same in other words, to look at; "
    "of planted paraphrases it finds 3 in 10 (29 %, interval 16 to 47).",
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
    recipe: Path | None,
    base: str | None,
    max_length: int | None,
    against: tuple[Path, ...],
    meaning: bool,
    personal: bool,
    everything: bool,
    as_json: bool,
) -> int:
    """Find what is wrong with dialogue files, and where. A recipe stands for its files.

    \b
    Exit codes: 0 nothing that keeps a conversation from being learned;
    1 something does, or held-out conversations are in the training files.
    """
    from chatforge.cli import data_words
    from chatforge.cli.data_check import asked, check

    wanted = asked(files, recipe, form, assistant, base, max_length)
    done, sources = check(wanted, against, quick=quick, meaning=meaning, personal=personal)
    if as_json:
        show_json(data_words.as_json(done))
    else:
        for line in data_words.lines(done, places=None if everything else 3):
            screen.out().print(line, soft_wrap=True)
    found, leaks = done.found, done.leaks
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

    source = _open(file, form, assistant)
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
@click.option("--seed", default=copies.SEED, show_default=True, help="Draws the words that are put in.")
@click.option(
    "--presidio",
    "ask_presidio",
    is_flag=True,
    help="Ask Microsoft's presidio as well, which `pip install 'chatforge[privacy]'` brings.",
)
def anonymise_command(
    file: Path, to: Path, form: str, assistant: str | None, keep: tuple[str, ...], seed: int, ask_presidio: bool
) -> None:
    """Write FILE to the new file TO, with other names, numbers and addresses in it.

    The same person has the same new name throughout a conversation. The
    rules find much, not all: read the result before you hand it on.
    """
    from chatforge.dialogues.checks.rewrite import anonymising, rewrite
    from chatforge.dialogues.privacy.presidio import presidio

    source = _open(file, form, assistant)
    done = rewrite(source, to, anonymising(seed, keep, presidio() if ask_presidio else None), unique=False)
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

    source = _open(file, form, assistant)
    show(source, number, base, system, max_length)


@data.command("fetch")
@click.argument("name")
@click.option("--split", help="The only part that is wanted, such as train.")
@click.option("--revision", help="Branch, tag or commit; else the newest, which is recorded.")
@json_option
def fetch_command(name: str, split: str | None, revision: str | None, as_json: bool) -> None:
    """Bring a data set of the Hugging Face hub, OWNER/NAME, to this machine, and print its folder.

    Only files that hold data are fetched (Parquet, JSON, CSV), once; never a
    script. Name the folder in a recipe, or look at it with `data check`.
    """
    from chatforge import paths
    from chatforge.cli.fetching import fetch
    from chatforge.models.data_sets import data_set
    from chatforge.models.store import Store

    wanted, home = data_set(name, split, revision), paths.home()
    stored = Store(paths.data_sets(home)).find(wanted.name)
    if stored:
        say(screen.err(), f"{wanted.repository} is already here")
    folder = stored.path if stored else fetch(wanted, home, screen.err())
    if as_json:
        show_json({"name": folder.name, "path": str(folder)})
    else:
        screen.out().print(str(folder), soft_wrap=True)


@data.command("formats")
def formats_command() -> None:
    """List the forms of files that can be read."""
    from chatforge.dialogues.formats.known import FORMATS

    width = max(len(one.NAME) for one in FORMATS)
    for one in FORMATS:
        screen.out().print(f"{one.NAME:<{width}}  {one.WHAT}", soft_wrap=True)


@data.command("texts")
@FILES
@click.option("--all", "everything", is_flag=True, help="Print the texts as they would be learned.")
@json_option
def texts_command(files: tuple[Path, ...], everything: bool, as_json: bool) -> None:
    """Show what would be learned of texts that are no dialogues: .txt, .md and .pdf files.

    Name such files under data.texts of a recipe: they are then learned
    before the dialogues.
    """
    from chatforge.cli import data_texts
    from chatforge.dialogues.texts import read_texts

    documents = read_texts(files)
    if as_json:
        show_json(data_texts.as_json(documents))
        return
    for line in data_texts.lines(documents, everything):
        screen.out().print(plain(line), soft_wrap=True)


def _open(file: Path, form: str, assistant: str | None) -> Source:
    from chatforge.cli.data_check import opened

    source, *others = opened([file], form, Choices(assistant=assistant))
    if others:
        raise UserError("this is a folder of several files", file=file, hint="name one of them")
    return source


def _fix(source: Source) -> None:
    done = copies.write(source, copies.MENDED)
    words = f"{done.same} as they were, {done.changed} repaired, {done.left_out} left out"
    say(screen.err(), f"{plain(str(done.to))}: {words}" + (f"; see {done.log}" if done.log else ""))
