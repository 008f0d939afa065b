"""`chatforge evaluator`: does the evaluator itself deserve trust?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
from rich.status import Status

from chatforge import paths
from chatforge.cli.console import err, out, say
from chatforge.cli.options import json_option, show_json
from chatforge.cli.report import WIDTH
from chatforge.evaluation.agreement.axes import COSINE, LENGTH
from chatforge.evaluation.agreement.reading import Columns, Texts, read_texts
from chatforge.models.sources import folder_here
from chatforge.models.store import Store
from chatforge.project import agreement
from chatforge.recipe.evaluation import Evaluation


@click.group()
def evaluator() -> None:
    """See how well the automatic scores agree with people."""


@evaluator.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--reference", metavar="COLUMN", help="Column of the text that is right; else found out.")
@click.option("--reply", metavar="COLUMN", help="Column of the text that was scored; else found out.")
@click.option("--context", metavar="COLUMN", help="Column of what came before, the same for texts of one document.")
@click.option(
    "--score", "scores", multiple=True, metavar="COLUMN", help="Column of a score; else all that are numbers."
)
@click.option(
    "--join", metavar="COLUMN", help="Column by which rows of several files belong together; else row by row."
)
@click.option("--group", metavar="COLUMN", help="Column of the document; else the context, or the reference.")
@click.option("--encoder", default=Evaluation().encoder, show_default=True, help="Embedding model.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=Evaluation().seed, show_default=True, help="Of the resamples."
)
@json_option
def check(
    files: tuple[Path, ...],
    reference: str | None,
    reply: str | None,
    context: str | None,
    scores: tuple[str, ...],
    join: str | None,
    group: str | None,
    encoder: str,
    seed: int,
    as_json: bool,
) -> None:
    """Correlate every axis with the scores that people have given to texts.

    FILE is a table (CSV, TSV, Parquet) or JSON, one object a line, with a reference, a reply and scores in its columns.
    """
    texts = read_texts(files, Columns(reference, reply, context, scores, join, group))
    place = folder_here(encoder, Store(paths.store(paths.home())), what="encoder", field="--encoder")
    notes = list(texts.notes)
    values = _score(texts, place, notes)
    # Here and not at the top: numpy takes longer to import than `--help` may.
    from chatforge.evaluation.agreement.correlation import correlations
    from chatforge.evaluation.agreement.tables import tables

    with _doing("correlating"):
        found = list(correlations(values, texts.rows, COSINE, LENGTH, seed))
    if as_json:
        facts = {"texts": len(texts.rows), "documents": texts.groups, "encoder": encoder, "seed": seed, "notes": notes}
        show_json(facts | {"against": COSINE, "control": LENGTH, "correlations": [asdict(one) for one in found]})
        return
    for note in notes:
        say(err(), f"note: {note}")
    for part in tables(found):
        out().print(part, width=min(WIDTH, out().width))
        out().print()


def _score(texts: Texts, encoder: Path, notes: list[str]) -> dict[str, list[float | None]]:
    """Have the texts scored, and show how far that is."""
    pairs = [(row.reference, row.reply) for row in texts.rows]
    with _doing(f"scoring {len(pairs):,} texts of {texts.groups:,} documents") as tell:
        values, cut = agreement.score(encoder, pairs, lambda done, total: tell(f"scored {done:,} of {total:,} texts"))
    if cut:
        longer = "text is longer" if cut == 1 else "texts are longer"
        notes.append(f"{cut} {longer} than the encoder reads: cosine and token recall miss the end")
    return values


@contextmanager
def _doing(words: str) -> Iterator[Callable[[str], object]]:
    """Say what is done, where somebody sees it with how far that is; yields what takes new words."""
    console = err()
    if not console.is_terminal:
        say(console, f"{words} ...")
        yield lambda words: None
        return
    with Status(words, console=console) as status:
        yield status.update
