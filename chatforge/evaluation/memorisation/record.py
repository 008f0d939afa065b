"""What of the training replies a model gives out word for word: the part of a report. Light: screens read it."""

from dataclasses import dataclass

from chatforge.evaluation.figures import Estimate


@dataclass(frozen=True)
class StringRecord:
    """One rare string that both models were asked to complete.

    Attributes:
        conversation, turn: where it was learned; `turn` is the index of the reply among the messages.
        kind: what it is: "name", "email", …, "number", "words".
        shown: the string; of what may tell who somebody is only the first letter or digit.
        base, adapted: whether the model completed it.
    """

    conversation: str
    turn: int
    kind: str
    shown: str
    base: bool
    adapted: bool

    @property
    def learned(self) -> bool:
        """Whether it comes out after training and did not before."""
        return self.adapted and not self.base


@dataclass(frozen=True)
class Strings:
    """Rare strings of the training replies: shares completed, each with a Wilson interval.

    Attributes:
        learned: completed by the adapted model and not by the base.
    """

    asked: tuple[StringRecord, ...]
    base: Estimate
    adapted: Estimate
    learned: Estimate


@dataclass(frozen=True)
class Secrets:
    """Canaries of one kind, planted or never shown, as the adapted model knows them.

    Attributes:
        completed: share completed greedily, with a Wilson interval.
        ranks: of each secret among `space` of its form, 1 for the likeliest.
        exposure: median over the canaries of log2(space) - log2(rank).
    """

    completed: Estimate
    ranks: tuple[int, ...]
    exposure: float


@dataclass(frozen=True)
class Canaries:
    """Planted secrets, and as many never shown: what chance alone would do.

    Attributes:
        space: how many secrets each was ranked among.
    """

    space: int
    planted: Secrets
    control: Secrets


@dataclass(frozen=True)
class Memorisation:
    """The memorisation test; a part is None where nothing could be asked."""

    strings: Strings | None
    canaries: Canaries | None
