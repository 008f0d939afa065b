"""The rivals by name: what the adapted model is compared with, which is whatever one could have without training.

Light: screens read it too. How each comes to its replies is in `replies`, `baselines`, `examples` and `guests`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Written = Literal["base", "adapted"]
"""Which of a run's two models writes a rival's replies."""


@dataclass(frozen=True)
class Rival:
    """One row of the comparison.

    Attributes:
        name: as shown and as kept in reports.
        what: one sentence.
        phrase: how a verdict speaks of it: "better than …".
        trained: whether weights were changed for it; the best untrained one is the bar.
        check_only: not a competitor, only there to check the evaluator.
        by: which model of the run writes its replies; None where neither does.
        examples: exchanges of train that its prompts show first; system: whether they have the system message.
        asked_as: its word in a recipe's `evaluation.rivals`; empty for those that are always there.
    """

    name: str
    what: str
    phrase: str
    trained: bool = False
    check_only: bool = False
    by: Written | None = None
    examples: int = 0
    system: bool = True
    asked_as: str = ""


ADAPTED = Rival("adapted", "The base model with what it learned.", "the adapted model", trained=True, by="adapted")
ADAPTED_2 = Rival(
    "adapted + 2 examples",
    "The adapted model, shown the two most similar train exchanges before the conversation.",
    "the adapted model with 2 similar train exchanges in its prompt",
    trained=True,
    by="adapted",
    examples=2,
    asked_as="adapted-2-examples",
)
BASE = Rival(
    "base",
    "The base model with the system message, untrained.",
    "the base model with your system message",
    by="base",
)
NO_SYSTEM = Rival(
    "base, no system message",
    "The base model without your system message; its template may put in one of its own.",
    "the base model without a system message",
    by="base",
    system=False,
    asked_as="no-system",
)
BASE_2 = Rival(
    "base + 2 examples",
    "The base model, shown the two most similar train exchanges before the conversation.",
    "the base model with 2 similar train exchanges in its prompt",
    by="base",
    examples=2,
    asked_as="2-examples",
)
BASE_4 = Rival(
    "base + 4 examples",
    "The base model, shown the four most similar train exchanges before the conversation.",
    "the base model with 4 similar train exchanges in its prompt",
    by="base",
    examples=4,
    asked_as="4-examples",
)
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
SECOND = Rival(
    "second reference",
    "Another true reply to the same message, where the data has one: what right replies in other words reach.",
    "a second true reply",
    check_only=True,
)
REFERENCES = Rival(
    "references", "The true replies themselves: must reach the ceiling.", "the true replies", check_only=True
)

RIVALS: tuple[Rival, ...] = (
    ADAPTED, ADAPTED_2, BASE, NO_SYSTEM, BASE_2, BASE_4, NEAREST, PARROT, CONSTANT, SHUFFLED, SECOND, REFERENCES,
)  # fmt: skip
"""In the order they are shown; of equally good untrained ones the first is the bar."""

OPTIONAL: tuple[str, ...] = tuple(rival.asked_as for rival in RIVALS if rival.asked_as)
"""The words that a recipe's `evaluation.rivals` may have."""

RUN, ENDPOINT = "run ", "endpoint "
"""How the names of rivals from elsewhere begin; what follows is the run's id, or what the user calls the endpoint."""


def named(name: str) -> Rival:
    """Return the rival of this name; one that this version does not know speaks for itself, as untrained."""
    if name.startswith(RUN):
        which = name.removeprefix(RUN)
        return Rival(name, f"What run {which} learned.", f"what run {which} learned", trained=True)
    if name.startswith(ENDPOINT):
        which = name.removeprefix(ENDPOINT)
        return Rival(name, f"The model behind the endpoint {which}.", f"asking the endpoint {which}")
    return next((rival for rival in RIVALS if rival.name == name), Rival(name, "", name))


def ordered(names: Iterable[str]) -> list[str]:
    """Return names in the order in which rivals are shown: those from elsewhere stand before the ones that check."""
    competing = [rival.name for rival in RIVALS if not rival.check_only]
    checking = [rival.name for rival in RIVALS if rival.check_only]

    def place(name: str) -> int:
        if name in competing:
            return competing.index(name)
        return len(RIVALS) + checking.index(name) if name in checking else len(competing)

    return sorted(names, key=place)
