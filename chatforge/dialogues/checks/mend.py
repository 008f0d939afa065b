"""Repair a conversation: what is damaged in its texts, what nobody said, the order of speakers.

Only what is certain is done; what a person must decide stays as it is. Every change is said.
"""

from dataclasses import dataclass, replace

from chatforge.dialogues.checks.texts import mended, says_nothing
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine, Draft, Remark
from chatforge.dialogues.reading import ID_TWICE
from chatforge.dialogues.tidy import role_of, strict, tidy


@dataclass(frozen=True)
class Change:
    """One thing that was done. `check` is the id of what it mends; `turn` counts from 1."""

    check: str
    turn: int | None
    was: str
    now: str


@dataclass(frozen=True)
class Mended:
    """What became of a conversation.

    Attributes:
        conversation: as it can be trained on; None if it had to be left out. why: the reason for that.
        changes: what was done; () if nothing was wrong.
    """

    conversation: Conversation | None
    changes: tuple[Change, ...]
    why: str = ""


def mend(draft: Draft) -> Mended:
    """Repair a conversation, or say why it must be left out."""
    changes: list[Change] = []
    remarks = []
    for turn, remark in enumerate(draft.remarks, start=1):
        kept = _mend_text(remark, turn, changes)
        if kept:
            remarks.append(kept)
    if ID_TWICE in draft.changed:
        changes.append(Change("id-twice", None, "", str(draft.id)))
    whole = replace(draft, remarks=tuple(remarks), changed=())
    if not isinstance(as_it_is := strict(whole), BadLine):
        return Mended(as_it_is, tuple(changes))
    found = tidy(whole)
    if isinstance(found, BadLine):
        return Mended(None, tuple(changes), found.reason)
    changes += [Change(_CHECKS.get(what, "order"), None, what, "") for what in dict.fromkeys(found.changed)]
    return Mended(found.conversation, tuple(changes))


_CHECKS = {
    "opened by the assistant: that message left out": "assistant-first",
    "the user has the last word: that message left out": "user-last",
    "empty messages left out": "empty",
    "tool messages left out": "tool",
    "messages in a row by one side joined": "order",
}


def _mend_text(remark: Remark, turn: int, changes: list[Change]) -> Remark | None:
    text, role = remark.content, role_of(remark)
    if text is None or role == "tool":
        return remark
    if says_nothing(text):
        changes.append(Change("null", turn, text, ""))
        return None
    better, done = mended(text)
    changes += [Change(check, turn, text, better) for check in done]
    return Remark(remark.role, better)
