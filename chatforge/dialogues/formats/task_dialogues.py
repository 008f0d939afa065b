"""Corpora of people and assistants at a task: SGD (DSTC8), MultiWOZ, Taskmaster, STAR.

SGD, MultiWOZ 2.2  {"dialogue_id", "services", "turns": [{"speaker": "USER", "utterance": "…", "frames": […]}]}
MultiWOZ 2.0, 2.1  {"PMUL1635": {"goal": {…}, "log": [{"text": "…", "metadata": {…}}]}}: the user begins
Taskmaster         {"conversation_id", "scenario", "utterances": [{"speaker": "user", "text": "…"}]}
STAR               {"DialogID", "Scenario", "Events": [{"Agent": "Wizard", "Action": "utter", "Text": "…"}]}
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.values import object_of
from chatforge.dialogues.formats.walk import NoConversationError, facts, most, name, objects, walk

NAME = "task-dialogues"
WHAT = "Task dialogues: SGD (DSTC8), MultiWOZ, Taskmaster and STAR"
KINDS: tuple[Kind, ...] = ("json", "lines", "parquet")

_LISTS = {"turns": "utterance", "log": "text", "utterances": "text", "Events": "Agent"}
"""Where the list of what was said stands, and what each thing in it has."""
_ROLES = {"user": "user", "system": "assistant", "assistant": "assistant"}
_ANNOTATED = "annotations of the corpus left out"


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records are dialogues of one of these corpora."""
    return most(sample, lambda record: isinstance(record.value, dict) and _place(record.value) is not None)


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Read dialogues; `intent` is what the corpus gives as the task."""
    return walk(records, path, partial(_draft, path=path))


def _place(value: Mapping[str, Any]) -> str | None:
    """Return the name of the list of what was said."""
    for place, has in _LISTS.items():
        said = value.get(place)
        first = said[0] if isinstance(said, list) and said else None
        if isinstance(first, dict) and has in first and (place == "log" or "speaker" in first or "Agent" in first):
            return place
    return None


def _draft(record: Record, path: Path) -> Draft:
    value = object_of(record)
    place = _place(value)
    if place is None:
        raise NoConversationError("no list of what was said: neither `turns`, `log`, `utterances` nor `Events`")
    read: Callable[..., Draft] = {"turns": _sgd, "log": _multiwoz, "utterances": _taskmaster, "Events": _star}[place]
    return read(record, value, objects(value[place], place), path)


def _sgd(record: Record, value: dict[str, Any], turns: list[dict[str, Any]], path: Path) -> Draft:
    frames = [frame for turn in turns for frame in _dicts(turn.get("frames"))]
    states = [frame["state"] for frame in frames if isinstance(frame.get("state"), dict)]
    intents = [state.get("active_intent") for state in states]
    meta = _joined(intent=[i for i in intents if i != "NONE"], services=value.get("services"))
    changed = (_ANNOTATED,) if frames else ()
    return Draft(_said(turns, "utterance"), path, record.line, _id(record, value, "dialogue_id"), meta, changed)


def _multiwoz(record: Record, value: dict[str, Any], log: list[dict[str, Any]], path: Path) -> Draft:
    roles = ("user", "assistant")
    remarks = tuple(Remark(roles[i % 2], _text(turn, "text")) for i, turn in enumerate(log))
    goal = value["goal"] if isinstance(value.get("goal"), dict) else {}
    meta = _joined(intent=[domain for domain, aim in goal.items() if isinstance(aim, dict) and "info" in aim])
    changed = (_ANNOTATED,) if any(turn.get("metadata") or turn.get("dialog_act") for turn in log) else ()
    return Draft(remarks, path, record.line, _id(record, value, "dialogue_id"), meta, changed)


def _taskmaster(record: Record, value: dict[str, Any], said: list[dict[str, Any]], path: Path) -> Draft:
    # `scenario` is the title of a task that hundreds of workers were given, not one customer.
    meta = facts(value, "vertical", "instruction_id")
    if title := name(value.get("scenario")) or name(value.get("instruction_id")):
        meta["intent"] = title
    changed = (_ANNOTATED,) if any(turn.get("annotations") or turn.get("segments") for turn in said) else ()
    return Draft(_said(said, "text"), path, record.line, _id(record, value, "conversation_id"), meta, changed)


def _star(record: Record, value: dict[str, Any], events: list[dict[str, Any]], path: Path) -> Draft:
    roles = {"User": "user", "Wizard": "assistant"}
    remarks, changed = [], []
    for event in events:
        if event.get("Agent") in ("User", "Wizard") and event.get("Action") in ("utter", "pick_suggestion"):
            remarks.append(Remark(roles[event["Agent"]], _text(event, "Text")))
        else:
            changed.append("look-ups and instructions left out")
    scenario = value["Scenario"] if isinstance(value.get("Scenario"), dict) else {}
    tasks = [task.get("Task") for task in _dicts(scenario.get("WizardCapabilities"))]
    meta = _joined(intent=tasks, domains=scenario.get("Domains"))
    return Draft(tuple(remarks), path, record.line, _id(record, value, "DialogID"), meta, tuple(changed))


def _said(turns: list[dict[str, Any]], key: str) -> tuple[Remark, ...]:
    remarks = []
    for i, turn in enumerate(turns, start=1):
        speaker = turn.get("speaker")
        if not isinstance(speaker, str):
            raise NoConversationError(f"number {i} has no `speaker`")
        remarks.append(Remark(_ROLES.get(speaker.casefold(), speaker), _text(turn, key)))
    return tuple(remarks)


def _text(turn: Mapping[str, Any], key: str) -> str | None:
    return turn[key] if isinstance(turn.get(key), str) else None


def _id(record: Record, value: Mapping[str, Any], key: str) -> str | None:
    return name(value.get(key)) or record.key


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _joined(**lists: Any) -> dict[str, str]:
    """Return {name: "a+b"} of the texts in each list, without repetitions."""
    texts = {key: [item for item in value if isinstance(item, str)] for key, value in lists.items() if value}
    return {key: "+".join(dict.fromkeys(value)) for key, value in texts.items() if value}
