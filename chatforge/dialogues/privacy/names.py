"""Names of people: where one is expected, and where one is known.

    Hello, my name is Danielle Okafor. Can Priya call me?
           └── cue ──┘└─ in capitals ┘     └───┘ known

The rules are for English and German, and for Latin letters.
"""

import re
import string
from collections.abc import Iterator

from chatforge.dialogues.privacy.cues import GREETINGS, Cue, closing_before, cue_before
from chatforge.dialogues.privacy.found import AFTER_TITLE, NAME_PART, Found
from chatforge.dialogues.privacy.phrases import Phrases
from chatforge.dialogues.privacy.words import (
    FAMILY,
    GIVEN,
    ILLNESS,
    NOT_NAMES,
    ORDINARY,
    PARTICLES,
    PLACES,
    TITLES,
    word_set,
)

_CLEAR = (GIVEN | FAMILY) - ORDINARY
_ANY = GIVEN | FAMILY | ORDINARY

_UPPER = "A-ZÀ-ÖØ-ÞĀ-ɏḀ-ỿ"
"""Latin capitals; from Ā on they alternate with small letters, which are sorted out later."""
_REST = r"[^\W\d_]*(?:[-'’](?!s\b)[^\W\d_]+)*"
_PARTICLE = "|".join(sorted(PARTICLES))
_RUN = re.compile(rf"[{_UPPER}](?<!\w.){_REST}(?:\.? (?:(?:{_PARTICLE}) ){{0,2}}[{_UPPER}]{_REST}){{0,7}}")
_LED = re.compile(rf"\b(?:(?:{_PARTICLE}) ){{1,2}}\Z", re.IGNORECASE)
_SAID = re.compile(
    r"\bmy name(?: is|['’]?s) ([^\W\d_]{3,20})(?: ([^\W\d_]{3,20})(?= *(?:[,.!?;\n]|$| and )))?", re.IGNORECASE
)
_CALLED_ON = re.compile(r" ?(?:[,.!?;:\n)]|$| here\b| again\b)")
_PRESENT = re.compile(r",? (?:here|speaking|again|calling|hier|am apparat)\b", re.IGNORECASE)
_LABEL = re.compile(r":(?= |\n|$)")
_SMALL_TITLE = re.compile(r"\b(?:mrs?|ms(?= ?\.)) ?\.? ?([a-z]{3,20})\b")
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation.replace("'", ""), " "))
_NOT_AFTER_IS = word_set(
    "already changed common correct different hard incorrect listed long misspelled missing mud now printed private"
    " pronounced short shown similar spelled spelt there too under what where written wrong"
)
_NEXT = re.compile(r"(?:['’]s)? ([^\W\d_]+)")
_SAINT = re.compile(r"\b(?:st\.?|saint|san|santa|sankt|mount) \Z", re.IGNORECASE)
MOST_WORDS = 4

Part = tuple[int, int, str]
"""Where a word begins and ends, and the word in lower case."""


def names(text: str) -> Iterator[Found]:
    """Find names of people, then the same names wherever else they stand."""
    found = [*_in_capitals(text), *_in_small_letters(text)]
    if "name" in text or "NAME" in text:
        found.extend(_said(text))
    yield from found
    if found:
        yield from _again(text, found)


def _in_capitals(text: str) -> Iterator[Found]:
    for run in _RUN.finditer(text):
        if run[0].casefold() in NOT_NAMES or not run[0][0].isupper():
            continue
        begin = run.start()
        parts = [(begin + m.start(), begin + m.end(), m[0].casefold()) for m in NAME_PART.finditer(run[0])]
        at = 0
        while at < len(parts):
            last = _last(text, parts, at)
            rule = _rule(text, parts[at : last + 1])
            if rule:
                start, end = _led(text, parts[at][0]), parts[last][1]
                yield Found("name", start, end, text[start:end], rule)
                at = last
            at += 1


def _last(text: str, parts: list[Part], at: int) -> int:
    """Index of a name's last word: before an everyday word or the end of a sentence, of at most four words."""
    last = at
    for i in range(at + 1, len(parts)):
        word = parts[i][2]
        sentence = "." in text[parts[i - 1][1] : parts[i][0]] and len(parts[i - 1][2]) > 1
        if sentence or not _possible(word) or last - at + 1 >= MOST_WORDS:
            break
        if text[parts[i][0]].isupper():
            last = i
    return last


def _rule(text: str, parts: list[Part]) -> str | None:
    """Why some words with capitals are a name; None if they are none."""
    words = [word for _, _, word in parts]
    start, end = parts[0][0], parts[-1][1]
    if (
        not _possible(words[0])
        or words[0] in PARTICLES
        or len(words[0]) + len(words) < 3
        or _is_place(text, words, start, end)
    ):
        return None
    start = _led(text, start)
    cue = cue_before(text, start)
    if cue and _counts(text, words, end, cue):
        return AFTER_TITLE if cue.phrase in TITLES else f"after “{cue.phrase}”"
    if words[0] in _CLEAR:
        return "a common name"
    if len(words) > 1 and words[-1] in FAMILY and words[-1] not in ORDINARY:
        return "a common family name"
    return _placed(text, words, start, end)


