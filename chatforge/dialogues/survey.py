"""What a project's dialogue files hold, counted line by line: nothing but numbers is kept, so any size will do."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.division import LETTERS, PARTS, Part, Rules, divide
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.grouping import Gathering
from chatforge.dialogues.window import LOOK_EVERY, Corpus, GivenUpError

NO_PART = 255

BAD_KEPT = 1_000
"""How many bad lines are kept with their reasons; all are counted."""

CHARACTERS_PER_TOKEN = 4.2
MARKS_PER_MESSAGE = 20
"""For estimates only: English through a small model's tokenizer, and what a template adds to each message."""


@dataclass
class FileCount:
    """What one file holds."""

    conversations: int = 0
    turns: int = 0
    bad: int = 0


@dataclass
class Survey:
    """What is known of every row.

    Attributes:
        parts: per row, index into PARTS, or NO_PART for a bad line.
        turns, characters: per row; the characters of all messages with an allowance for a template's marks.
        files: one per file of the corpus.
        bad: the first bad lines with their rows.
    """

    parts: bytearray
    turns: "array[int]"
    characters: "array[int]"
    files: tuple[FileCount, ...]
    bad: list[tuple[int, BadLine]] = field(default_factory=list)

    @property
    def bad_count(self) -> int:
        """Bad lines in all files."""
        return sum(file.bad for file in self.files)

    @property
    def conversations(self) -> int:
        """Conversations in all files."""
        return sum(file.conversations for file in self.files)

    def count(self, part: Part) -> int:
        """Conversations of a part."""
        return self.parts.count(PARTS.index(part))

    def part(self, row: int) -> Part | None:
        """Where a row belongs; None for a bad line."""
        found = self.parts[row]
        return None if found == NO_PART else PARTS[found]

    def estimate(self, row: int, system: str = "") -> int:
        """About how many tokens a row is with a system message; 0 for a bad line."""
        if not self.characters[row]:
            return 0
        return round((self.characters[row] + len(system) + MARKS_PER_MESSAGE) / CHARACTERS_PER_TOKEN)

    def estimates(self, system: str, most: int) -> list[int]:
        """About how many tokens conversations are; of at most `most`, spread evenly."""
        step = max(1, len(self.parts) // most)
        return [guess for row in range(0, len(self.parts), step) if (guess := self.estimate(row, system))]


def survey(
    corpus: Corpus,
    owners: Sequence[Part],
    rules: Rules,
    told: Callable[[int], object] = lambda done: None,
    give_up: Callable[[], bool] = lambda: False,
) -> Survey:
    """Read everything once.

    Args:
        owners: which part each file is named for. told: hears how many rows are read, now and then, also while
            they are divided.

    Raises:
        GivenUpError: `give_up` said so.
    """
    total = len(corpus)
    found = Survey(
        bytearray([NO_PART]) * total, array("Q", bytes(8 * total)), array("Q", bytes(8 * total)),
        tuple(FileCount() for _ in corpus.files),
    )  # fmt: skip
    rows, gathered = array("Q"), Gathering()
    numbers = {id(index): i for i, index in enumerate(corpus.files)}

    def pulse(done: int = total) -> None:
        told(done)
        if give_up():
            raise GivenUpError

    for row, raw, index, line in corpus.rows():
        if row % LOOK_EVERY == 0:
            pulse(row)
        file = numbers[id(index)]
        read = index.read(raw, line)
        _count(found, row, read, file, owners[file])
        if rules.divides and owners[file] == "train" and isinstance(read, Conversation):
            gathered.add(read)
            rows.append(row)
    if rows:
        kept = {LETTERS[part]: i for i, part in enumerate(PARTS)}
        for row, letter in zip(rows, divide(gathered, rules, pulse).parts, strict=True):
            found.parts[row] = kept[letter]
    return found


def _count(found: Survey, row: int, read: Conversation | BadLine, file: int, owner: Part) -> None:
    count = found.files[file]
    if isinstance(read, BadLine):
        count.bad += 1
        if len(found.bad) < BAD_KEPT:
            found.bad.append((row, read))
        return
    turns = sum(message.role != "system" for message in read.messages)
    found.parts[row] = PARTS.index(owner)
    found.turns[row] = turns
    found.characters[row] = sum(len(message.content) + MARKS_PER_MESSAGE for message in read.messages)
    count.conversations += 1
    count.turns += turns
