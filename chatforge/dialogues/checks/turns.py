"""What is wrong with one conversation: its texts, its speakers and their order."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from chatforge.dialogues.checks.finding import Finding
from chatforge.dialogues.checks.texts import damages, says_nothing
from chatforge.dialogues.conversation import ROLES
from chatforge.dialogues.draft import Draft, Remark
from chatforge.dialogues.tidy import MAX_MESSAGE_CHARACTERS, role_of

SHOWN = 60
"""Characters of a text that a finding quotes."""


def findings(draft: Draft) -> Iterator[Finding]:
    """Yield what is wrong with a conversation, message by message, then as a whole."""

    def found(check: str, what: str, turn: int | None = None) -> Finding:
        return Finding(check, draft.file, draft.line, what, draft.id, turn)

    for turn, remark in enumerate(draft.remarks, start=1):
        if role_of(remark) == "tool":
            continue
        for check, what in _of_message(remark):
            yield found(check, what, turn)
    for check, what, place in _of_order(_talk(draft.remarks)):
        yield found(check, what, place)


def _of_message(remark: Remark) -> Iterator[tuple[str, str]]:
    role, text = role_of(remark), remark.content
    if role not in ROLES:
        yield "role", f"{remark.role[:40]!r} is neither user nor assistant"
    if text is None or not text.strip():
        yield "empty", f"{role} says nothing"
    elif says_nothing(text):
        yield "null", f"{role} says {text.strip()!r}"
    elif len(text) > MAX_MESSAGE_CHARACTERS:
        yield "too-long", f"{role} says {len(text):,} characters; the limit is {MAX_MESSAGE_CHARACTERS:,}"
    else:
        for damage, example in damages(text):
            yield damage.check, f"{role}: {example!r}"


def _talk(remarks: Sequence[Remark]) -> list[tuple[int, str]]:
    """Who speaks, in order, without system and tools: (turn from 1, role)."""
    spoken = ((turn, role_of(remark)) for turn, remark in enumerate(remarks, start=1))
    return [(turn, role) for turn, role in spoken if role not in ("system", "tool")]


def _of_order(talk: Sequence[tuple[int, str]]) -> Iterator[tuple[str, str, int | None]]:
    roles = {role for _, role in talk}
    if "assistant" not in roles:
        if roles <= {"user"}:  # else it is another speaker, which is told at his message
            yield "no-assistant", "the assistant says nothing in it", None
        return
    if talk[0][1] == "assistant":
        yield "assistant-first", "it begins with the assistant", talk[0][0]
    rows = [(turn, role) for (_, before), (turn, role) in pairwise(talk) if before == role]
    if rows:
        turn, role = rows[0]
        more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
        yield "order", f"{role} speaks twice in a row{more}", turn
    if talk[-1][1] == "user":
        yield "user-last", "it ends with the user", talk[-1][0]
