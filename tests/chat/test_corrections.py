"""Corrections are training data: what the reader of training data makes of the file is what was corrected."""

import json
import multiprocessing
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.chat.corrections import Correction, count, path_for, remove_last, save, take_back
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.formats import messages as messages_format
from chatforge.dialogues.reading import read_files
from chatforge.dialogues.split import load_split
from chatforge.errors import UserError
from chatforge.runs import lockfile
from chatforge.runs.folder import RunFolder
from chatforge.runs.lockfile import Lock

HISTORY = (
    Message("system", "You help."),
    Message("user", "Größe?"),
    Message("assistant", "38."),
    Message("user", "Ok?"),
)


def correction(reply: str = "Yes.", was: str = "No.", history: Sequence[Message] = HISTORY) -> Correction:
    return Correction(tuple(history), reply, was, "1121-shop-a", "smollm2")


def conversations(path: Path) -> tuple[Conversation, ...]:
    return read_files([path]).conversations


def test_a_correction_is_a_conversation_to_train_on(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    assert count(path) == 0
    assert save(path, correction()) == 1
    (read,) = conversations(path)
    assert read.messages == (*HISTORY, Message("assistant", "Yes."))
    assert {**read.meta, "scenario": ""} == {
        "source": "correction",
        "run": "1121-shop-a",
        "model": "smollm2",
        "was": "No.",
        "scenario": "",
    }
    assert read.scenario.startswith("correction-")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert save(path, correction("Indeed.")) == count(path) == 2


@given(texts=st.lists(st.text(st.characters(codec=None), min_size=1), min_size=3, max_size=3))
def test_any_text_comes_back_from_the_reader(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("c") / "corrections.jsonl"
    whole = [text.encode("utf-8", "replace").decode() for text in texts]
    user, reply, was = texts
    if not whole[1].strip() or whole[1].strip() == whole[2].strip() or not whole[0].strip():
        with pytest.raises(UserError):
            save(path, correction(reply, was, [Message("user", user)]))
        assert not path.exists()
        return
    save(path, correction(reply, was, [Message("user", user)]))
    save(path, correction("second", was, [Message("user", user)]))
    first, _ = conversations(path)
    assert first.messages == (Message("user", whole[0]), Message("assistant", whole[1].strip()))
    assert first.meta["was"] == whole[2].strip()


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (correction(" \n"), "is empty"),
        (correction(" No.\n", "No."), "same as it was"),
        (correction("x" * 50_001), "50,001 characters"),
        (correction(history=[]), "roles don't alternate"),
        (correction(history=HISTORY[:3]), "roles don't alternate"),
        (correction(history=[Message("user", " ")]), "empty"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_and_no_file_is_made(
    tmp_path: Path, broken: Correction, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        save(tmp_path / "corrections.jsonl", broken)
    assert list(tmp_path.iterdir()) == []


def test_corrections_of_one_talk_are_never_on_two_sides_of_a_split(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    for talk in ("boots tents", "lamps", "maps socks", "poles", "hats", "a stove", "bags", "ropes", "skis", "gloves",
                 "my canoe", "the opening hours"):  # fmt: skip
        first = [Message("user", f"{talk}, {talk}: {talk}?")]
        save(path, correction("a", history=first))
        save(path, correction("b", history=[*first, Message("assistant", "a"), Message("user", "and?")]))
    split = load_split([path], [], [], bad_lines="stop", valid_share=0.2, test_share=0.2, seed=7)
    sides = [{one.messages[0].content for one in part} for part in (split.train, split.valid, split.test)]
    assert sum(len(side) for side in sides) == len(set.union(*sides)) == 12


def test_half_a_line_of_a_killed_writer_does_not_spoil_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    save(path, correction())
    path.write_bytes(path.read_bytes() + b'{"messages": [{"role": "us')
    assert count(path) == 1
    assert save(path, correction("Indeed.")) == 2
    read = list(messages_format.read(path))
    assert [type(item).__name__ for item in read] == ["Conversation", "BadLine", "Conversation"]


def test_a_last_line_written_by_hand_without_its_end_stays(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    save(path, correction())
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert save(path, correction("Indeed.")) == 2


def test_the_last_correction_can_be_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    save(path, correction())
    save(path, correction("Indeed."))
    assert remove_last(path) == 1
    assert conversations(path)[0].messages[-1].content == "Yes."
    assert remove_last(path) == 0
    assert count(path) == 0
    for missing in (path, tmp_path / "nowhere.jsonl"):
        with pytest.raises(UserError, match="no correction to take back"):
            remove_last(missing)
    assert save(path, correction()) == 1


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written") as caught:
        save(tmp_path / "no such folder" / "corrections.jsonl", correction())
    assert "no such folder" in str(caught.value)


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    path = tmp_path / "corrections.jsonl"
    save(path, correction())
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="No space left"):
        save(path, correction("Indeed."))
    assert path.read_bytes() == before


def _save_many(path: Path, name: str) -> None:
    for i in range(20):
        save(path, correction(f"{name} {i}"))


def test_several_chats_can_save_at_once(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    spawn: Any = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_save_many, args=(path, name)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    replies = [one.messages[-1].content for one in conversations(path)]
    assert sorted(replies) == sorted(f"{name} {i}" for name in "abc" for i in range(20))


def test_only_the_last_correction_can_be_taken_back_and_only_while_it_is_the_last(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    first, second = save(path, correction("one")), save(path, correction("two"))
    with pytest.raises(UserError, match="changed since"):
        take_back(path, first)
    assert take_back(path, second) == 1
    with pytest.raises(UserError, match="changed since"):
        take_back(path, second)
    assert [one.messages[-1].content for one in conversations(path)] == ["one"]


def test_corrections_of_a_run_are_kept_beside_its_recipe(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "runs" / "shop-a")
    run.path.mkdir(parents=True)
    recipe = tmp_path / "project" / "recipe.yaml"
    lockfile.write(run, Lock({"path": str(recipe), "sha256": ""}, {}, {}, {}, ""))
    with pytest.raises(UserError, match="the folder of the recipe of run shop-a is gone"):
        path_for(run)
    recipe.parent.mkdir()
    assert path_for(run) == recipe.parent / "corrections.jsonl"
    assert json.loads(run.lock.read_text())
