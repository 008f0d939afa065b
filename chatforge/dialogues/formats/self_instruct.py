"""Self-instruct: a task in words, and instances of it, each an input and its output.

    {"id": "seed_task_1", "name": "antonym_relation", "instruction": "…", "instances": [{"input": "…", "output": "…"}]}

Each instance becomes a conversation of its own; those of one task share a scenario. The intent is the name of the task,
or of the program that gave the idea (`motivation_app`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.pairs import paired
from chatforge.dialogues.formats.values import is_judged, kind_of, mostly

NAME = "self-instruct"
WHAT = "Self-instruct: `instruction` and `instances`, a list with an `input` and an `output` each"
KINDS: tuple[Kind, ...] = ("lines", "json", "parquet")


def looks(value: Mapping[str, Any]) -> bool:
    """Whether an object holds a task and its instances."""
    return isinstance(value.get("instances"), list) and "instruction" in value and not is_judged(value)


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records are tasks with instances."""
    return mostly(sample, looks)


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Turn each instance to a draft, in order."""
    rows = (row for record in records for row in _rows(record, path))
    return paired(rows, path, choices.columns)


def _rows(record: Record | BadLine, path: Path) -> Iterator[Record | BadLine]:
    """The instances of a task, each as if it stood alone."""
    if isinstance(record, BadLine) or not isinstance(record.value, dict):
        yield record
        return
    instances = record.value.get("instances")
    if not isinstance(instances, list) or not instances:
        yield BadLine(path, record.line, "no list of `instances`, each with an `input` and an `output`")
        return
    task = _task(record.value)
    for number, instance in enumerate(instances, start=1):
        if not isinstance(instance, dict):
            yield BadLine(path, record.line, f"instance {number} is {kind_of(instance)}, not an object")
            continue
        said = {"input": instance.get("input"), "output": instance.get("output")}
        name = {"id": f"{task['id']}-{number}"} if "id" in task and len(instances) > 1 else {}
        yield replace(record, value={**task, **name, **said})


def _task(value: Mapping[str, Any]) -> dict[str, Any]:
    task = {name: content for name, content in value.items() if name != "instances"}
    intent = value.get("motivation_app") or value.get("name")
    return {"intent": intent, "scenario": value.get("id"), **task}
