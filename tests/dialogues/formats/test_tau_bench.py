"""tau-bench's trajectories and displayed messages."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats import tau_bench
from chatforge.dialogues.formats.choices import Choices

PATH = Path("runs.json")
RUN: dict[str, Any] = {
    "task_id": 0,
    "reward": 1.0,
    "trial": 2,
    "traj": [
        {"role": "system", "content": "Policy"},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
        {"role": "tool", "content": "{}"},
        {"role": "assistant", "content": "Done.", "tool_calls": None},
    ],
}


def read(value: Any) -> Draft | BadLine:
    (item,) = tau_bench.drafts([Record(2, value)], PATH, Choices())
    return item


def test_a_trajectory() -> None:
    assert tau_bench.fits([Record(2, RUN)])
    assert read(RUN) == Draft(
        (Remark("system", "Policy"), Remark("user", "Hi"), Remark("tool", "{}"), Remark("assistant", "Done.")),
        PATH,
        2,
        "task-0-trial-2",
        {"reward": 1.0, "trial": 2, "scenario": "task 0"},
        ("tool calls left out",),
    )


def test_displayed_messages() -> None:
    shown = 'lost\nuser: Hi\nassistant: None\ntool: {"a": 1}\nassistant: Done.\n\nAnything\nelse?\nuser: No.'
    assert tau_bench.fits([Record(2, {"messages_display": shown})])
    assert read({"messages_display": shown}) == Draft(
        (
            Remark("user", "Hi"),
            Remark("tool", '{"a": 1}'),
            Remark("assistant", "Done.\n\nAnything\nelse?"),
            Remark("user", "No."),
        ),
        PATH,
        2,
        changed=("lines before the first speaker left out", "tool calls left out"),
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"task_id": 1}, "neither a trajectory"),
        ({"traj": []}, "`traj` is not a list of what was said"),
        ({"traj": [{"content": "x"}]}, "message 1 of `traj` has no `role`"),
        (3, "a number, not an object"),
    ],
)
def test_what_is_no_run(value: Any, words: str) -> None:
    item = read(value)
    assert isinstance(item, BadLine)
    assert words in item.reason
