"""What is seen only in all conversations together. Each collector hears every conversation once and keeps little.

draft, draft, draft … ──add──► Replies, Lengths, Intents, Ids, Languages ──findings──► Finding …
"""

import heapq
import statistics
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from chatforge.dialogues.checks.finding import Finding
from chatforge.dialogues.checks.language import Identify, language_of
from chatforge.dialogues.conversation import Message
from chatforge.dialogues.draft import Draft, Remark
from chatforge.dialogues.tidy import role_of

BOILERPLATE_SHARE, BOILERPLATE_COUNT = 0.02, 5
"""A reply given in more than this share of all turns, and at least so often, is one that does not listen."""

MOST_REPLIES = 200_000
"""Different replies that are counted at once; beyond, those met only once are forgotten."""

FEWEST_REPLIES = 20
TERSE_WORDS, TERSE_SHARE = 2, 0.2
"""Replies of so few words are worth a hint where they are more than this share."""

FAR_LONGER = 20
"""Times the median length from which on a conversation stands out, if it is also longer than `LONG`."""

LONG = 8_000
"""Characters of a conversation that is long in itself."""

FEWEST_PER_INTENT = 5
LONGEST_KEPT = 200


class Replies:
    """Finds replies given again and again, and whether most are very short."""

    def __init__(self) -> None:
        self._counts: Counter[bytes] = Counter()
        self._second: dict[bytes, tuple[Draft, int]] = {}
        self._total = self._terse = 0
        self._first_terse: tuple[Draft, int] | None = None

    def add(self, draft: Draft) -> None:
        """Hear one conversation."""
        for turn, remark in enumerate(draft.remarks, start=1):
            text = (remark.content or "").strip()
            if role_of(remark) != "assistant" or not text:
                continue
            self._total += 1
            if len(text.split(maxsplit=TERSE_WORDS)) <= TERSE_WORDS:
                self._terse += 1
                self._first_terse = self._first_terse or (draft, turn)
            mark = _hash(" ".join(text.casefold().split()))
            self._counts[mark] += 1
            if self._counts[mark] == 2:  # most replies come once: their places are not worth the memory
                self._second[mark] = Draft((remark,), draft.file, draft.line, draft.id), turn
        if len(self._counts) > MOST_REPLIES:
            self._forget()

    def findings(self) -> Iterator[Finding]:
        """Say which replies come too often, and whether most say hardly anything."""
        if self._first_terse and self._total >= FEWEST_REPLIES and self._terse > TERSE_SHARE * self._total:
            draft, turn = self._first_terse
            what = f"{self._terse} of {self._total} replies have at most {TERSE_WORDS} words; the first of them"
            yield Finding("short", draft.file, draft.line, what, draft.id, turn)
        for mark, count in self._counts.most_common(20):
            if count < BOILERPLATE_COUNT or count < BOILERPLATE_SHARE * self._total:
                break
            draft, turn = self._second[mark]
            what = f"given {count} times in {self._total} replies: {(draft.remarks[0].content or '')[:60]!r}"
            yield Finding("boilerplate", draft.file, draft.line, what, draft.id, turn)

    def _forget(self) -> None:
        for mark in [mark for mark, count in self._counts.items() if count == 1]:
            del self._counts[mark]


class Lengths:
    """Finds conversations far longer than the others."""

    def __init__(self) -> None:
        self._all = array("Q")
        self._longest: list[tuple[int, int, Draft]] = []

    def add(self, draft: Draft) -> None:
        """Hear one conversation."""
        size = sum(len(remark.content or "") for remark in draft.remarks)
        self._all.append(size)
        if size > LONG:
            entry = (size, len(self._all), Draft((), draft.file, draft.line, draft.id))
            (heapq.heappush if len(self._longest) < LONGEST_KEPT else heapq.heappushpop)(self._longest, entry)

    def findings(self) -> Iterator[Finding]:
        """Say which stand out."""
        median = statistics.median(self._all) if self._all else 0
        for size, _, draft in sorted(self._longest, reverse=True):
            if size > FAR_LONGER * median:
                what = f"{size:,} characters; half of the conversations have fewer than {median:,.0f}"
                yield Finding("length", draft.file, draft.line, what, draft.id)


