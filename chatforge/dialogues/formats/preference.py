"""Preferences: two answers to one question, of which people chose one; or one answer, and whether they liked it.

{"prompt": "…", "chosen": "…", "rejected": "…"}                             ──►   the prompt and the chosen answer
{"chosen": [{"role": "user", …}, …], "rejected": […]}                       ──►   the chosen conversation
{"conversations": […], "chosen": {"from": "gpt", "value": "…"}, …}          ──►   the conversation with the answer
{"prompt": "…", "completion": "…", "label": false}                          ──►   refused: people rejected it
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats import pairs
from chatforge.dialogues.formats.alpaca import history_of
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.said import remarks_of, role_of
from chatforge.dialogues.formats.sharegpt import KEYS, said_in, talk
from chatforge.dialogues.formats.values import REJECTED, draft_of, found, label_of, mostly, object_of
from chatforge.dialogues.formats.walk import NoConversationError, walk

NAME = "preference"
WHAT = (
    "Preferences: `chosen` and `rejected` answers, or answers with a `label`; the answers that people liked are learned"
)
KINDS: tuple[Kind, ...] = ("lines", "json", "table", "parquet")

_SAID = re.compile(r"(?:^|\n\n)(Human|Assistant):")


def looks(value: Mapping[str, Any]) -> bool:
    """Whether an object holds a chosen answer, or an answer and whether people liked it."""
    if "chosen" in value:
        return isinstance(value["chosen"], str | list | dict)
    return label_of(value) is not None and (bool(said_in(value)) or pairs.looks(value))


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records are preferences."""
    return mostly(sample, looks)


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Turn records to drafts, in order: the answer that people chose; an answer that they rejected is a bad line."""
    asked = pairs.finder({**choices.columns, "assistant": "chosen"})
    labelled = pairs.finder(choices.columns)

    def make(record: Record) -> Draft:
        value = object_of(record)
        if "chosen" in value:
            return _chosen(record, path, asked(value))
        if label_of(value) is False:
            raise NoConversationError(REJECTED)
        if said_in(value):
            return talk(record, path)
        layout = labelled(value)
        if layout is None:
            raise NoConversationError(f"no chosen answer: {found(value)}")
        return pairs.pair(record, path, layout)

    return walk(records, path, make)


def _chosen(record: Record, path: Path, layout: pairs.Layout | None) -> Draft:
    value = record.value
    changed = ["rejected answers left out"] if value.get("rejected") else []
    answer = _spoken(pairs.said_under(value, ("chosen",), "assistant", changed))
    if not answer:
        raise NoConversationError("no answer in `chosen`")
    names = layout.user if layout else ()
    if any(remark.role == "user" for remark in answer):
        remarks = answer  # the whole conversation; a prompt beside it repeats its beginning
    else:
        question = _question(value, names, changed)
        if not question:
            raise NoConversationError(f"no question before the chosen answer: {found(value)}")
        remarks = pairs.exchange(question, answer, changed)
    system = pairs.said_under(value, (layout.system if layout and layout.system else "system",), "system", changed)
    used = {"chosen", "rejected", "history", "tools", "system", "messages", *names, *KEYS}
    return draft_of(record, path, [*system, *remarks], used, changed)


def _question(value: Mapping[str, Any], names: tuple[str, ...], changed: list[str]) -> list[Remark]:
    said = said_in(value) or value.get("messages")
    if isinstance(said, list) and said:
        return remarks_of(said, changed)
    question = _spoken(pairs.said_under(value, names, "user", changed)) if names else []
    return [*history_of(value), *question]


def _spoken(remarks: list[Remark]) -> list[Remark]:
    """Who said what in a text such as "Human: … Assistant: …"; other remarks as they are."""
    if len(remarks) != 1:
        return remarks
    before, *parts = _SAID.split(remarks[0].content or "")
    if before.strip() or not parts:
        return remarks
    said = zip(parts[::2], parts[1::2], strict=True)
    return [Remark(role_of(who), text.strip()) for who, text in said if text.strip()]
