"""Read dialogue files of any form: every conversation, every bad line, nothing dropped or changed in silence."""

import codecs
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from chatforge.dialogues.containers import Container, files_in, open_container
from chatforge.dialogues.containers.opened import GZIP, ZSTANDARD
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine, Draft
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.known import Format, named, recognise
from chatforge.dialogues.tidy import Tidied, strict, tidy
from chatforge.errors import Problem, UserError

AUTO = "auto"
"""The form is found out from the file."""

ID_TWICE = "an id given twice: the later one gets another"
"""Under this it is counted, in forms that are not our own."""

SHOWN = 20
"""How many bad lines an error lists; the rest are counted."""

FORM = (
    'write each conversation as one line: {"messages": [{"role": "user", "content": "…"}, '
    '{"role": "assistant", "content": "…"}]}'
)
"""What a file should look like, for those whose file is something else."""


@dataclass(frozen=True)
class Source:
    """A dialogue file whose form is known.

    Attributes:
        notes: what was guessed and should be known.
    """

    container: Container
    form: Format
    choices: Choices

    @property
    def path(self) -> Path:
        """The file."""
        return self.container.path

    @property
    def is_plain(self) -> bool:
        """Whether each line of the file is a conversation in the form that ChatForge itself writes."""
        return self.container.kind == "lines" and self.form.NAME == "messages"

    @property
    def can_be_cut(self) -> bool:
        """Whether any line of the file's own bytes can be read by itself: plain, not packed, UTF-8."""
        with self.path.open("rb") as file:
            others = (GZIP, ZSTANDARD, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            return self.is_plain and not file.read(4).startswith(others)

    def drafts(self) -> Iterator[Draft | BadLine]:
        """Read what the file says, from its beginning; in other forms than our own every id becomes one of its own.

        Raises:
            UserError: the file cannot be read on, or something must be asked first.
        """
        taken: set[str] = set()
        for draft in self.form.drafts(self.container.records(), self.path, self.choices):
            if isinstance(draft, Draft) and draft.id is not None and not draft.exact:
                draft = _with_own_id(draft, draft.id, taken)
            yield draft

    def read(self) -> Iterator[Tidied | BadLine]:
        """Read conversations, from the file's beginning, with what was changed to make them such.

        Raises:
            UserError: as `drafts`.
        """
        for draft in self.drafts():
            yield draft if isinstance(draft, BadLine) else held(draft)


def _with_own_id(draft: Draft, name: str, taken: set[str]) -> Draft:
    """Add what tells it apart to an id that was given before, and count that."""
    if name in taken:
        fresh = f"{name}-line-{draft.line}"
        name = fresh if fresh not in taken else f"{fresh}-{len(taken)}"
        draft = replace(draft, id=name, changed=(*draft.changed, ID_TWICE))
    taken.add(name)
    return draft


def open_source(path: Path, form: str = AUTO, choices: Choices | None = None) -> Source:
    """Find out what a file is.

    Args:
        form: name of its form, or "auto".

    Raises:
        UserError: the file cannot be read, or has no form that is known.
    """
    container, choices = open_container(path), choices or Choices()
    return Source(container, recognise(container, choices) if form == AUTO else named(form), choices)


def files_of(path: Path) -> list[Path]:
    """Return the dialogue files that a name stands for: those in a folder, or the file itself.

    Raises:
        UserError: there is none in the folder.
    """
    return files_in(path) if path.is_dir() else [path]


def held(draft: Draft) -> Tidied | BadLine:
    """Hold a draft to what a conversation must be: as it is, where it is written in that very form; else tidied."""
    if not draft.exact:
        return tidy(draft)
    found = strict(draft)
    return found if isinstance(found, BadLine) else Tidied(found)


@dataclass(frozen=True)
class ReadResult:
    """What a set of files holds.

    Attributes:
        changed: how often reading changed or left out something, by file and what it was.
        notes: what was guessed and should be known, file by file.
    """

    conversations: tuple[Conversation, ...]
    bad: tuple[BadLine, ...]
    changed: Mapping[Path, Mapping[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_files(
    paths: Sequence[Path],
    bad_lines: Literal["stop", "skip"] = "stop",
    form: str = AUTO,
    choices: Choices | None = None,
) -> ReadResult:
    """Read files in order.

    Args:
        paths: dialogue files.
        bad_lines: "stop": any bad line is an error that names them all; "skip": they are returned beside the rest.

    Raises:
        UserError: a file cannot be read at all; bad lines under "stop"; nothing but bad lines; an id given twice.
    """
    good: list[Conversation] = []
    bad: list[BadLine] = []
    changed: dict[Path, Counter[str]] = {}
    notes: list[str] = []
    for path in paths:
        source = open_source(path, form, choices)
        notes += [f"{path.name}: {note}" for note in source.container.notes]
        if not source.is_plain:
            notes.append(f"{path.name}: read as {source.form.NAME}")
        for item in source.read():
            if isinstance(item, BadLine):
                bad.append(item)
                continue
            good.append(item.conversation)
            if item.changed:
                changed.setdefault(path, Counter()).update(item.changed)
    if bad and (bad_lines == "stop" or not good):
        raise UserError(_problems(bad, some_good=bool(good)))
    _check_ids(good)
    return ReadResult(tuple(good), tuple(bad), changed, (*notes, *_told(changed)))


def _told(changed: Mapping[Path, Mapping[str, int]]) -> Iterator[str]:
    for path, counts in changed.items():
        for what, count in counts.items():
            yield f"{path.name}: {what} ({count})"


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
