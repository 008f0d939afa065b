"""The two kinds of figure that a report holds: an estimate with its interval, and a paired difference."""

from dataclasses import dataclass

MINIMUM = 30
"""Below this number of conversations no interval is trusted far enough to say better or worse."""


POWER = 2.801585
"""Standard errors of a difference that is found in 80% of tests at the 5% level."""


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95% interval.

    Attributes:
        method: how the interval was made: "bca", "percentile" (BCa was not defined), "none" (all values are equal:
            resampling cannot show any spread), "wilson" (a share of yes or no).
    """

    value: float
    low: float
    high: float
    method: str


@dataclass(frozen=True)
class Difference:
    """A minus B on the same conversations; above zero means that A is better.

    Attributes:
        value, low, high, method: mean difference per conversation, its 95% interval, how that was made.
        p: two-sided sign-flip permutation test of "no difference".
        probability: that the difference is above zero (Bayesian bootstrap).
        probability_worthwhile: that it is at least the smallest worthwhile difference.
        sd: standard deviation of the difference per conversation.
        smallest_visible: difference that this many conversations find in 80% of such tests.
        conversations: how many were compared.
    """

    value: float
    low: float
    high: float
    method: str
    p: float
    probability: float
    probability_worthwhile: float
    sd: float
    smallest_visible: float
    conversations: int
