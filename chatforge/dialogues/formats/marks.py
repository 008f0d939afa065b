"""Who says what in lines of plain text.

    Doctor: When did it start?            Agent [10:02]: Hello!         D; any pain?
     Patient: On Monday,                  [customer] it is late         **Anna:** hi
    after breakfast.   (goes on)          Customer - thanks             #Person1#: hi

A file has one such style. What looks like a mark but is none ("Order number: 12") goes on with the words before it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from chatforge.dialogues.formats.names import kind

Style = Literal["colon", "bracket", "dash"]

_LABELS = """address amount attention caution category channel date duration email example fax file footer header http
    https id important intent language link mailto name note notes number option order orders page phone plan price ps
    www reason ref regards result scenario section status step subject summary tel time tip title topic total
    url warning
"""
NO_SPEAKERS = frozenset(_LABELS.split())
"""A line such as "Order number: 12" begins with a label, not with a speaker."""

_CLOCK = r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d{1,3})?(?:\s?[AaPp]\.?[Mm]\.?)?"
_STAMP = rf"[\[(<]?(?:\d{{4}}-\d\d-\d\d[T ])?{_CLOCK}[\])>]?"
_AFTER = rf"(?:\s+|(?=[\[(<])){_STAMP}"
_NAME = r"(?P<name>[^\W\d_][\w.'’&/]*(?:[ -][\w.'’&/]+){0,3}(?: ?\([^()]{1,30}\))?)"
_BRACKET = re.compile(r"\[(?P<name>[^\[\]:]{1,40})\]\s*:?\s*")
_COLON = re.compile(
    rf"(?P<stamp>{_STAMP}\s*[-–]?\s*)?{_NAME}#?(?:{_AFTER})?\s*(?P<sign>[:;])(?!//)[*_]*(?:\s+|$|(?!\d))"
)
_DASH = re.compile(rf"(?:{_STAMP}\s*)?{_NAME}(?:{_AFTER})?\s+[-–—]\s+")
_PATTERNS: dict[Style, re.Pattern[str]] = {"colon": _COLON, "bracket": _BRACKET, "dash": _DASH}
_SIGNS: dict[Style, frozenset[str]] = {"bracket": frozenset("["), "colon": frozenset(":;"), "dash": frozenset("-–—")}
_LOOK = 100
"""A mark stands within so many characters of the beginning of its line."""
_OFTEN = 0.1
"""A name that is no known word is a speaker in the whole file if it marks lines in this share of its conversations."""
_MARKED = 0.2
"""Text with marks on fewer of its lines is not a dialogue."""


@dataclass(frozen=True)
class Mark:
    """The beginning of a line that names a speaker; `length` is where what was said begins."""

    name: str
    length: int
    slip: bool = False


@dataclass(frozen=True)
class Manner:
    """How a file marks its speakers: one style, and the names that were often seen in it."""

    style: Style
    names: frozenset[str] = frozenset()

    def turns(self, lines: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
        """Return (speaker, what was said) in order, and the lines with text that stand before the first mark."""
        marks = [self._mark(line) for line in lines]
        speakers = self._speakers([mark.name for mark in marks if mark and not mark.slip])
        said: list[tuple[str, list[str]]] = []
        before: list[str] = []
        for line, mark in zip(lines, marks, strict=True):
            if mark and mark.name.casefold() in speakers:
                said.append((mark.name, [line[mark.length :].strip()]))
            elif said:
                said[-1][1].append(line.strip())
            elif line.strip():
                before.append(line.strip())
        return [(name, "\n".join(parts).strip()) for name, parts in said], before

    def _mark(self, line: str) -> Mark | None:
        return mark_of(line, self.style)

    def _speakers(self, names: Sequence[str]) -> set[str]:
        """Return which names that mark lines of one conversation are speakers and not the beginning of a sentence."""
        counts = Counter(name.casefold() for name in names)
        sure = {name for name, count in counts.items() if count > 1 or kind(name) or name in self.names}
        return sure if len(sure) > 1 else set(counts)


def mark_of(line: str, style: Style) -> Mark | None:
    """Return what could be the speaker's mark at the beginning of a line."""
    if not _SIGNS[style].intersection(line[: 2 * _LOOK]):
        return None
    start = len(line) - len(line.lstrip(" \t*_>#•-\ufeff"))
    match = _PATTERNS[style].match(line[start : start + _LOOK])
    if not match or not _is_name(match["name"], style):
        return None
    slip = style == "colon" and match["sign"] == ";"
    return Mark(match["name"].strip(" *_#"), start + match.end(), slip)


def manner(talks: Iterable[Sequence[str]]) -> Manner:
    """Find out from the lines of some conversations how speakers are marked: the style that marks most lines."""
    talks = list(talks)
    seen = {style: _seen(talks, style) for style in _PATTERNS}
    return max(seen.values(), key=lambda pair: pair[1])[0]


def _seen(talks: Sequence[Sequence[str]], style: Style) -> tuple[Manner, int]:
    """Return the names that a style would give, and how many lines they mark."""
    lines: Counter[str] = Counter()
    talks_with: Counter[str] = Counter()
    for talk in talks:
        names = [mark.name.casefold() for line in talk if (mark := mark_of(line, style)) and not mark.slip]
        lines.update(names)
        talks_with.update(set(names))
    often = frozenset(n for n, c in lines.items() if c > 1 and talks_with[n] >= max(1, _OFTEN * len(talks)))
    return Manner(style, often), sum(c for n, c in lines.items() if c > 1 or kind(n))


def spoken(lines: Sequence[str]) -> bool:
    """Whether text is a dialogue: two speakers at least, each marked again and again or by a known word.

    Where half of the lines have marks, one known word is enough.
    """
    turns, _ = manner([lines]).turns(lines)
    share = len(turns) / max(1, sum(1 for line in lines if line.strip()))
    counts = Counter(name.casefold() for name, _ in turns)
    clear = sum(1 for name, count in counts.items() if count > 1 or kind(name))
    return len(counts) > 1 and (share >= _MARKED if clear > 1 else share >= 0.5 and any(map(kind, counts)))


def _is_name(name: str, style: Style) -> bool:
    words = re.findall(r"[^\W\d_]+", name)
    if not words or words[0].casefold() in NO_SPEAKERS:
        return False
    return style == "bracket" or len(words) == 1 or all(word[0].isupper() or kind(word) for word in words)