def _counts(text: str, words: list[str], end: int, cue: Cue) -> bool:
    """Whether a cue is enough for these words."""
    if cue.strength == "strong":
        return True
    if cue.strength == "wide":
        return all(word in _ANY for word in words)
    if len(words) > 1 or words[0] in _ANY:
        return True
    follows = _CALLED_ON if cue.phrase in GREETINGS or cue.phrase == "name?" else _PRESENT
    shouted = text[end - len(words[0]) : end].isupper()
    return not shouted and bool(follows.match(text, end))


def _placed(text: str, words: list[str], start: int, end: int) -> str | None:
    """Why its place makes a name of a word: a signature, a speaker's label, "… here"."""
    line_start = start == 0 or text[start - 1] == "\n"
    known = not _ANY.isdisjoint(words)
    if line_start and start and (end == len(text) or text[end] == "\n") and closing_before(text, start):
        return "a signature"
    if line_start and known and _LABEL.match(text, end):
        return "a speaker"
    if (known or len(words) > 1) and _PRESENT.match(text, end):
        return "before “here”"
    return None


def _is_place(text: str, words: list[str], start: int, end: int) -> bool:
    """Whether the words are a place or an illness: "Victoria Falls", "Hodgkin disease"."""
    following = _NEXT.match(text, end)
    saint = _SAINT.search(text, max(0, start - 8), start) is not None
    if saint or words[-1] in PLACES or not following:
        return saint or words[-1] in PLACES
    return following[1] in ILLNESS or (following[1].istitle() and following[1].casefold() in PLACES)


def _led(text: str, start: int) -> int:
    """Where a name begins with its particles: "van der Berg"."""
    led = _LED.search(text, max(0, start - 12), start)
    return led.start() if led else start


def _in_small_letters(text: str) -> Iterator[Found]:
    """Find names in small letters: a given with a family name, a known one after a cue, any after "mr"."""
    if "mr" in text or "ms" in text:
        for match in _SMALL_TITLE.finditer(text):
            if _possible(match[1]):
                yield Found("name", *match.span(1), match[1], AFTER_TITLE)
    known = _CLEAR.intersection(text.translate(_PUNCTUATION).split())
    if not known or all(not word[0].islower() for word in known):
        return
    for match in re.finditer(rf"\b(?:{'|'.join(map(re.escape, sorted(known, reverse=True)))})\b", text):
        start, end = match.span()
        following = NAME_PART.match(text, end + 1) if text[end : end + 1] == " " else None
        if following and (following[0] in FAMILY or following[0] in _CLEAR):
            end = following.end()
        cue = cue_before(text, start)
        if (cue and cue.strength != "wide") or (end > match.end() and match[0] in GIVEN):
            rule = f"after “{cue.phrase}”" if cue else "a common name"
            yield Found("name", start, end, text[start:end], rule)


def _said(text: str) -> Iterator[Found]:
    """Find whatever is said to be one's name: "my name is thandiwe nkosi"."""
    for match in _SAID.finditer(text):
        first, second = match[1].casefold(), (match[2] or "").casefold()
        if _possible(first) and first not in _NOT_AFTER_IS and not first.endswith(("ing", "ly")):
            end = match.end(2) if second and _possible(second) and second not in _NOT_AFTER_IS else match.end(1)
            yield Found("name", match.start(1), end, text[match.start(1) : end], "after “my name is”")


def _again(text: str, found: list[Found]) -> Iterator[Found]:
    """Find names that were found once more: whole, then their parts wherever they stand with a capital."""
    whole = Phrases()
    for name in found:
        if " " in name.text:
            whole.add(name.text)
    for start, end in whole.find(text):
        yield Found("name", start, end, text[start:end], "named before")
    parts = {part for name in found for part in NAME_PART.findall(name.text) if tells(part)}
    if parts:
        for match in NAME_PART.finditer(text):
            if match[0] in parts or (match[0].isupper() and match[0].title() in parts):
                yield Found("name", match.start(), match.end(), match[0], "named before")


def tells(part: str) -> bool:
    """Whether a part of a name, with a capital, tells of the person wherever it stands; "Will" and "van" don't."""
    low = part.casefold()
    return len(part) > 2 and part[0].isupper() and _possible(low) and low not in ORDINARY and low not in PARTICLES


def _possible(word: str) -> bool:
    """Whether a word in lower case is no everyday word, nor one with an ending ("I'll")."""
    return word not in NOT_NAMES and word.replace("’", "'").partition("'")[0] not in NOT_NAMES
