"""OpenAssistant's trees."""

from pathlib import Path
from typing import Any

from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats import oasst
from chatforge.dialogues.formats.choices import Choices

PATH = Path("trees.jsonl")


def reply(text: str, *replies: Any, role: str = "assistant", **more: Any) -> dict[str, Any]:
    return {"text": text, "role": role, "replies": list(replies), **more}


def read(value: Any) -> Draft | BadLine:
    (item,) = oasst.drafts([Record(5, value)], PATH, Choices())
    return item


def test_the_best_ranked_path() -> None:
    follow_up = reply("And?", reply("So.", rank=None), role="prompter")
    prompt = reply(
        "Why?", reply("No.", rank=1), reply("Yes.", follow_up, rank=0), reply("Spam", deleted=True), role="prompter"
    )
    tree = {"message_tree_id": "t", "prompt": {**prompt, "lang": "en"}}
    assert oasst.fits([Record(5, tree)])
    assert read(tree) == Draft(
        (Remark("user", "Why?"), Remark("assistant", "Yes."), Remark("user", "And?"), Remark("assistant", "So.")),
        PATH,
        5,
        "t",
        {"lang": "en"},
        ("replies that were not ranked best left out",),
    )


def test_a_very_deep_tree() -> None:
    message: dict[str, Any] = reply("end")
    for _ in range(5000):
        message = reply("x", message)
    draft = read({"prompt": message})
    assert isinstance(draft, Draft)
    assert len(draft.remarks) == 5001


def test_what_is_no_tree() -> None:
    for value in ({"prompt": "Why?", "completion": "So."}, {"prompt": [{"role": "user"}]}, None):
        assert not oasst.fits([Record(1, value)])
        assert isinstance(read(value), BadLine)
