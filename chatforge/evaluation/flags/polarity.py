"""Whether a reply says that something is so where the true reply says that it is not.

A clause has the sign (-1)^n, n its negative words: "cannot", "unable", "without", "denies", "excluded", "unpaid". Two
clauses that share most of their content words and differ in sign are flagged, unless another clause beside them, at
least as near, has the same sign.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatforge.evaluation.flags.clauses import Part, clauses, content_words, overlap, sentences, stem
from chatforge.evaluation.flags.flag import Flag
from chatforge.evaluation.flags.quantities import straight

NEAR = 0.6
"""Share of the content words of the shorter clause that both have."""

_MODAL = {"can", "must"}

SHARED = 2
"""Content words that two clauses share at least, unless they share all."""

_NEGATIVE = frozenset((
    "not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "without", "unable", "cannot",
    "impossible", "hardly", "nowhere", "deny", "denies", "denied", "denying", "lack", "lacks", "lacking", "refuse",
    "refuses", "refused", "except",
))  # fmt: skip
_TURNED = {
    "exclude": "cover", "excludes": "cover", "excluded": "cover", "excluding": "cover", "closed": "open",
    "forbidden": "allowed", "prohibited": "allowed", "banned": "allowed", "rejects": "accept", "reject": "accept",
    "rejected": "accept", "declined": "accept", "invalid": "valid", "incorrect": "correct", "illegal": "legal",
    "hidden": "see",
}  # fmt: skip
"""Words that are the negation of another."""

_CAN = frozenset((
    "can", "could", "cannot", "may", "might", "able", "unable", "possible", "impossible", "allowed", "forbidden",
    "permitted",
))  # fmt: skip
_MUST = frozenset(("must", "need", "needs", "needed", "required", "requires", "necessary"))
_UN = re.compile(r"(?:un|non)(?=[a-z]{4})(?!der|til|less|ion|it|ique|fortun|iver|animous)")
_IDIOMS = re.compile(
    r"\bno\s+(?:problem|trouble|matter|doubt|worries|wonder|idea|(?:longer|more|later|fewer|less|sooner)\s+than)\b"
    r"|\bnot\s+(?:only|just|until|sure|certain|a\s+problem)\b|\bnothing\s+but\b|\b(?:whether\s+)?or\s+not\b|\bif\s+not\b"
    r"|\bwhy\s+not\b|\b(?:don't|do\s+not)\s+(?:worry|hesitate)\b|\bcan't\s+wait\b"
    r"|\bi'm\s+afraid\b|\bno\s+(?:charge|cost|fee)\b",
    re.IGNORECASE,
)
_FREE_OF = re.compile(r"\bfree\s+(?:of|from)\b(?!\s+(?:charge|[$€£]))", re.IGNORECASE)
_HAVE_TO = re.compile(r"\bha(?:ve|s|d)\s+to\b", re.IGNORECASE)
_UNSURE = re.compile(r"\b(?:only|unless|just\s+one|except|if|whether|until)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_I = re.compile(r"\bI\b")
_ANSWER = re.compile(r"\s*(yes|yep|yeah|no|nope)\b\s*[,.!;:-]", re.IGNORECASE)


@dataclass(frozen=True)
class Clause:
    """A clause with its sign.

    Attributes:
        about: its content words, with "can" and "must" for all words that mean these.
        unsure: whether it holds under a condition. mine: whether it speaks of the assistant itself.
    """

    part: Part
    about: frozenset[str]
    negative: bool
    unsure: bool
    mine: bool


def polarity_flags(reply: str, reference: str) -> Iterator[Flag]:
    """Yield a flag for each clause of the reply that says the opposite of one of the reference."""
    if flag := _answers(reply, reference):
        yield flag
    said, meant = _read(reply), _read(reference)
    for clause in said:
        nearest = max(meant, key=lambda other: _nearness(clause, other), default=None)
        if nearest and _opposite(clause, nearest) and not _confirmed(clause, nearest, said, meant):
            yield _flag(clause.part.words, nearest.part.words)


def _answers(reply: str, reference: str) -> Flag | None:
    """A flag if one begins with "Yes," and the other with "No,"."""
    said, meant = _ANSWER.match(reply), _ANSWER.match(reference)
    if said and meant and said[1].lower()[0] != meant[1].lower()[0]:
        return _flag(said[1], meant[1])
    return None


def _flag(said: str, meant: str) -> Flag:
    return Flag(kind="polarity", what=f"says “{said}”; the true reply says “{meant}”", said=said, meant=meant)


def _read(text: str) -> list[Clause]:
    """The clauses of the statements of a text, each once."""
    found = (_clause(part) for sentence in sentences(text) if not sentence.asks for part in clauses(sentence))
    return list({(clause.about, clause.negative): clause for clause in found if clause.about}.values())


def _clause(part: Part) -> Clause:
    words = _IDIOMS.sub(" ", straight(part.words))
    about = set(content_words(words))
    turns = len(_FREE_OF.findall(words))
    if _HAVE_TO.search(words):
        about.add("must")
    for found in _WORD.finditer(words.lower()):
        word = found[0]
        bare = word.removesuffix("n't")
        if word in _TURNED or (word not in _NEGATIVE and _UN.match(word)):
            about.discard(stem(word))
            about |= set(content_words(_TURNED.get(word) or _UN.sub("", word)))
            turns += 1
        turns += word in _NEGATIVE or bare != word
        if bare in _CAN or word in ("can't", "cannot"):
            about.add("can")
        if bare in _MUST:
            about.add("must")
    return Clause(part, frozenset(about), turns % 2 == 1, bool(_UNSURE.search(words)), bool(_I.search(words)))


def _nearness(a: Clause, b: Clause) -> tuple[float, float]:
    shared = len(a.about & b.about)
    return shared / (len(a.about) + len(b.about)), overlap(a.about, b.about)


def _near(a: Clause, b: Clause) -> bool:
    return (len((a.about & b.about) - _MODAL) >= SHARED or a.about == b.about) and overlap(a.about, b.about) >= NEAR


def _opposite(a: Clause, b: Clause) -> bool:
    return _near(a, b) and a.negative != b.negative and a.mine == b.mine and not (a.unsure or b.unsure)


def _confirmed(clause: Clause, nearest: Clause, said: list[Clause], meant: list[Clause]) -> bool:
    """Whether one of the two clauses has another partner, as near, with its own sign."""
    reached = _nearness(clause, nearest)
    partners = [(clause, other) for other in meant] + [(other, nearest) for other in said]
    return any(a.negative == b.negative and _near(a, b) and _nearness(a, b) >= reached for a, b in partners)
