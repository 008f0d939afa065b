"""What one large JSON object holds: a conversation, or many, and where.

    {"messages": […]}   {"vcon": …}   {"id": 7, "log": […]}      "one record": it has a member that one conversation
                                                                 has, or a list of messages beside plain values
    {"train": [{…}, …], "dev": [{…}, …]}   {"data": [{…}, …]}    "lists": the elements of its lists of objects
    {"MUL0003.json": {…}, "PMUL1635.json": {…}}                  "members": hardly one is not an object or a list
    {"question": "…", "answer": "…"}                             "one record": anything else

A message is an object that tells who speaks and what is said. `conversations`, `dialogues` or `data` may be a list of
messages or a list of whole conversations: its first element tells.
"""

from collections.abc import Iterator
from typing import Any, Literal

from chatforge.dialogues.containers.json_cursor import BrokenJsonError, Cursor

Shape = Literal["one record", "lists", "members"]

_OF_ONE_CONVERSATION = frozenset(
    {
        "messages",
        "turns",
        "utterances",
        "log",
        "dialog",
        "events",
        "vcon",
        "original",
        "dialogcontent",
        "transcript",
        "history",
        "prompt",
        "completion",
        "chosen",
        "rejected",
        "instruction",
        "replies",
    }
)
_OF_EITHER = frozenset({"conversation", "conversations", "dialogue", "dialogues", "dialogs", "chat", "data", "items"})
_WHO = frozenset({"role", "from", "speaker", "sender", "author", "author_id", "agent", "is_agent"})
_WHAT = frozenset({"content", "value", "text", "utterance", "body", "message", "sentences"})

_Look = Literal["plain", "nested", "objects", "messages"]
"""Of a member: text, number, truth or null; an object or any list; a list of objects; a list of messages."""


def shape(text: str) -> Shape:
    """Say what the object holds that `text` begins with; `text` may be cut off anywhere."""
    members = {name.casefold(): look for name, look in _looks(text)}
    looks = set(members.values())
    if not _OF_ONE_CONVERSATION.isdisjoint(members):
        return "one record"
    if "messages" in looks and ("plain" in looks or any(members.get(name) == "messages" for name in _OF_EITHER)):
        return "one record"
    if "objects" in looks:
        return "lists"
    plain = sum(look == "plain" for look in members.values())
    return "members" if len(members) - plain > 3 * plain else "one record"


def _looks(text: str) -> Iterator[tuple[str, _Look]]:
    cursor = Cursor(iter([text]))
    try:
        for name in cursor.members():
            sign = cursor.peek()
            if sign != "[":
                yield name, "nested" if sign == "{" else "plain"
                cursor.value()
                continue
            look: _Look | None = None
            for _ in cursor.elements():
                value, _ = cursor.value()
                if look is None:
                    look = _look_of_list(value)
                    yield name, look
            if look is None:
                yield name, "nested"
    except BrokenJsonError:
        return  # cut off, or broken: whoever reads it will say so


def _look_of_list(first: Any) -> _Look:
    if not isinstance(first, dict):
        return "nested"
    names = {name.casefold() for name in first}
    is_message = names & _WHO and names & _WHAT and not names & _OF_ONE_CONVERSATION
    return "messages" if is_message else "objects"
