"""What a person's blind judgements came to, in figures and in words; and whether the automatic scores agree."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from chatforge.evaluation.blind import Choice, Pair, Sitting
from chatforge.evaluation.blind_words import SAID, same_texts
from chatforge.evaluation.figures import Estimate
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED
from chatforge.evaluation.scales import PRIMARY, SCALES
from chatforge.evaluation.wording import p_text, percent_text
from chatforge.words import plain

SIGNIFICANT = 0.05
"""Without a p under it nobody is preferred: of few pairs Wilson's interval alone says so too soon."""


@dataclass(frozen=True)
class Agreement:
    """How often a score prefers the reply that the person prefers; a coin agrees in half of the pairs.

    Attributes:
        agreed, pairs: of the pairs in which both prefer one, how many is it the same, and how many there are.
        share: agreed of pairs (Wilson); None where there are none.
    """

    agreed: int
    pairs: int
    share: Estimate | None


@dataclass(frozen=True)
class Result:
    """What came of a sitting so far.

    Attributes:
        askable, asked, judged: pairs whose replies differ, how many of them are asked about, how many are judged.
        same: replies that are the same, which are left out.
        wins, losses: the adapted model's reply was better, the rival's was; ties: equally good; bad: both bad.
        share: wins of those that were decided (Wilson); None where none was.
        p: sign test of "neither is better", two-sided; 1 where none was decided.
        agreements: by the key of the score.
    """

    rival: str
    askable: int
    asked: int
    judged: int
    same: int
    wins: int
    losses: int
    ties: int
    bad: int
    share: Estimate | None
    p: float
    agreements: Mapping[str, Agreement]

    @property
    def decided(self) -> int:
        """Pairs in which one reply was better."""
        return self.wins + self.losses

    @property
    def preferred(self) -> Literal["adapted", "rival"] | None:
        """Whose replies are preferred; None where it cannot be told: the interval and the test have to say so."""
        if self.share is None or self.p >= SIGNIFICANT or self.share.low <= 0.5 <= self.share.high:
            return None
        return "adapted" if self.wins > self.losses else "rival"

    @property
    def mostly_bad(self) -> bool:
        """Whether both replies were bad in most pairs: whoever is preferred is not good yet."""
        return self.bad > self.judged / 2


def result(sitting: Sitting, report: Report) -> Result:
    """Sum up what was said so far."""
    from scipy.stats import binomtest

    judged = list(zip(sitting.pairs, sitting.answers, strict=False))
    preferred = [pair.preferred(said) for pair, said in judged]
    wins, losses = preferred.count("adapted"), preferred.count("rival")
    said = list(sitting.answers)
    return Result(
        rival=sitting.rival,
        askable=sitting.askable,
        asked=len(sitting.pairs),
        judged=len(judged),
        same=sitting.same,
        wins=wins,
        losses=losses,
        ties=said.count("tie"),
        bad=said.count("bad"),
        share=_share(wins, wins + losses),
        p=float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0,
        agreements=_agreements(judged, sitting.rival, report),
    )


def _agreements(judged: list[tuple[Pair, Choice]], rival: str, report: Report) -> dict[str, Agreement]:
    mine, theirs = report.rival(ADAPTED.name).replies, report.rival(rival).replies
    found: dict[str, list[bool]] = {}
    for pair, said in judged:
        if (preferred := pair.preferred(said)) is None:
            continue
        for key, a in mine[pair.item].scores.items():
            b = theirs[pair.item].scores.get(key)
            votes = found.setdefault(key, [])
            if a is not None and b is not None and a != b:
                votes.append((a > b) == (preferred == "adapted"))
    return {key: Agreement(sum(votes), len(votes), _share(sum(votes), len(votes))) for key, votes in found.items()}


def _share(count: int, total: int) -> Estimate | None:
    from chatforge.evaluation.statistics import wilson

    return Estimate(count / total, *wilson(count / total, total), "wilson") if total else None


def result_texts(found: Result, more: str) -> Iterator[str]:
    """The result in words; the last line says what follows from it.

    Args:
        more: how more pairs come to be judged, such as "With --pairs".
    """
    yield (
        f"{found.judged} of {found.asked} pairs judged: adapted better in {found.wins}, {found.rival} better in "
        f"{found.losses}, equally good {found.ties}, both bad {found.bad}."
    )
    yield from same_texts(found.same)
    if found.share:
        yield (
            f"Of the {found.decided} decided ones adapted won {percent_text(found.share)} (95% interval; chance 50%); "
            f"sign test p {p_text(found.p)}."
        )
        yield _caution(found, more)
    yield from _agreement_texts(found)
    yield _sentence(found)


def _caution(found: Result, how: str) -> str:
    """What judging on would do to the figures; never only where they tell nothing yet: that would ask for a peek."""
    left = found.judged == found.asked < found.askable
    more = f"{how} up to {found.askable} can be judged. " if left else ""
    return (
        f"{more}Interval and p hold where the number of pairs was settled before the first look at a result: whoever "
        "looks and then judges more makes the interval too narrow."
    )


def _agreement_texts(found: Result) -> Iterator[str]:
    there = [(scale, found.agreements[scale.key]) for scale in SCALES if scale.key in found.agreements]
    if any(one.share for _, one in there):
        yield "How often a score prefers the same reply as you (95% interval; chance 50%):"
    for scale, one in there:
        if one.share:
            decides = " (decides in the report)" if scale == PRIMARY else ""
            yield f"    {scale.title:<16} {one.agreed:>2} of {one.pairs:>2}  {percent_text(one.share)}{decides}"


def _sentence(found: Result) -> str:
    bad = " In most pairs both replies were bad." if found.mostly_bad else ""
    if found.share is None:
        return f"Nothing follows yet: no pair was decided.{bad}"
    match found.preferred:
        case "adapted":
            return f"You prefer the adapted model to {found.rival}.{bad}"
        case "rival":
            return f"You prefer {found.rival} to the adapted model.{bad}"
    few = f"{found.decided} decided pair{'' if found.decided == 1 else 's'} (p is not under {SIGNIFICANT})"
    return f"Whether you prefer the adapted model or {found.rival} cannot be told from {few}.{bad}"


def revealed_texts(sitting: Sitting) -> Iterator[str]:
    """Which of the two was which, of the pairs that are judged."""
    for number, (pair, said) in enumerate(zip(sitting.pairs, sitting.answers, strict=False), start=1):
        first, second = (ADAPTED.name, sitting.rival) if pair.adapted_first else (sitting.rival, ADAPTED.name)
        yours = {"first": first, "second": second}.get(said, SAID[said])
        where = plain(pair.conversation, one_line=True)
        yield f"{number:>3}. 1 was {first}, 2 was {second}; you: {yours} ({where})"


def as_json(found: Result, sitting: Sitting) -> dict[str, Any]:
    """The result for scripts, with every judgement."""
    judged = zip(sitting.pairs, sitting.answers, strict=False)
    return asdict(found) | {
        "file": str(sitting.path.absolute()),
        "answers": [
            {
                "conversation": pair.conversation,
                "turn": pair.turn,
                "adapted_first": pair.adapted_first,
                "said": said,
                "preferred": pair.preferred(said),
            }
            for pair, said in judged
        ],
    }
