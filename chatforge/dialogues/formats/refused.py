"""Files that hold no replies: a chat model cannot learn from them, and here is why, in a sentence.

text,category                     ──►  labels, no replies
["card_arrival", "card_linking"]  ──►  a list of names
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chatforge.dialogues.draft import Record
from chatforge.dialogues.formats.walk import most, text

_LABELS = ("category", "class", "emotion", "intent", "label", "labels", "sentiment", "tag", "tags", "topic")
_SENTENCE = 4
"""Words; a cell with more is something that somebody wrote, not a name, a date or a number."""


def reason(sample: Sequence[Record]) -> str | None:
    """Return why a file without a known form holds nothing to learn from; None if it is nothing that is recognised."""
    if not sample:
        return None
    values = [record.value for record in sample]
    if most(values, lambda value: isinstance(value, str)):
        return _of_texts(values)
    if most(values, lambda value: isinstance(value, int | float)):
        return "a list of numbers, no conversations"
    rows = [value for value in values if isinstance(value, dict)]
    keys = {record.key for record in sample}
    if len(keys) == len(sample) and None not in keys and not any(map(_may_be_talk, values)):
        return (
            "a collection of rules, names or facts, not conversations: it can serve as text for the system message, "
            "but nobody asks and nobody answers in it"
        )
    return _of_rows(rows) if 2 * len(rows) > len(values) else None


def _of_texts(values: Sequence[Any]) -> str:
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) > 1 and all(len(value) < 80 and "\n" not in value for value in texts):
        return "a list of names, no conversations: there is nothing that somebody asks or answers"
    return "plain text, not dialogue: no lines begin with who speaks, such as `Customer: …` and `Agent: …`"


def _of_rows(rows: Sequence[Mapping[Any, Any]]) -> str | None:
    columns = [key for key in rows[0] if isinstance(key, str)]
    if any(isinstance(value, dict | list) for row in rows for value in row.values()):
        return None
    if columns and all(_is_number(row.get(key)) for row in rows for key in columns):
        return "a table of numbers (scores, say), no conversations"
    written = [key for key in columns if most(rows, lambda row: _is_written(row.get(key)))]  # noqa: B023
    label = next((key for key in columns if key.casefold() in _LABELS), None)
    if label is not None and len(written) <= 1:
        return (
            f"questions with labels (`{label[:40]}`), no replies: a chatbot learns from answers, and here is only what "
            "each question is about"
        )
    if not written:
        return "a table of facts about conversations or people (names, numbers, short notes), not what was said"
    if len(written) == 1:
        only = f"only `{written[0][:40]}` holds sentences, and no lines in it begin with who speaks"
        return f"plain text, not dialogue: {only}"
    return None


def _may_be_talk(value: Any) -> bool:
    """Whether a member of an object has a list of things that each say more than a word."""
    lists = [value, *(value.values() if isinstance(value, dict) else ())]
    return any(isinstance(one, list) and one and isinstance(one[0], dict | list) for one in lists)


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return not value.strip()
        return True
    return value is None or isinstance(value, int | float)


def _is_written(value: Any) -> bool:
    return text(value) is not None and len(value.split(maxsplit=_SENTENCE)) > _SENTENCE
