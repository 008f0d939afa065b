"""Lists of messages, each with its speaker and its text, in the spellings that tools give them.

[{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]   ──►   user: Hi, assistant: Hello
"""

from collections.abc import Callable, Mapping
from typing import Any

from chatforge.dialogues.draft import Remark
from chatforge.dialogues.formats.values import kind_of, text_of
from chatforge.dialogues.formats.walk import NoConversationError

AUTHORS = ("from", "role", "speaker")
TEXTS = ("value", "content", "text")

_WORDS = {
    "user": "user human customer client prompter",
    "assistant": "assistant agent bot chatbot model ai gpt chatgpt bing bard",
    "system": "system developer",
    "tool": "tool function observation function_call function_response tool_call tool_response",
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split()}


def role_of(speaker: str) -> str:
    """Return the role that a speaker's name means to common tools, in any case; the name itself if it means none."""
    return _ROLES.get(speaker.strip().casefold(), speaker)


def is_message(item: Any) -> bool:
    """Whether it is an object with a speaker and a text."""
    return speaker_of(item) is not None and any(text in item for text in TEXTS)


def speaker_of(item: Any) -> str | None:
    """Return who speaks in a message; None if it does not say."""
    name = next((item[a] for a in AUTHORS if a in item), None) if isinstance(item, dict) else None
    return name if isinstance(name, str) else None


def remarks_of(said: Any, changed: list[str], role: Callable[[str], str] = role_of) -> list[Remark]:
    """Read a message or a list of messages; what is left out is added to `changed`.

    Raises:
        NoConversationError: one of them is no message.
    """
    remarks = []
    for number, item in enumerate(said if isinstance(said, list) else [said], start=1):
        speaker = speaker_of(item)
        if speaker is None:
            raise NoConversationError(f"message {number} is {kind_of(item)} that does not say who speaks")
        content = _content(item, number)
        if item.get("tool_calls") or item.get("function_call"):
            changed.append("tool calls left out")
            if content is None:
                continue
        if item.get("weight") == 0:
            changed.append("answers of weight 0 are learned like the others")
        remarks.append(Remark(role(speaker), content))
    return remarks


def _content(item: Mapping[str, Any], number: int) -> str | None:
    name = next((name for name in TEXTS if name in item), None)
    content = item[name] if name else None
    text = text_of(content)
    if text is None and content is not None:
        more = "a list of more than text" if isinstance(content, list) else f"{kind_of(content)}, not text"
        raise NoConversationError(f"message {number}: `{name}` is {more}")
    return text
