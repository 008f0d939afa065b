"""Reading tasks with instances."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.self_instruct import drafts

PATH = Path("seed_tasks.jsonl")


def read(value: Any) -> list[Draft | BadLine]:
    return list(drafts([Record(4, value)], PATH, Choices()))


def task(*instances: Any) -> dict[str, Any]:
    return {"id": "seed_1", "name": "antonyms", "instruction": "How are they related?", "instances": list(instances)}


def test_a_task_with_one_instance() -> None:
    (draft,) = read({**task({"input": "Night : Day", "output": "Opposites."}), "is_classification": False})
    assert isinstance(draft, Draft)
    assert [(remark.role, remark.content) for remark in draft.remarks] == [
        ("user", "How are they related?\n\nNight : Day"),
        ("assistant", "Opposites."),
    ]
    assert (draft.id, draft.line) == ("seed_1", 4)
    assert draft.meta == {"intent": "antonyms", "scenario": "seed_1", "name": "antonyms", "is_classification": False}


def test_the_program_that_gave_the_idea_is_the_intent() -> None:
    (draft,) = read({"motivation_app": "Grammarly", "instruction": "Mend it.", "instances": [{"output": "Mended."}]})
    assert isinstance(draft, Draft)
    assert (draft.id, draft.meta["intent"]) == (None, "Grammarly")


def test_instances_are_conversations_of_one_scenario() -> None:
    items = read(task({"input": "a", "output": "b"}, "c", {"input": "d"}, {"input": "", "output": "e"}))
    assert [item.id if isinstance(item, Draft) else item.reason for item in items] == [
        "seed_1-1",
        "instance 2 is text, not an object",
        "no answer in `output`",
        "seed_1-4",
    ]
    assert {item.meta["scenario"] for item in items if isinstance(item, Draft)} == {"seed_1"}


@pytest.mark.parametrize("instances", [None, [], {}, "x"])
def test_a_task_without_instances(instances: Any) -> None:
    (bad,) = read({"instruction": "x", "instances": instances})
    assert isinstance(bad, BadLine)
    assert "no list of `instances`" in bad.reason
