"""Sentences and clauses of a text, their content words, and which of two texts belong together."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from chatforge.evaluation.flags.moments import DAYS, LONG_MONTHS
from chatforge.evaluation.flags.numerals import ORDINALS, SCALES, SMALL, TENS
from chatforge.evaluation.flags.quantities import straight

ALIGNED = 0.4
"""Two sentences are about the same if they share so much of the content words of the one that has fewer."""

RELATED = 0.2
"""The same for two whole texts."""

_SENTENCE_END = re.compile(
    r"(?<!\b[ap]\.m)(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bNo)(?<!\bSt)[.!?…]+(?=[\s\"')]|$)|\n+"
)
_CLAUSE_END = re.compile(
    r"[;:]\s|\s-+\s|,?\s+(?=(?:but|although|though|because|since|so|while|whereas|unless|except|as\s+long\s+as|even)\b)"
    r"|,?\s+(?=(?:and|or|then)\s+(?:please\s+)?(?:I|you|we|it|they|he|she|that|this|the|there|your|our|an?|can|can't|cannot"
    r"|do|don't|is|isn't|are|aren't|will|won't|must|not|never|has|have|needs?|does|doesn't)\b)"
    r"|,\s+(?=(?:I|you|we|it|they|he|she|those|these|someone|somebody|nobody|everyone|that's|there's|the|if|when|please|not|also|which|who|where|what|nor)\b)"
    r"|\s+(?=(?:until|if|when|once)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_ENDINGS = ("ings", "ing", "ed", "es", "ly", "s")
_SHORTEST = 3
_SAME = {"ring": "call", "phon": "call", "telephon": "call", "dial": "call", "rang": "call", "booked": "book"}
_STOP = {
    "a", "an", "the", "this", "that", "these", "those", "i", "you", "he", "she", "it", "we", "they", "me", "him",
    "her", "us", "them", "my", "your", "his", "its", "our", "their", "mine", "yours", "is", "are", "was", "were",
    "be", "been", "being", "am", "do", "does", "did", "doing", "done", "have", "has", "had", "having", "will",
    "would", "shall", "should", "s", "d", "ll", "ve", "re", "m", "of", "to", "in", "on", "at", "by", "for", "from",
    "with", "into", "onto", "about", "over", "under", "up", "down", "out", "off", "as", "than", "then", "there",
    "here", "where", "when", "what", "which", "who", "whom", "whose", "how", "why", "and", "or", "but", "so", "if",
    "because", "though", "although", "while", "until", "till", "unless", "since", "also", "too", "very", "just",
    "only", "even", "still", "yet", "again", "more", "most", "much", "many", "any", "some", "all", "both", "each",
    "every", "other", "another", "such", "own", "same", "please", "thanks", "thank", "sorry", "yes", "no", "not",
    "nor", "never", "none", "nothing", "nobody", "neither", "without", "ok", "okay", "well", "now", "right", "away",
    "once", "let", "lets", "get", "gets", "got", "go", "goes", "going", "can", "could", "cannot", "may", "might",
    "must", "need", "needs", "needn", "able", "unable", "possible", "impossible", "allowed", "permitted",
    "required", "necessary", "one", "two", "that's", "it's", "i'm", "you're", "we're", "they're", "i've", "i'd",
    "don't", "doesn't", "didn't", "isn't", "aren't", "wasn't", "weren't", "can't", "couldn't", "won't", "wouldn't",
    "shouldn't", "needn't", "mustn't", "haven't", "hasn't", "hadn't", "there's", "what's", "let's", "i'll",
    "you'll", "we'll", "they'll", "it'll", "he's", "she's", "who's", "here's", "pm",
}  # fmt: skip
_STOP |= {*DAYS, *(f"{day}s" for day in DAYS), *LONG_MONTHS, *SMALL, *TENS, *SCALES, *ORDINALS}
"""Words that do not say what a sentence is about, quantities among them."""


@dataclass(frozen=True)
class Part:
    """A sentence or clause: characters `start` to `end` of `text`, which is the whole."""

    text: str
    start: int
    end: int
    asks: bool = False

    @property
    def words(self) -> str:
        """What stands there, word for word."""
        return self.text[self.start : self.end]

    @cached_property
    def content(self) -> frozenset[str]:
        """The stems of its content words."""
        return frozenset(content_words(self.words))


def sentences(text: str) -> Iterator[Part]:
    """Yield the sentences of a text; `asks` is true of questions."""
    at = 0
    for end in _SENTENCE_END.finditer(text):
        yield from _part(text, at, end.start(), "?" in end[0])
        at = end.end()
    yield from _part(text, at, len(text), asks=False)


def clauses(sentence: Part) -> Iterator[Part]:
    """Yield the clauses of a sentence: where it is said what is and what is not, one may hold and the other not."""
    at, plain = sentence.start, straight(sentence.words)
    for end in _CLAUSE_END.finditer(plain):
        yield from _part(sentence.text, at, sentence.start + end.start(), sentence.asks)
        at = sentence.start + end.end()
    yield from _part(sentence.text, at, sentence.end, sentence.asks)


def content_words(text: str) -> Iterator[str]:
    """Yield the stems of the words of a text that say what it is about; numbers in digits are none."""
    for found in _WORD.finditer(straight(text)):
        word = found[0].lower()
        if word not in _STOP:
            yield stem(word)


def stem(word: str) -> str:
    """Cut a lower-case word to what its forms share: "expiry" and "expires" to "expir"."""
    word = word.removesuffix("'s")
    ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= _SHORTEST), "")
    root = word.removesuffix(ending)
    if ending.startswith(("ing", "ed")) and root[-1] == root[-2] and root[-1] not in "ls":
        root = root[:-1]
    root = root[:-1] if len(root) > _SHORTEST and root[-1] in "eiy" else root
    return _SAME.get(root, root)


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Share of the smaller set that is in the larger; 0 if one is empty."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def related(text: str, other: str) -> bool:
    """Whether two texts, as wholes, are about the same."""
    return overlap(frozenset(content_words(text)), frozenset(content_words(other))) >= RELATED


class Sentences:
    """The sentences of a text, to be asked which of them are about the same as another."""

    def __init__(self, text: str) -> None:
        self.parts = [*sentences(text)]
        self._starts = [part.start for part in self.parts]
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        for place, part in enumerate(self.parts):
            for word in part.content:
                self._by_word[word].append(place)

    def place(self, at: int) -> int:
        """Return the number of the sentence in which a character stands."""
        return bisect_right(self._starts, at) - 1

    def alike(self, sentence: Part) -> list[int]:
        """Return the numbers of those that share enough content words with a sentence of another text."""
        shared = Counter(chain.from_iterable(self._by_word.get(word, ()) for word in sentence.content))
        sizes = ((place, min(len(sentence.content), len(self.parts[place].content))) for place in shared)
        return [place for place, size in sizes if shared[place] / size >= ALIGNED]

    def wordless(self, sentence: Part) -> list[int]:
        """Return the numbers of those that may answer the same, as one of the two has no content words: "5 ml."."""
        return [i for i, part in enumerate(self.parts) if not (sentence.content and part.content)]


def _part(text: str, start: int, end: int, asks: bool) -> Iterator[Part]:
    """The part without the space around it, unless nothing is left."""
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    if words.strip():
        yield Part(text, start, start + len(words.strip()), asks)
