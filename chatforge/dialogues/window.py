"""Windows on large dialogue files: where each line begins is found once, a conversation is read when it is looked at.

    file ──► 0, 412, 903, …  (where lines begin: 8 bytes each)        at(7) ──► one seek, one line, one conversation

The files are read in pieces, never mapped: a mapped file that somebody shortens ends the process that looks at it.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.formats import messages
from chatforge.errors import UserError

LONGEST_LINE = 8_000_000
"""Bytes; a longer line is no conversation that anybody could read on a screen."""

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
    """

    path: Path
    size: int
    starts: "array[int]"
    lengths: "array[int]"
    numbers: "array[int]"

    def __len__(self) -> int:
        return len(self.starts)


def index_lines(path: Path, give_up: Callable[[], bool] = lambda: False) -> LineIndex:
    """Find the lines of a file.

    Raises:
        UserError: the file is missing, empty or binary.
        GivenUpError: `give_up` said so.
    """
    starts, lengths, numbers = array("Q"), array("Q"), array("Q")
    at = 0
    for number, raw in enumerate(messages.raw_lines(path), start=1):
        if b"\x00" in raw:
            raise UserError(
                messages.read_line(raw, path, number).reason,  # type: ignore[union-attr]
                file=path, line=number, hint="give a .jsonl file: one conversation as JSON a line, in UTF-8",
            )  # fmt: skip
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
            with index.path.open("rb") as opened:
                opened.seek(index.starts[line])
                raw = opened.read(index.lengths[line])
        except OSError as error:
            return BadLine(index.path, index.numbers[line], f"cannot be read: {error.strerror}")
        return messages.read_line(raw, index.path, index.numbers[line])

    def rows(self) -> Iterator[tuple[int, bytes, LineIndex, int]]:
        """Yield every row as (row, raw line, file, line number), reading each file from end to end.

        A file that cannot be read any more ends early.
        """
        row = 0
        for index in self.files:
            begin = row
            try:
                with index.path.open("rb", buffering=1 << 20) as opened:
                    for start, length, number in zip(index.starts, index.lengths, index.numbers, strict=True):
                        if opened.tell() != start:
                            opened.seek(start)
                        yield row, opened.read(length) if length <= LONGEST_LINE else b"", index, number
                        row += 1
            except OSError:
                pass
            row = begin + len(index)


def search(corpus: Corpus, words: str, give_up: Callable[[], bool] = lambda: False) -> Iterator[int]:
    """Yield the rows of conversations in which somebody says `words`, in order; upper and lower case count alike.

    Raises:
        GivenUpError: `give_up` said so.
    """
    wanted = words.casefold()
    simple = wanted.isascii() and wanted.isprintable() and not set(wanted) & set('"\\/')
    for row, raw, index, number in corpus.rows():
        if row % LOOK_EVERY == 0 and give_up():
            raise GivenUpError
        # Reading JSON is slow: lines that cannot hold the words are passed over. An escape may stand for any sign.
        if simple and wanted.encode() not in raw.lower() and b"\\u" not in raw and raw.isascii():
            continue
        found = messages.read_line(raw, index.path, number)
        if isinstance(found, Conversation) and any(wanted in m.content.casefold() for m in found.messages):
            yield row
