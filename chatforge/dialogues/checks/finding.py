"""What the doctor can find: every kind with what it means, how bad it is and whether it can be mended."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning", "hint"]
"""error: cannot be trained on as it is; warning: will be learned and should not; hint: worth a look."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")


@dataclass(frozen=True)
class Check:
    """One kind of finding.

    Attributes:
        title: what it is, for a list. why: what it does to the result, in one sentence.
        mend: what `--fix` does about it; "" if a person must decide.
    """

    id: str
    severity: Severity
    title: str
    why: str
    mend: str = ""


@dataclass(frozen=True)
class Finding:
    """One place where something was found.

    Attributes:
        check: the id of its kind.
        line: where the conversation begins. turn: the message, from 1; None for the whole conversation.
        what: what was found there, in words; may hold text from the data.
    """

    check: str
    file: Path
    line: int
    what: str
    conversation: str | None = None
    turn: int | None = None


_OUT = "the conversation is left out"

CHECKS: Mapping[str, Check] = {
    one.id: one
    for one in (
        Check("broken", "error", "cannot be read", "Nothing of such a line can be learned.", "the line is left out"),
        Check("role", "error", "unknown speaker", "It is not known whose words these are.", _OUT),
        Check("order", "error", "roles don't alternate", "A model is trained on question and answer in turns.",
              "what one side says in a row is joined"),
        Check("assistant-first", "error", "the assistant speaks first", "There is nothing that it answers.",
              "the opening is left out"),
        Check("no-assistant", "error", "no reply", "There is nothing to learn.", _OUT),
        Check("empty", "error", "empty message", "An empty reply teaches silence.", "the message is left out"),
        Check("null", "error", "a placeholder for nothing (null, nan, [deleted])",
              "The model would learn to say it.", "the message is left out"),
        Check("too-long", "error", "a message too long to be one", "It is an attachment or a broken export.", _OUT),
        Check("half-emoji", "error", "half a character", "The export cut an emoji in two.", "the half is removed"),
        Check("id-twice", "error", "the same id twice", "Conversations are told apart by their ids.",
              "the later one gets another id"),
        Check("unrendered", "error", "the base model's template cannot take it", "A run stops there."),
        Check("stopping", "error", "longer than max_length: a run stops there", "The recipe says `too_long: stop`."),
        Check("dropped", "error", "longer than max_length: left out of training",
              "Raise max_length, or let `too_long: cut` keep the replies that fit."),
        Check("cut", "warning", "longer than max_length: loses its last replies", "What is cut off is not learned."),
        Check("escape", "warning", "terminal escapes", "The model would learn to write them.", "they are removed"),
        Check("control", "warning", "control characters", "The model would learn to write them.", "they are removed"),
        Check("invisible", "warning", "invisible characters", "They split words that look whole.", "they are removed"),
        Check("mojibake", "warning", "encoding damage (Ã¼ for ü)", "The model would learn to write it.",
              "it is undone where that is certain"),
        Check("lost-character", "warning", "characters that were lost (�)", "They cannot be brought back."),
        Check("html", "warning", "remains of HTML", "The model would learn to write tags.",
              "tags go, their text stays"),
        Check("template", "warning", "marks of a chat template in the text",
              "They look like the end of a turn to a model."),
        Check("placeholder", "hint", "placeholders such as {{Order Number}}",
              "The model will say them to a user as they are."),
        Check("user-last", "hint", "the user has the last word", "Nothing answers it; it is not learned."),
        Check("short", "hint", "very short replies", "A model that saw many of them becomes terse."),
        Check("boilerplate", "warning", "the same reply again and again",
              "The model will give it where it does not fit."),
        Check("length", "hint", "far longer than the others", "It costs time and may be cut."),
        Check("language", "warning", "another language than the rest", "The model may change language in mid-talk."),
        Check("duplicate", "warning", "the same conversation again", "It counts twice, and may be in the test as well.",
              "the later one is left out"),
        Check("near-duplicate", "warning", "nearly the same conversation", "It counts twice, and may be in the test."),
        Check("contradiction", "warning", "near-equal questions, different answers", "One of them may be wrong."),
        Check("few", "warning", "an intent with very few conversations", "It will hardly be learned, nor be judged."),
    )
}  # fmt: skip
"""Every kind of finding, by id."""
