"""Windows on large dialogue files: where each line begins is found once, a conversation is read when it is looked at.

    file ──► 0, 412, 903, …  (where lines begin: 8 bytes each)        at(7) ──► one seek, one line, one conversation

The files are read in pieces, never mapped: a mapped file that somebody shortens ends the process that looks at it.
"""

import json
import os
import tempfile
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import IO

from chatforge.dialogues.containers.opened import refuse_what_is_no_file
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.formats import messages
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.messages import line_of
from chatforge.dialogues.reading import Source, open_source
from chatforge.errors import UserError

LONGEST_LINE = 8_000_000
"""Bytes; a longer line is no conversation that anybody could read on a screen."""

BAD = b'{"bad": '
"""How a line of a copy begins that stands for something that cannot be used."""

LOOK_EVERY = 2_000
"""Lines between two questions whether to go on."""


class GivenUpError(Exception):
    """Nobody waits for the result any more."""


@dataclass(frozen=True)
class LineIndex:
    """Where the lines of one file are; empty lines are left out.

    Attributes:
        size: of the file in bytes.
        starts, lengths: in bytes. numbers: of the lines, from 1.
        copy: where the lines are read, if not in the file itself: see `spool`.
        form: name of the file's form. notes: what was guessed about it.
        changed: how often reading changed or left out something, by what it was.
    """

    path: Path
    size: int
    starts: "array[int]"
    lengths: "array[int]"
    numbers: "array[int]"
    copy: IO[bytes] | None = None
    form: str = messages.NAME
    notes: tuple[str, ...] = ()
    changed: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.starts)

    def raws(self, lines: Iterable[int]) -> Iterator[bytes]:
        """Read lines, in order; b"" for one that is too long to be shown.

        Raises:
            OSError: the file cannot be read any more.
        """
        if self.copy:
            for line in lines:
                yield os.pread(self.copy.fileno(), self.lengths[line], self.starts[line])
            return
        with self.path.open("rb", buffering=1 << 20) as opened:
            for line in lines:
                if opened.tell() != self.starts[line]:
                    opened.seek(self.starts[line])
                yield opened.read(self.lengths[line]) if self.lengths[line] <= LONGEST_LINE else b""

    def read(self, raw: bytes, line: int) -> Conversation | BadLine:
        """Return what a line holds."""
        if raw.startswith(BAD):
            return BadLine(self.path, self.numbers[line], json.loads(raw)["bad"])
        return messages.read_line(raw, self.path, self.numbers[line])


def index_file(path: Path, form: str, choices: Choices, give_up: Callable[[], bool] = lambda: False) -> LineIndex:
    """Find the conversations of a file of any form.

    Raises:
        UserError: the file cannot be read, or has no form that is known. GivenUpError: `give_up` said so.
    """
    source = open_source(path, form, choices)
    if source.can_be_cut:
        return index_lines(path, give_up)
    return spool(source, give_up)


def spool(source: Source, give_up: Callable[[], bool] = lambda: False) -> LineIndex:
    """Read a file of another form to its end, and keep its conversations as lines in a file that has no name.

    Nobody else can open that file, and it is gone with this process, however that ends.

    Raises:
        UserError: the file cannot be read on. GivenUpError: `give_up` said so.
    """
    starts, lengths, numbers = array("Q"), array("Q"), array("Q")
    copy = tempfile.TemporaryFile(prefix="chatforge-")  # noqa: SIM115 (it lives as long as the index)
    at, changed = 0, Counter[str]()
    for count, item in enumerate(source.read(), start=1):
        raw = _bad(item) if isinstance(item, BadLine) else line_of(item.conversation)
        changed.update(() if isinstance(item, BadLine) else item.changed)
        numbers.append(item.line if isinstance(item, BadLine) else item.conversation.line or 0)
        starts.append(at)
        lengths.append(len(raw))
        copy.write(raw)
        at += len(raw)
        if count % LOOK_EVERY == 0 and give_up():
            raise GivenUpError
    copy.flush()
    if not starts:
        raise UserError("there is no conversation in the file", file=source.path)
    notes = source.container.notes
    return LineIndex(source.path, at, starts, lengths, numbers, copy, source.form.NAME, notes, changed)


