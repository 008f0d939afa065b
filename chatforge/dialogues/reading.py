"""Read dialogue files: every conversation, every bad line, nothing dropped in silence."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.formats import messages
from chatforge.errors import Problem, UserError

SHOWN = 20
"""How many bad lines an error lists; the rest are counted."""

FORM = (
    'write each conversation as one line: {"messages": [{"role": "user", "content": "…"}, '
    '{"role": "assistant", "content": "…"}]}'
)
"""What a file should look like, for those whose file is something else."""


@dataclass(frozen=True)
class ReadResult:
    """What a set of files holds."""

    conversations: tuple[Conversation, ...]
    bad: tuple[BadLine, ...]


def read_files(paths: Sequence[Path], bad_lines: Literal["stop", "skip"] = "stop") -> ReadResult:
    """Read files in order.

    Args:
        paths: dialogue files.
        bad_lines: "stop": any bad line is an error that names them all; "skip": they are returned beside the rest.

    Raises:
        UserError: a file cannot be read at all; bad lines under "stop"; nothing but bad lines; an id given twice.
    """
    good: list[Conversation] = []
    bad: list[BadLine] = []
    for path in paths:
        for item in messages.read(path):
            (bad if isinstance(item, BadLine) else good).append(item)  # type: ignore[arg-type]
    if bad and (bad_lines == "stop" or not good):
        raise UserError(_problems(bad, some_good=bool(good)))
    _check_ids(good)
    return ReadResult(tuple(good), tuple(bad))


def _problems(bad: Sequence[BadLine], *, some_good: bool) -> list[Problem]:
    problems = [Problem(line.reason, line.file, line.line) for line in bad[:SHOWN]]
    more = f"{len(bad) - SHOWN} more bad lines; " if len(bad) > SHOWN else ""
    them = "them" if len(bad) > 1 else "it"
    if some_good:
        what = f"{more}{len(bad)} bad line{'s' if len(bad) > 1 else ''} in all"
        hint = f"mend {them}, or set `bad_lines: skip` in the recipe to go on without {them}"
        return [*problems, Problem(what, field="data.bad_lines", hint=hint)]
    return [*problems, Problem(f"{more}no line is a conversation", field="data", hint=FORM)]


def _check_ids(conversations: Sequence[Conversation]) -> None:
    seen: dict[tuple[Path | None, str], Conversation] = {}
    for conversation in conversations:
        first = seen.setdefault((conversation.file, conversation.id), conversation)
        if first is not conversation:
            raise UserError(
                f"the id {conversation.id!r} stands on line {first.line} already",
                file=conversation.file,
                line=conversation.line,
                hint="give every conversation an id of its own, or leave `id` out",
            )
