"""The rivals by name: what the adapted model is compared with, which is whatever one could have without training.

Light: screens read it too. How each comes to its replies is in `baselines` and `run`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rival:
    """One row of the comparison.

    Attributes:
        name: as shown and as kept in reports.
        what: one sentence.
        phrase: how a verdict speaks of it: "better than …".
        trained: whether weights were changed for it; the best untrained one is the bar.
        check_only: not a competitor, only there to check the evaluator.
    """

    name: str
    what: str
    phrase: str
    trained: bool = False
    check_only: bool = False


ADAPTED = Rival("adapted", "The base model with what it learned.", "the adapted model", trained=True)
BASE = Rival("base", "The base model with the system message, untrained.", "the base model with your system message")
NEAREST = Rival(
    "nearest neighbour",
    "The reply that followed the most similar history in the train conversations.",
    "looking up the most similar train conversation and giving its reply",
)
PARROT = Rival("parrot", "Repeats the user's last message.", "repeating the user's last message")
CONSTANT = Rival(
    "constant",
    "Always the same train reply, the best of five on the valid conversations.",
    "always giving the same reply",
)
SHUFFLED = Rival(
    "shuffled",
    "The true replies of other conversations: must land on chance.",
    "replies of other conversations",
    check_only=True,
)
REFERENCES = Rival(
    "references", "The true replies themselves: must reach the ceiling.", "the true replies", check_only=True
)

RIVALS: tuple[Rival, ...] = (ADAPTED, BASE, NEAREST, PARROT, CONSTANT, SHUFFLED, REFERENCES)
"""In the order they are shown; of equally good untrained ones the first is the bar."""


def named(name: str) -> Rival:
    """Return the rival of this name; one that this version does not know speaks for itself, as untrained."""
    return next((rival for rival in RIVALS if rival.name == name), Rival(name, "", name))