class Intents:
    """Finds intents with very few conversations."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first: dict[str, Draft] = {}

    def add(self, draft: Draft) -> None:
        """Hear one conversation."""
        intent = draft.meta.get("intent")
        if isinstance(intent, str) and intent and (intent in self._counts or len(self._counts) < MOST_REPLIES):
            self._counts[intent] += 1
            self._first.setdefault(intent, Draft((), draft.file, draft.line, draft.id))

    def findings(self) -> Iterator[Finding]:
        """Say which intents are rare; where every conversation has its own, it is no intent."""
        if len(self._counts) * FEWEST_PER_INTENT > self._counts.total():
            return
        for intent, count in sorted(self._counts.items(), key=lambda item: item[1]):
            if count < FEWEST_PER_INTENT:
                draft = self._first[intent]
                yield Finding("few", draft.file, draft.line, f"{intent[:60]!r} has {count}", draft.id)


class Ids:
    """Finds ids given twice in one file."""

    def __init__(self) -> None:
        self._lines: dict[bytes, int] = {}
        self._found: list[Finding] = []

    def add(self, draft: Draft) -> None:
        """Hear one conversation."""
        if draft.id is None:
            return
        first = self._lines.setdefault(_hash(f"{draft.file}\0{draft.id}"), draft.line)
        if first != draft.line:
            what = f"the id {draft.id[:60]!r} stands on line {first} already"
            self._found.append(Finding("id-twice", draft.file, draft.line, what, draft.id))

    def findings(self) -> Iterator[Finding]:
        """Say which."""
        yield from self._found


class Copies:
    """Finds conversations that are there more than once, word for word."""

    def __init__(self) -> None:
        self._first: dict[bytes, tuple[Path, int]] = {}
        self._found: list[Finding] = []

    def add(self, draft: Draft) -> None:
        """Hear one conversation."""
        file, line = self._first.setdefault(mark_of(draft.remarks), (draft.file, draft.line))
        if (file, line) != (draft.file, draft.line):
            where = f"line {line}" if file == draft.file else f"{file.name}:{line}"
            self._found.append(Finding("duplicate", draft.file, draft.line, f"the same as {where}", draft.id))

    def findings(self) -> Iterator[Finding]:
        """Say which."""
        yield from self._found


class Languages:
    """Finds conversations in another language than most: of a sample, one in `every`.

    Args:
        identify: tells the language of a text, "" where it cannot.
    """

    def __init__(self, most: int = 2_000, identify: Identify = language_of) -> None:
        self._most, self._identify = most, identify
        self._heard = 0
        self._every = 1
        self._found: list[tuple[str, Draft]] = []

    def add(self, draft: Draft) -> None:
        """Hear one conversation."""
        self._heard += 1
        if self._heard % self._every:
            return
        text = " ".join(remark.content or "" for remark in draft.remarks if role_of(remark) != "system")[:1_000]
        if language := self._identify(text):
            self._found.append((language, Draft((), draft.file, draft.line, draft.id)))
        if len(self._found) >= self._most:  # every second one goes, and half as many come
            self._found, self._every = self._found[::2], self._every * 2

    @property
    def shares(self) -> Mapping[str, float]:
        """Languages with their shares of the sample, the most frequent first."""
        counts = Counter(language for language, _ in self._found)
        return {language: count / counts.total() for language, count in counts.most_common()}

    def findings(self) -> Iterator[Finding]:
        """Say which are in another language."""
        main = next(iter(self.shares), "")
        for language, draft in self._found:
            if language != main:
                yield Finding("language", draft.file, draft.line, f"{language}, most are {main}", draft.id)


def mark_of(said: Sequence[Remark | Message]) -> bytes:
    """Return 8 bytes that are the same for the same words by the same roles; white space around them does not count."""
    return _hash("\0".join(part for one in said for part in (one.role, (one.content or "").strip())))


def _hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
