"""ABCD (Action-Based Conversations Dataset), and the shape in which DialogStudio packs it and others.

    {"convo_id": 3592, "scenario": {"flow": "product_defect", "subflow": "return_size"},
     "original": [["agent", "Hi!"], ["customer", "…"], ["action", "Account has been pulled up."]], "delexed": […]}
    {"log": [{"user utterance": "…", "system response": "…", "dialog history": "…"}]}

The words as they were typed are read (`original`), not those with masked values (`delexed`).
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.values import object_of
from chatforge.dialogues.formats.walk import NoConversationError, facts, most, name, objects, text, walk

NAME = "abcd"
WHAT = "ABCD: customer service with `original` lines of agent, customer and action; DialogStudio's `log` of utterances"
KINDS: tuple[Kind, ...] = ("json", "lines", "parquet")

_SPLITS = ("train", "dev", "valid", "test")
_ROLES = {"agent": "assistant", "customer": "user"}


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records are dialogues of ABCD or DialogStudio."""
    return most(sample, lambda record: _looks(record.value))


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Read dialogues; `intent` is the subflow, `flow` its group, `split` the part of the file, where it has such."""
    return walk(records, path, partial(_draft, path=path))


def _looks(value: Any) -> bool:
    return isinstance(value, dict) and (_is_abcd(value) or _is_dialogstudio(value))


def _is_abcd(value: dict[str, Any]) -> bool:
    lines = value.get("original")
    return isinstance(lines, list) and bool(lines) and all(_is_line(line) for line in lines[:3])


def _is_line(line: Any) -> bool:
    return isinstance(line, list) and len(line) == 2 and line[0] in ("agent", "customer", "action")


def _is_dialogstudio(value: dict[str, Any]) -> bool:
    log = value.get("log")
    return isinstance(log, list) and bool(log) and isinstance(log[0], dict) and "user utterance" in log[0]


def _draft(record: Record, path: Path) -> Draft:
    value = object_of(record)
    return _dialogstudio(record, value, path) if "log" in value else _abcd(record, value, path)


def _abcd(record: Record, value: dict[str, Any], path: Path) -> Draft:
    lines = value.get("original")
    if not isinstance(lines, list) or not lines:
        raise NoConversationError("no `original` list of what agent and customer said")
    remarks: list[Remark] = []
    changed: list[str] = []
    for i, line in enumerate(lines, start=1):
        if not isinstance(line, list) or len(line) != 2 or not all(isinstance(part, str) for part in line):
            raise NoConversationError(f"line {i} of `original` is not a speaker and a text")
        speaker: str = line[0]
        if speaker == "action":
            changed.append("action lines left out")
        else:
            remarks.append(Remark(_ROLES.get(speaker, speaker), line[1]))
    meta = facts(value.get("scenario"), "flow", "subflow") | ({"split": record.key} if record.key in _SPLITS else {})
    if "subflow" in meta:
        meta["intent"] = meta["subflow"]
    return Draft(tuple(remarks), path, record.line, name(value.get("convo_id")), meta, tuple(changed))


def _dialogstudio(record: Record, value: dict[str, Any], path: Path) -> Draft:
    remarks: list[Remark] = []
    for turn in objects(value["log"], "log"):
        # An empty side only says that the other one began or ended.
        sides = (("user", "user utterance"), ("assistant", "system response"))
        remarks += [Remark(role, turn[key]) for role, key in sides if text(turn.get(key))]
    info = value.get("original dialog info")
    scenario = info.get("scenario") if isinstance(info, dict) else None
    meta = facts(scenario, "flow", "subflow") | facts(value, "domain", "intent")
    if "subflow" in meta:
        meta.setdefault("intent", meta["subflow"])
    identity = name(value.get("new dialog id")) or record.key or name(value.get("original dialog id"))
    return Draft(tuple(remarks), path, record.line, identity, meta)
