"""What is said around blind judging, at the terminal and in the app in the same words. Plain text only."""

from collections.abc import Iterator, Mapping

from chatforge.evaluation.blind import Choice, Sitting
from chatforge.words import plain

KEYS: Mapping[str, Choice] = {"1": "first", "2": "second", "t": "tie", "b": "bad"}
"""Which key says what."""

SAID: Mapping[Choice, str] = {
    "first": "reply 1 is better", "second": "reply 2 is better", "tie": "equally good", "bad": "both bad",
}  # fmt: skip

QUESTION = "Which reply is the better one?"
ALL_JUDGED = "All are judged."
TAKEN_BACK = "taken back"

LONGEST = 20_000
"""Signs of a text that are shown: a reply that never ends is no news after that."""


def begin_texts(sitting: Sitting) -> Iterator[str]:
    """What is to be known before the first question, and what is judged already."""
    yield "Whose they are is told at the end. Every answer is kept at once."
    if sitting.answers:
        yield f"{len(sitting.answers)} of {len(sitting.pairs)} are judged already."
    elif sitting.earlier:
        files = ", ".join(path.name for path in sitting.earlier)
        yield f"Judgements of other replies, or by another seed, stay where they are: {files}"
    yield from same_texts(sitting.same)


def same_texts(count: int) -> Iterator[str]:
    """How many replies are left out because both say the same; nothing where none is."""
    if count:
        again = "reply is the same of both and is" if count == 1 else "replies are the same of both and are"
        yield f"{count} {again} not asked about."


def place_text(sitting: Sitting) -> str:
    """Which pair is asked about: 7 of 24."""
    return f"{min(len(sitting.answers) + 1, len(sitting.pairs))} of {len(sitting.pairs)}"


def kept_text(sitting: Sitting) -> str:
    """What is kept when one leaves."""
    return f"{len(sitting.answers)} of {len(sitting.pairs)} are judged and kept"


def shown_text(text: str) -> str:
    """A message or reply as it is read: harmless to the terminal, and never nothing."""
    harmless = plain(text).strip()
    more = len(harmless) - LONGEST
    return (f"{harmless[:LONGEST]} ... ({more:,} more characters)" if more > 0 else harmless) or "(nothing)"
