import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.models.store import MARK, StoredModel, folder_bytes, free_bytes


def model(name="m", path=Path()):
    return StoredModel(name, path, "hub:a/b", None, 8, "mit", 0)


def put(store, name="m"):
    with store.partial(name) as folder:
        (folder / "w").write_bytes(b"12345")
        return store.publish(folder, model(name))


def test_an_absent_store_is_empty(store):
    assert store.entries() == []
    assert store.find("m") is None
    assert store.sweep() == []
    assert not store.path.exists()


def test_published_models_are_found_with_all_facts(store):
    made = put(store)
    assert made.path == store.path / "m"
    assert made.bytes == 5
    assert store.find("m") == made == store.entries()[0]


def test_a_folder_without_the_mark_does_not_count(store):
    put(store)
    (store.path / "m" / MARK).unlink()
    assert store.find("m") is None
    put(store)  # and does not stand in the way
    assert store.find("m")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"name": "m"}'])
def test_a_damaged_mark_does_not_count(store, text):
    put(store)
    (store.path / "m" / MARK).write_text(text)
    assert store.entries() == []


def test_an_error_while_building_leaves_nothing(store):
    with pytest.raises(OSError, match="full"), store.partial("m"):
        raise OSError("full")
    assert list(store.path.iterdir()) == []


def test_partials_of_dead_processes_are_swept_and_of_living_ones_kept(store):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    store.path.mkdir(parents=True)
    stale, mine = store.path / f".partial-a-{dead.pid}", store.path / f".partial-b-{os.getpid()}"
    stale.mkdir()
    mine.mkdir()
    assert store.sweep() == [stale]
    assert mine.is_dir()
    assert not stale.exists()


def test_a_name_is_taken_once(store):
    put(store)
    with pytest.raises(UserError, match="already in the store"):
        put(store)


def test_removal_frees_and_forgets(store):
    put(store)
    store.resumable("m").mkdir()
    assert store.remove("m") > 5
    assert store.find("m") is None
    assert not store.resumable("m").exists()
    with pytest.raises(UserError, match="no model `m`"):
        store.remove("m")


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "a b", "x" * 200])
def test_names_that_leave_the_store_are_refused(store, name):
    assert store.find(name) is None
    with pytest.raises(UserError, match="cannot be a model's name"):
        store.remove(name)


def test_the_mark_names_no_folder(store):
    put(store)
    assert "path" not in json.loads((store.path / "m" / MARK).read_text())


def test_sizes(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"123")
    assert folder_bytes(tmp_path) == 3
    assert free_bytes(tmp_path / "not" / "there") > 0
