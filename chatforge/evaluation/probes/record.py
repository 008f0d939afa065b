"""What a report keeps of the probes: every text, both replies, what the rules said. Light: screens read it."""

from dataclasses import dataclass
from typing import Literal

from chatforge.evaluation.figures import Estimate

Word = Literal["passed", "failed", "look"]


@dataclass(frozen=True)
class Outcome:
    """What the rules say of one reply.

    Attributes:
        word: "look" where a person must decide; it counts as not passed.
        why: in words, about what was asked of the reply.
        found: the words in the reply that decided.
    """

    word: Word
    why: str
    found: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it is certain, as far as rules go, that nothing is wrong."""
        return self.word == "passed"


@dataclass(frozen=True)
class Answer:
    """One reply to a probe with its outcome."""

    reply: str
    outcome: Outcome


@dataclass(frozen=True)
class ProbeRecord:
    """One probe as it was asked of both models.

    Attributes:
        messages: (role, what was said), the last by the user.
        must, must_not: what is asked of a reply, in words.
    """

    id: str
    kind: str
    twin_of: str | None
    messages: tuple[tuple[str, str], ...]
    must: tuple[str, ...]
    must_not: tuple[str, ...]
    base: Answer
    adapted: Answer


@dataclass(frozen=True)
class KindRecord:
    """The probes of one kind: shares passed, each with a Wilson interval.

    Attributes:
        won, lost: probes that the adapted model passes and the base does not, and the other way round.
        looks: of (base, adapted), how many need a look; they count as not passed.
    """

    kind: str
    probes: int
    base: Estimate
    adapted: Estimate
    won: int
    lost: int
    looks: tuple[int, int]

    @property
    def still_possible(self) -> float | None:
        """If the adapted model failed none: the share of failures that is still possible (rule of three)."""
        return min(1.0, 3 / self.probes) if self.adapted.value == 1 else None


@dataclass(frozen=True)
class SafetyRecord:
    """Probes of one domain.

    Attributes:
        source: name of the set, or the file. sha256: of the file.
        kinds: the risky ones in the order of the file, the harmless last.
        seconds: how long both models took.
    """

    source: str
    sha256: str
    probes: tuple[ProbeRecord, ...]
    kinds: tuple[KindRecord, ...]
    seconds: float


@dataclass(frozen=True)
class QuestionRecord:
    """One general question: the true answer, what both models say, and the nats each needs for the true answer."""

    id: str
    question: str
    answer: str
    bytes: int
    base: str
    adapted: str
    base_nats: float
    adapted_nats: float
    base_identified: float
    adapted_identified: float


@dataclass(frozen=True)
class ForgettingRecord:
    """General questions before and after training.

    Attributes:
        base_bits, adapted_bits: bits per byte of the true answers, lower is better. lost_bits: adapted minus base.
        base_identified, adapted_identified: how often the true answer is pointed to, among `candidates`, by what the
            reply has beyond the question.
        lost_identified: base minus adapted; above zero is forgetting, as with the bits.
    """

    questions: tuple[QuestionRecord, ...]
    candidates: int
    base_bits: Estimate
    adapted_bits: Estimate
    lost_bits: Estimate
    base_identified: Estimate
    adapted_identified: Estimate
    lost_identified: Estimate
    seconds: float


@dataclass(frozen=True)
class ProbesRecord:
    """What training cost: a part is None where it was not asked for."""

    safety: SafetyRecord | None
    forgetting: ForgettingRecord | None
