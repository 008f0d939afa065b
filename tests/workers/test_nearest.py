"""What the worker for the closest training conversations keeps and finds, without an encoder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatforge.chat.nearest_protocol import Ask, Failed, Found
from chatforge.errors import UserError
from chatforge.recipe.files import load_recipe
from chatforge.runs import lockfile, wire
from chatforge.runs.folder import RunFolder
from chatforge.workers.nearest import Exchange, Index, keep, open_index, read_kept, serve

VECTORS = np.eye(3, dtype=np.float32)


@pytest.fixture
def kept(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path)
    keep(run, "key", VECTORS, 2)
    return run


def test_what_is_kept_comes_back(kept: RunFolder) -> None:
    found = read_kept(kept, "key", 3)
    assert found is not None
    assert np.array_equal(found[0], VECTORS)
    assert found[1] == 2
    assert sorted(path.name for path in kept.path.iterdir()) == ["nearest.json", "nearest.npy"]


def test_vectors_of_other_data_or_another_encoder_are_not_taken(kept: RunFolder) -> None:
    assert read_kept(kept, "another key", 3) is None
    assert read_kept(kept, "key", 4) is None


@pytest.mark.parametrize("name", ["nearest.npy", "nearest.json"])
@pytest.mark.parametrize("content", [None, b"", b"[]", b"damaged", b'{"key": "key"}'])
def test_what_is_missing_or_damaged_is_made_again(kept: RunFolder, name: str, content: bytes | None) -> None:
    file = kept.path / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert read_kept(kept, "key", 3) is None
    keep(kept, "key", VECTORS, 2)
    assert read_kept(kept, "key", 3) is not None


def test_a_single_wrong_bit_is_noticed(kept: RunFolder) -> None:
    file = kept.path / "nearest.npy"
    content = bytearray(file.read_bytes())
    content[-2] ^= 1
    file.write_bytes(content)
    assert read_kept(kept, "key", 3) is None


def test_pickles_are_never_read(kept: RunFolder) -> None:
    import hashlib

    np.save(kept.path / "nearest.npy", np.array([{}, {}, {}], dtype=object), allow_pickle=True)
    facts = json.loads((kept.path / "nearest.json").read_text())
    facts["sha256"] = hashlib.sha256((kept.path / "nearest.npy").read_bytes()).hexdigest()
    (kept.path / "nearest.json").write_text(json.dumps(facts))
    assert read_kept(kept, "key", 3) is None


def test_a_folder_that_takes_no_file_costs_only_time(tmp_path: Path) -> None:
    keep(RunFolder(tmp_path / "gone"), "key", VECTORS, 0)
    assert read_kept(RunFolder(tmp_path / "gone"), "key", 3) is None


def index() -> Index:
    exchanges = [Exchange("a.jsonl", line, f"u{row}", f"r{row}", 1) for row, line in enumerate([1, 1, 2])]
    return Index(exchanges, VECTORS, 2)


def test_a_conversation_is_named_once_by_its_closest_exchange() -> None:
    found = index().nearest(np.array([0.1, 0.9, 0.4], dtype=np.float32))
    assert [(one["line"], one["user"], one["score"]) for one in found] == [(1, "u1", 0.9), (2, "u2", 0.4)]


def test_a_question_that_fails_does_not_end_the_talk() -> None:
    class Encoder:
        """Runs out of memory once."""

        def __init__(self) -> None:
            self.calls = 0

        def encode(self, texts: list[str]) -> Any:
            self.calls += 1
            if self.calls == 1:
                raise MemoryError("no room")
            return VECTORS[:1]

    said: list[Any] = []
    lines = [wire.to_line(Ask(1, "a")), b"rubbish\n", wire.to_line(Ask(2, "")), wire.to_line(Ask(3, "b", "c"))]
    serve(Encoder(), index(), lines, said.append)  # type: ignore[arg-type]
    assert [(type(one), one.id) for one in said] == [(Failed, 1), (Failed, 2), (Found, 3)]
    assert "MemoryError: no room" in said[0].what


def test_an_encoder_that_is_not_here_is_named(tmp_path: Path, write_conversations: Callable[..., Path]) -> None:
    write_conversations(tmp_path / "talk.jsonl", 30)
    recipe = tmp_path / "shop.yaml"
    recipe.write_text("preset: quick\ndata:\n  train: talk.jsonl\n")
    run, loaded = RunFolder(tmp_path / "run"), load_recipe(recipe)
    run.path.mkdir()
    resolved = loaded.recipe.model_dump(mode="json")
    lockfile.write(run, lockfile.make(recipe, loaded.text, resolved, {}, [tmp_path / "talk.jsonl"], tmp_path / "store"))
    with pytest.raises(UserError, match="encoder `all-minilm-l6-v2` is not on this machine yet"):
        open_index(run, lambda answer: None)


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no lock\.json"):
        open_index(RunFolder(tmp_path), lambda answer: None)
