"""The scales on which replies are scored: what each asks, in which unit, and what chance gives.

Each belongs to an axis; axes are never averaged into one figure:

    on topic    is it a reply to this conversation?
    complete    is everything in it that the true reply says?

The third, what a reply contradicts, is no score but a list of flags to look at. Light: screens read it too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Axis = Literal["on topic", "complete"]
Unit = Literal["share", "number"]


@dataclass(frozen=True)
class Scale:
    """One scale; more is always better.

    Attributes:
        key: its name in reports.
        title: for the head of a column, or a choice.
        what: one sentence for a reader who has never heard of it.
        unit: "share": from 0 to 1, shown in percent, differences in points; "number": shown with two decimals.
        chance: what a reply has that has nothing to do with its conversation: "one in k" of the candidates, 0, or None
            where only the shuffled replies show it.
        short: the title in the narrow columns of a terminal, in two lines at most; empty where there is no room for it.
    """

    key: str
    axis: Axis
    title: str
    what: str
    unit: Unit = "share"
    chance: Literal["one in k", 0] | None = None
    short: str = ""


BEYOND_QUESTION = Scale(
    "beyond_question",
    "on topic",
    "beyond question",
    "Does what the reply adds to the question point to the true reply, among k true replies?",
    chance="one in k",
    short="beyond\nquestion",
)
IDENTIFICATION = Scale(
    "identification",
    "on topic",
    "identification",
    "Does the whole reply point to the true reply, among k? Repeating the question often does.",
    chance="one in k",
    short="whole\nreply",
)
SAME_INTENT = Scale(
    "identification_intent",
    "on topic",
    "same intent",
    "Does the whole reply point to it among true replies to users who want the same?",
    short="same\nintent",
)
HARD = Scale(
    "identification_hard",
    "on topic",
    "most alike",
    "Does the whole reply point to it among the true replies that are most alike?",
    short="most\nalike",
)
RECIPROCAL_RANK = Scale(
    "reciprocal_rank",
    "on topic",
    "reciprocal rank",
    "One over the place of the true reply among k: 1 if it is first, 0.5 if second.",
    "number",
)
CORRECTED = Scale(
    "corrected",
    "on topic",
    "similarity",
    "How alike reply and true reply are, less how alike the reply is to any true reply.",
    "number",
    0,
    short="simi-\nlarity",
)
TOKEN_RECALL = Scale(
    "token_recall",
    "complete",
    "meaning",
    "How near in meaning the nearest word of the reply is to each word of the true one.",
    "number",
    short="meaning",
)
CONTENT_WORDS = Scale(
    "content_words",
    "complete",
    "content words",
    "How many of the true reply's content words are in the reply.",
    short="content\nwords",
)
NUMBERS = Scale(
    "numbers", "complete", "numbers", "How many of the true reply's numbers are in the reply.", short="numbers"
)
ENTITIES = Scale(
    "entities",
    "complete",
    "names and ids",
    "How many of the true reply's names, e-mail addresses, phone numbers and ids are in the reply.",
    short="names,\nids",
)
FACTS = Scale(
    "facts",
    "complete",
    "facts",
    "How many of the fact sheet's facts that the true reply tells are in the reply.",
    short="facts",
)

SCALES: tuple[Scale, ...] = (
    BEYOND_QUESTION, IDENTIFICATION, SAME_INTENT, HARD, RECIPROCAL_RANK, CORRECTED,
    TOKEN_RECALL, CONTENT_WORDS, NUMBERS, ENTITIES, FACTS,
)  # fmt: skip
"""In the order they are shown."""

PRIMARY = BEYOND_QUESTION
"""The one that decides: the same for every run, not chosen by its figures."""

AXES: tuple[Axis, ...] = ("on topic", "complete")


def on_axis(axis: Axis, keys: Iterable[str]) -> list[Scale]:
    """The scales of an axis that have been scored, in the order they are shown."""
    there = set(keys)
    return [scale for scale in SCALES if scale.axis == axis and scale.key in there]
