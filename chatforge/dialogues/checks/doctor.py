"""Go through dialogue files once, and say what is wrong with them: how often, and where.

sources ──► drafts ──► findings of each conversation ┐
                  └──► collectors ──► findings of all ┴──► Examination
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Protocol

from chatforge.dialogues.checks import turns
from chatforge.dialogues.checks.corpus import Copies, Ids, Intents, Languages, Lengths, Replies
from chatforge.dialogues.checks.finding import CHECKS, SEVERITIES, Check, Finding, Severity
from chatforge.dialogues.checks.likeness import Likeness
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine, Draft
from chatforge.dialogues.reading import Source, held
from chatforge.dialogues.window import LOOK_EVERY, GivenUpError

KEPT = 200
"""How many findings of each kind are kept with their places; all are counted."""


class Collector(Protocol):
    """Hears every conversation, then says what it found."""

    def add(self, draft: Draft) -> None: ...
    def findings(self) -> Iterator[Finding]: ...


@dataclass
class FileCount:
    """What one file holds: conversations that can be trained on as they are read, their messages, bad places."""

    path: Path
    form: str
    notes: tuple[str, ...] = ()
    conversations: int = 0
    turns: int = 0
    bad: int = 0
    changed: Counter[str] = field(default_factory=Counter)


@dataclass
class Examination:
    """What was found.

    Attributes:
        counts: how many findings of each kind. places: the first of them.
        languages: shares of a sample. notes: what was not looked at.
    """

    files: list[FileCount] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[Finding]] = field(default_factory=dict)
    languages: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def add(self, found: Finding) -> None:
        """Count a finding, and keep it if it is among the first of its kind."""
        self.counts[found.check] += 1
        kept = self.places.setdefault(found.check, [])
        if len(kept) < KEPT:
            kept.append(found)

    @property
    def found(self) -> list[Check]:
        """The kinds that were found, the worst first."""
        found = [check for check in CHECKS.values() if self.counts[check.id]]
        return sorted(found, key=lambda check: SEVERITIES.index(check.severity))

    def has(self, severity: Severity) -> bool:
        """Whether anything as bad as that was found."""
        return any(check.severity == severity for check in self.found)

    @property
    def conversations(self) -> int:
        """Conversations of all files that can be trained on as they are read."""
        return sum(file.conversations for file in self.files)


def examine(
    sources: Sequence[Source],
    likeness: Likeness | None = None,
    told: Callable[[int], object] = lambda done: None,
    give_up: Callable[[], bool] = lambda: False,
) -> Examination:
    """Examine files.

    Args:
        likeness: finds what is nearly the same; None leaves that out.
        told: hears now and then how many conversations were looked at.

    Raises:
        UserError: a file cannot be read on. GivenUpError: `give_up` said so.
    """
    found = Examination()
    languages = Languages()
    collectors: list[Collector] = [Ids(), Copies(), Replies(), Lengths(), Intents(), languages]
    seen = 0
    for source in sources:
        count = FileCount(source.path, source.form.NAME, source.container.notes)
        found.files.append(count)
        for item in source.drafts():
            conversation = _look_at(item, count, found, collectors)
            if likeness and conversation:
                likeness.add(conversation)
            seen += 1
            if seen % LOOK_EVERY == 0:
                told(seen)
                if give_up():
                    raise GivenUpError
    for finding in chain(*(one.findings() for one in collectors), likeness.findings() if likeness else ()):
        found.add(finding)
    found.languages = languages.shares
    found.notes = (likeness.note,) if likeness and likeness.note else ()
    return found


def _look_at(
    item: Draft | BadLine, count: FileCount, found: Examination, collectors: Sequence[Collector]
) -> Conversation | None:
    """Count one item; return the conversation that will be learned of it."""
    if isinstance(item, BadLine):
        count.bad += 1
        found.add(Finding("broken", item.file, item.line, item.reason))
        return None
    read = held(item)
    if isinstance(read, BadLine):
        count.bad += 1  # it will not be learned: what it says is no part of the whole
    else:
        for collector in collectors:
            collector.add(item)
        count.conversations += 1
        count.turns += sum(message.role != "system" for message in read.conversation.messages)
        count.changed.update(read.changed)
    for finding in turns.findings(item):
        if item.exact or CHECKS[finding.check].severity != "error" or isinstance(read, BadLine):
            found.add(finding)  # what reading another form mends by itself is told as `changed`
    return None if isinstance(read, BadLine) else read.conversation
