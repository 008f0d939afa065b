"""What of a stream of conversations tells who somebody is: counted, with places to look at, nothing shown whole."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.privacy.anonymise import Kept
from chatforge.dialogues.privacy.finding import Recogniser, find_all
from chatforge.dialogues.privacy.found import KINDS, WORDS, Found, Kind, squeezed
from chatforge.dialogues.privacy.made import made_in

EXAMPLES = 5
"""How many places are kept for each kind."""


@dataclass(frozen=True)
class Example:
    """One place.

    Attributes:
        file, line, conversation: where; `line` counts from 1.
        message: which message, from 1.
        shown: the first letter and dots.
        rule: what gave it away.
    """

    file: Path | None
    line: int | None
    conversation: str
    message: int
    shown: str
    rule: str


@dataclass
class Count:
    """What was found of one kind.

    Attributes:
        findings: how often.
        conversations: in how many conversations.
        examples: the first places, each of another conversation.
    """

    findings: int = 0
    conversations: int = 0
    examples: list[Example] = field(default_factory=list)
    _seen: set[int] = field(default_factory=set, repr=False)

    @property
    def different(self) -> int:
        """How many different ones; a few in many conversations are likely the business's own, and may be kept."""
        return len(self._seen)

    def add(self, found: Found) -> None:
        """Count one more."""
        self.findings += 1
        self._seen.add(hash(squeezed(found.text)))


@dataclass
class Report:
    """What was found in conversations.

    Attributes:
        conversations: how many were looked at.
        touched: how many of them hold anything.
        kinds: by kind, the most frequent first; kinds without findings are left out.
    """

    conversations: int
    touched: int
    kinds: dict[Kind, Count]

    def __str__(self) -> str:
        lines = [f"{self.touched:,} of {self.conversations:,} conversations tell who somebody is"]
        lines += [
            f"{WORDS[kind]}: {count.findings:,} in {count.conversations:,} conversations, {count.different:,} different"
            for kind, count in self.kinds.items()
        ]
        return "\n".join(lines)


def look_through(
    conversations: Iterable[Conversation], keep: Collection[str] = (), also: Recogniser | None = None
) -> Report:
    """Count what tells who somebody is in the messages of conversations; surrogates are not counted.

    Args:
        keep: what is nobody's secret, as for `anonymise`.
        also: asked in addition to our own rules.
    """
    counts = {kind: Count() for kind in KINDS}
    kept, total, touched = Kept(keep), 0, 0
    for conversation in conversations:
        total += 1
        made = made_in(conversation)
        kinds = set()
        texts = [message.content for message in conversation.messages]
        for number, (text, found) in enumerate(zip(texts, find_all(texts, also), strict=True), start=1):
            for one in made.others(text, found):
                if not kept.holds(one):
                    counts[one.kind].add(one)
                    if one.kind not in kinds and len(counts[one.kind].examples) < EXAMPLES:
                        counts[one.kind].examples.append(_example(conversation, number, one))
                    kinds.add(one.kind)
        touched += bool(kinds)
        for kind in kinds:
            counts[kind].conversations += 1
    found_kinds = sorted((kind for kind in KINDS if counts[kind].findings), key=lambda kind: -counts[kind].findings)
    return Report(total, touched, {kind: counts[kind] for kind in found_kinds})


def _example(conversation: Conversation, number: int, found: Found) -> Example:
    return Example(conversation.file, conversation.line, conversation.id, number, found.masked, found.rule)
