"""tau-bench: runs of an agent with tools and a written policy, and its few-shot dialogues as plain text.

    {"task_id": 3, "reward": 1.0, "trial": 0, "traj": [{"role": "system" …}, {"role": "assistant", "content": null,
     "tool_calls": […]}, {"role": "tool", …}]}
    {"messages_display": "user: Hi\\nassistant: None\\ntool: {…}\\nassistant: Your balance is $60."}

All trials of a task have one `scenario`. What the tools answered is left out, so some facts have no visible source.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.values import object_of
from chatforge.dialogues.formats.walk import NoConversationError, facts, most, name, objects, walk

NAME = "tau-bench"
WHAT = "tau-bench: trajectories of a customer-service agent with tools (`traj`), or `messages_display`"
KINDS: tuple[Kind, ...] = ("json", "lines", "parquet")

_CALLS = "tool calls left out"
_MARK = re.compile(r"^(user|assistant|tool|system): ", re.MULTILINE)


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records are trajectories or displayed messages."""
    return most(sample, lambda record: isinstance(record.value, dict) and _looks(record.value))


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Read trajectories; calls of tools are left out and counted."""
    return walk(records, path, partial(_draft, path=path))


def _looks(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("traj"), list) or isinstance(value.get("messages_display"), str)


def _draft(record: Record, path: Path) -> Draft:
    value = object_of(record)
    if not _looks(value):
        raise NoConversationError("neither a trajectory (`traj`) nor `messages_display`")
    remarks, changed = _displayed(value["messages_display"]) if "traj" not in value else _trajectory(value["traj"])
    meta = facts(value, "reward", "trial")
    task = name(value.get("task_id"))
    if task is not None:
        meta["scenario"] = f"task {task}"
    identity = f"task-{task}-trial-{meta.get('trial', 0)}" if task is not None else None
    return Draft(tuple(remarks), path, record.line, identity, meta, tuple(changed))


def _trajectory(traj: Any) -> tuple[list[Remark], list[str]]:
    remarks, changed = [], []
    for i, message in enumerate(objects(traj, "traj"), start=1):
        role, content = message.get("role"), message.get("content")
        if not isinstance(role, str):
            raise NoConversationError(f"message {i} of `traj` has no `role`")
        if message.get("tool_calls") or message.get("function_call"):
            changed.append(_CALLS)
            if not content:
                continue
        remarks.append(Remark(role, content if isinstance(content, str) else None))
    return remarks, changed


def _displayed(text: str) -> tuple[list[Remark], list[str]]:
    remarks, changed = [], []
    parts = _MARK.split(text)
    if parts[0].strip():
        changed.append("lines before the first speaker left out")
    for role, said in zip(parts[1::2], parts[2::2], strict=True):
        if role == "assistant" and said.strip() == "None":
            changed.append(_CALLS)
        else:
            remarks.append(Remark(role, said.strip()))
    return remarks, changed
