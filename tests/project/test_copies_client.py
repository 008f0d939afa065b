"""Copies made in a process: what is told is what is written, and who gives up leaves nothing behind."""

import asyncio
import json
from pathlib import Path

import pytest

from chatforge.dialogues.checks.copies import ANONYMISED, MENDED
from chatforge.dialogues.formats.choices import Choices
from chatforge.errors import UserError
from chatforge.project.copies_client import copy

READ_AS = ("auto", Choices())


def talks(path: Path, count: int) -> Path:
    lines = (
        json.dumps({"messages": [{"role": "user", "content": f"Is <b>{i}</b> free? I am at anna.{i}@example.com"},
                                 {"role": "assistant", "content": f"Yes, {i} is."}]})
        for i in range(count)
    )  # fmt: skip
    path.write_text("\n".join(lines) + "\n")
    return path


def test_what_is_told_is_what_is_written(tmp_path: Path) -> None:
    path, done = talks(tmp_path / "a.jsonl", 450), list[int]()
    (told,) = asyncio.run(copy([path], READ_AS, MENDED, done.append, write=False))
    assert list(tmp_path.iterdir()) == [path] and done == [200, 400]
    assert (told.path, told.to, told.changed, told.same, told.left_out) == (
        path,
        path.with_name("a.fixed.jsonl"),
        450,
        0,
        0,
    )
    (written,) = asyncio.run(copy([path], READ_AS, MENDED, done.append, write=True))
    assert written == told and "<b>" not in told.to.read_text()
    assert asyncio.run(copy([told.to], READ_AS, MENDED, done.append, write=False)) == []


def test_who_gives_up_leaves_no_copy_behind(tmp_path: Path) -> None:
    small, large = talks(tmp_path / "a.jsonl", 3), talks(tmp_path / "b.jsonl", 60_000)

    async def give_up() -> None:
        begun = asyncio.Event()
        task = asyncio.create_task(copy([small, large], READ_AS, ANONYMISED, lambda _: begun.set(), write=True))
        await begun.wait()
        assert (tmp_path / "b.anonymised.jsonl").exists()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(give_up())
    assert sorted(tmp_path.iterdir()) == [small, large]


def test_what_goes_wrong_is_told(tmp_path: Path) -> None:
    path, gone = talks(tmp_path / "a.jsonl", 2), tmp_path / "gone.jsonl"
    with pytest.raises(UserError, match="No such file"):
        asyncio.run(copy([path, gone], READ_AS, MENDED, print, write=True))
    assert list(tmp_path.iterdir()) == [path]  # all copies or none
    with pytest.raises(UserError, match="has ended \\(exit code 3\\)") as caught:
        asyncio.run(copy([path], READ_AS, MENDED, print, write=False, program=("-c", "raise SystemExit(3)")))
    assert caught.value
