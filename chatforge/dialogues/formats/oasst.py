"""OpenAssistant's trees: a first message with replies, which have replies again, ranked by people.

    {"message_tree_id": "…", "prompt": {"text": "…", "role": "prompter", "replies": [
      {"text": "…", "role": "assistant", "rank": 0, "replies": […]}, {"text": "…", "role": "assistant", "rank": 1}]}}

One path is read: from each message to the reply that people ranked best.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.values import object_of
from chatforge.dialogues.formats.walk import NoConversationError, facts, most, name, text, walk

NAME = "oasst"
WHAT = "OpenAssistant: trees of messages, of which the best-ranked path is read"
KINDS: tuple[Kind, ...] = ("lines", "json")

_ROLES = {"prompter": "user"}


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records are trees of messages."""
    return most(sample, lambda record: isinstance(record.value, dict) and _is_message(record.value.get("prompt")))


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Read the best-ranked path of each tree; the other replies are counted."""
    return walk(records, path, partial(_draft, path=path))


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and "text" in value and isinstance(value.get("replies"), list)


def _draft(record: Record, path: Path) -> Draft:
    tree = object_of(record)
    message = tree.get("prompt")
    if not _is_message(message):
        raise NoConversationError("no `prompt` with `replies`")
    remarks, changed = [], []
    while message:
        role = message.get("role")
        remarks.append(Remark(_ROLES.get(role, role) if isinstance(role, str) else "", text(message.get("text"))))
        message, others = _best(message)
        changed += ["replies that were not ranked best left out"] * others
    meta = facts(tree["prompt"], "lang")
    return Draft(tuple(remarks), path, record.line, name(tree.get("message_tree_id")), meta, tuple(changed))


def _best(message: Mapping[str, Any]) -> tuple[dict[str, Any] | None, int]:
    """Return the reply with the lowest rank (the first, if none has one), and how many others there are."""
    replies = message.get("replies")
    good = [r for r in replies if isinstance(r, dict) and not r.get("deleted")] if isinstance(replies, list) else []
    ranks = [r["rank"] if isinstance(r.get("rank"), int) else len(good) for r in good]
    return (good[ranks.index(min(ranks))], len(good) - 1) if good else (None, 0)
