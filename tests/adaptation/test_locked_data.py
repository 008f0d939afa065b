"""The conversations of a run are read as they were when it began, or not at all."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.adaptation.locked_data import divided_anew, split_as_locked
from chatforge.dialogues.split import record, split_of
from chatforge.errors import UserError
from chatforge.recipe.files import load_recipe
from chatforge.runs import lockfile
from chatforge.runs.folder import RunFolder
from chatforge.runs.lockfile import Lock


@pytest.fixture
def run(tmp_path: Path, write_conversations: Callable[..., Path]) -> RunFolder:
    """A run of thirty conversations in `talk.jsonl`, as far as its lock."""
    write_conversations(tmp_path / "talk.jsonl", 30)
    recipe = tmp_path / "shop.yaml"
    recipe.write_text("preset: quick\ndata:\n  train: talk.jsonl\n", encoding="utf-8")
    run = RunFolder(tmp_path / "runs" / "shop-a")
    run.path.mkdir(parents=True)
    loaded = load_recipe(recipe)
    asked = loaded.recipe.model_dump(mode="json")
    split = record(split_of(loaded.recipe.data, 7), 7)
    lockfile.write(run, lockfile.make(recipe, loaded.text, asked, {}, loaded.recipe.data.train, recipe, split))
    return run


def test_what_the_lock_says_is_read_back_not_decided_again(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    before, lock = split_as_locked(run), lockfile.read(run)
    assert lock.split is not None and not divided_anew(before, lock)
    assert lock.split["counts"] == {"train": len(before.train), "valid": len(before.valid), "test": len(before.test)}
    monkeypatch.setattr("chatforge.dialogues.split.divide", None)
    assert split_as_locked(run) == before
    turned = {**lock.split, "parts": lock.split["parts"][::-1]}
    lockfile.write(run, replace(lock, split=turned))
    assert [c.line for c in split_as_locked(run).test] == sorted(31 - (c.line or 0) for c in before.test)


def test_an_older_lock_does_not_say_it_then_it_is_decided_again_and_told(run: RunFolder) -> None:
    before = split_as_locked(run)
    lockfile.write(run, replace(lockfile.read(run), split=None))
    assert "split" not in json.loads(run.lock.read_text())
    after = split_as_locked(run)
    assert divided_anew(after, lockfile.read(run))
    assert (after.train, after.valid, after.test) == (before.train, before.valid, before.test)
    assert after.notes[:-1] == before.notes and "divided anew" in after.notes[-1]


def test_a_file_that_only_grew_is_read_as_far_as_it_was(tmp_path: Path, run: RunFolder) -> None:
    before = split_as_locked(run)
    talk = [{"role": "user", "content": "new?"}, {"role": "assistant", "content": "newer."}]
    with (tmp_path / "talk.jsonl").open("a") as file:
        file.write(json.dumps({"messages": talk}) + "\n")
    after = split_as_locked(run)
    assert (after.train, after.valid, after.test) == (before.train, before.valid, before.test)
    assert after.notes == (*before.notes, "talk.jsonl has grown since the run began: what came later is no part of it")


def test_a_file_that_was_changed_otherwise_is_refused(
    tmp_path: Path, run: RunFolder, write_conversations: Callable[..., Path]
) -> None:
    write_conversations(tmp_path / "talk.jsonl", 31, start=1)
    with pytest.raises(UserError, match="has changed since the run began"):
        split_as_locked(run)


@given(st.lists(st.binary(max_size=5)), st.lists(st.binary(max_size=5)), st.booleans())
def test_how_far_a_file_was_is_known_by_its_hash(
    tmp_path_factory: pytest.TempPathFactory, then: list[bytes], later: list[bytes], ended: bool
) -> None:
    lines = [line.replace(b"\n", b"") for line in then]
    content = b"\n".join(lines) + b"\n" * ended
    file = tmp_path_factory.mktemp("grown") / "f"
    file.write_bytes(content + b"\n" * (not ended) + b"\n".join(later))
    then = hashlib.sha256(content).hexdigest()
    found = lockfile.grown(Lock({}, {}, {}, {str(file.resolve()): then}, ""))
    assert file.read_bytes()[: found.get(file.resolve(), None)] == content
