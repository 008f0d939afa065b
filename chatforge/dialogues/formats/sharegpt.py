"""ShareGPT and its relatives: a list of messages that each name their speaker.

{"id": "a", "system": "…", "conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}]}
{"id": "b", "turns": [{"role": "user", "content": "…"}, {"role": "agent", "content": "…"}]}
{"id": "c", "dialogue": [{"speaker": "Alice", "text": "…"}, {"speaker": "Bob", "text": "…"}]}
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.said import is_message, remarks_of, role_of, speaker_of
from chatforge.dialogues.formats.sides import Sides, guess
from chatforge.dialogues.formats.values import draft_of, found, is_judged, mostly, object_of, text_at
from chatforge.dialogues.formats.walk import SAMPLE, NoConversationError, peek, walk

NAME = "sharegpt"
WHAT = (
    "ShareGPT: `conversations`, `turns` or `dialogue`, a list of messages with from/value, role/content or speaker/text"
)
KINDS: tuple[Kind, ...] = ("lines", "json", "parquet")
KEYS = ("conversations", "conversation", "turns", "dialogue", "dialog")


def looks(value: Mapping[str, Any]) -> bool:
    """Whether an object has a list of messages in one of the known places, and is no preference."""
    said = said_in(value)
    return bool(said) and is_message(said[0]) and not is_judged(value)


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records hold a list of messages that name their speaker."""
    return mostly(sample, looks)


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Turn records to drafts, in order.

    Raises:
        UserError: nothing tells who of the speakers is the assistant, or nobody has the name that was chosen.
    """
    first, items = peek(records, SAMPLE)
    talks = [_people(said_in(r.value)) for r in first if isinstance(r, Record) and isinstance(r.value, dict)]
    named = any(role_of(who) == "assistant" for people in talks for who in people)
    if named and (choices.assistant or "assistant").casefold() == "assistant":
        return walk(items, path, lambda record: talk(record, path))
    sides = guess(talks, choices, path)
    return walk(items, path, lambda record: talk(record, path, sides))


def said_in(value: Mapping[str, Any]) -> list[Any]:
    """Return the list of messages of an object; [] if it has none."""
    return next((value[key] for key in KEYS if isinstance(value.get(key), list)), [])


def talk(record: Record, path: Path, sides: Sides | None = None) -> Draft:
    """Read one conversation; without `sides`, the speakers are named after their roles.

    Raises:
        NoConversationError: it is none.
    """
    value = object_of(record)
    said = said_in(value)
    if not said:
        raise NoConversationError(f"no list of messages under `conversations` or `turns`: {found(value)}")
    changed = ["lists of tools left out"] if value.get("tools") not in (None, "", "[]", []) else []
    remarks = remarks_of(said, changed) if sides is None else _cast(said, sides, changed)
    system = text_at(value, "system")
    front = [Remark("system", system)] if system.strip() else []
    return draft_of(record, path, [*front, *remarks], {*KEYS, "system", "tools"}, changed)


def _people(said: Sequence[Any]) -> list[str]:
    """Who speaks, in order, without systems and tools."""
    speakers = (speaker_of(item) for item in said)
    return [who for who in speakers if who is not None and role_of(who) not in ("system", "tool")]


def _cast(said: list[Any], sides: Sides, changed: list[str]) -> list[Remark]:
    side = sides.of(_people(said))
    remarks = []
    for remark in remarks_of(said, changed, role=lambda who: side.get(who, role_of(who))):
        if remark.role == "notice":
            changed.append("notices of the system left out")
            continue
        if remark.role == "third":
            changed.append("words of third persons counted as the user's")
        remarks.append(replace(remark, role="user") if remark.role == "third" else remark)
    changed.extend(sides.guessed)
    return remarks