def _bad(line: BadLine) -> bytes:
    return BAD + json.dumps(line.reason).encode() + b"}\n"


def index_lines(path: Path, give_up: Callable[[], bool] = lambda: False) -> LineIndex:
    """Find the lines of a file.

    Raises:
        UserError: the file is missing, empty or binary.
        GivenUpError: `give_up` said so.
    """
    starts, lengths, numbers = array("Q"), array("Q"), array("Q")
    at = 0
    for number, raw in enumerate(_lines(path), start=1):
        if not raw.isspace():
            starts.append(at)
            lengths.append(len(raw))
            numbers.append(number)
        at += len(raw)
        if number % LOOK_EVERY == 0 and give_up():
            raise GivenUpError
    if not starts:
        raise UserError("the file is empty", file=path, hint="one conversation as JSON a line")
    return LineIndex(path, at, starts, lengths, numbers)


def _lines(path: Path) -> Iterator[bytes]:
    refuse_what_is_no_file(path)
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", file=path) from None


class Corpus:
    """The lines of several files, one after the other, as rows from 0.

    Args:
        files: in the order in which they are shown.
    """

    def __init__(self, files: Sequence[LineIndex] = ()) -> None:
        self.files = tuple(files)
        self._ends = list(accumulate(len(file) for file in files))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def place(self, row: int) -> tuple[int, int]:
        """Which file a row is in, and which of its lines it is."""
        file = bisect_right(self._ends, row)
        return file, row - (self._ends[file - 1] if file else 0)

    def at(self, row: int) -> Conversation | BadLine:
        """Read one row. A file that was changed since it was indexed gives bad lines, never an error."""
        file, line = self.place(row)
        index = self.files[file]
        if index.lengths[line] > LONGEST_LINE:
            return BadLine(index.path, index.numbers[line], f"the line has {index.lengths[line]:,} bytes")
        try:
            (raw,) = index.raws([line])
        except OSError as error:
            return BadLine(index.path, index.numbers[line], f"cannot be read: {error.strerror}")
        return index.read(raw, line)

    def find(self, path: Path, line: int, name: str | None = None) -> int | None:
        """Return the row of the conversation that begins on a line of a file; None if there is none.

        Args:
            name: its id, for a file in which several begin on one line.
        """
        for index, end in zip(self.files, self._ends, strict=True):
            if index.path == path and line in index.numbers:
                first = end - len(index) + index.numbers.index(line)
                same = range(first, first + index.numbers.count(line))
                return next((row for row in same if len(same) > 1 and self._name(row) == name), first)
        return None

    def _name(self, row: int) -> str | None:
        item = self.at(row)
        return None if isinstance(item, BadLine) else item.id

    def rows(self) -> Iterator[tuple[int, bytes, LineIndex, int]]:
        """Yield every row as (row, raw line, file, which of its lines), reading each file from end to end.

        A file that cannot be read any more ends early.
        """
        row = 0
        for index in self.files:
            begin = row
            with suppress(OSError):
                for line, raw in enumerate(index.raws(range(len(index)))):
                    yield row, raw, index, line
                    row += 1
            row = begin + len(index)


def search(corpus: Corpus, words: str, give_up: Callable[[], bool] = lambda: False) -> Iterator[int]:
    """Yield the rows of conversations in which somebody says `words`, in order; upper and lower case count alike.

    Raises:
        GivenUpError: `give_up` said so.
    """
    wanted = words.casefold()
    simple = wanted.isascii() and wanted.isprintable() and not set(wanted) & set('"\\/')
    for row, raw, index, line in corpus.rows():
        if row % LOOK_EVERY == 0 and give_up():
            raise GivenUpError
        # Reading JSON is slow: lines that cannot hold the words are passed over. An escape may stand for any sign.
        if simple and wanted.encode() not in raw.lower() and b"\\u" not in raw and raw.isascii():
            continue
        found = index.read(raw, line)
        if isinstance(found, Conversation) and any(wanted in m.content.casefold() for m in found.messages):
            yield row
