"""Tables with a column for the question and one for the answer, in many spellings; Bitext's customer service tables.

    question,answer,topic                         flags,instruction,category,intent,response
    "How do I …?","Open Settings …",account       B,"question about {{Order Number}}",ORDER,cancel_order,"I've …"

All other columns are kept as `meta`; placeholders in double braces stay as they are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.pairs import layout_of, names_of, paired
from chatforge.dialogues.formats.prompt_completion import looks
from chatforge.dialogues.formats.sides import listed
from chatforge.dialogues.formats.values import mostly
from chatforge.errors import UserError, did_you_mean

NAME = "question-answer"
WHAT = "Questions and answers: a table with a column for each, perhaps with more such as `category` and `intent`"
KINDS: tuple[Kind, ...] = ("table", "parquet")


def fits(sample: Sequence[Record]) -> bool:
    """Whether most rows have a column for the question and one for the answer."""
    return mostly(sample, looks)


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Turn rows to drafts, in order.

    Raises:
        UserError: no column for the question or the answer is known, or a column that was named is not there.
    """
    seen: list[Record | BadLine] = []
    rest = iter(records)
    for record in rest:
        seen.append(record)
        if isinstance(record, Record) and isinstance(record.value, dict):
            _check_columns(names_of(record.value), path, choices.columns)
            break
    yield from paired(chain(seen, rest), path, choices.columns)


def _check_columns(names: Sequence[str], path: Path, columns: Mapping[str, str]) -> None:
    for key, column in columns.items():
        if column not in names:
            raise UserError(
                f"there is no column {column!r}: there are {listed(names)}",
                file=path,
                field=f"data.columns.{key}",
                hint=did_you_mean(column, names) or "name one of them",
            )
    if layout_of(names, columns) is None:
        raise UserError(
            f"which columns hold the question and the answer? There are {listed(names)}",
            file=path,
            field="data.columns",
            hint="name them, such as: columns: {user: Message, assistant: Reply}",
        )
