import json
from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.runs import lockfile
from chatforge.runs.folder import RunFolder
from chatforge.runs.lockfile import Lock

WORKER = {
    "versions": {"torch": "2.13.0+cpu", "trl": "1.16.0"},
    "weights": {"path": "/models/m", "sha256": "aa"},
    "template_sha256": "bb",
    "threads": 2,
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "train.jsonl"
    path.write_text("{}\n")
    return path


@pytest.fixture
def lock(tmp_path: Path, data: Path) -> Lock:
    return lockfile.make(tmp_path / "r.yaml", "preset: quick", {"preset": "quick"}, {}, [data], tmp_path / "models")


def test_what_is_written_is_read(run: RunFolder, lock: Lock, data: Path) -> None:
    lockfile.write(run, lock)
    assert lockfile.read(run) == lock
    content = json.loads(run.lock.read_text())
    assert content["version"] == 1
    assert "worker" not in content
    assert content["data"] == {str(data): "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356"}


def test_the_first_training_completes_the_lock_and_no_later_one(run: RunFolder, lock: Lock) -> None:
    lockfile.write(run, lock)
    assert lockfile.complete(run, WORKER).worker == WORKER
    assert lockfile.read(run).worker == WORKER
    with pytest.raises(UserError, match="complete already"):
        lockfile.complete(run, WORKER)


def test_a_missing_data_file_makes_no_lock(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no\.jsonl: the file is missing"):
        lockfile.make(tmp_path / "r.yaml", "", {}, {}, [tmp_path / "no.jsonl"], tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "broken off while it was made"),
        ("{", "not JSON"),
        ("[]", "written in version None"),
        ('{"version": 2}', "written in version 2; this ChatForge reads 1"),
        ('{"version": 1}', "has no 'recipe'"),
    ],
)
def test_a_lock_that_cannot_be_read_is_said(run: RunFolder, content: str | None, words: str) -> None:
    if content is not None:
        run.lock.write_text(content)
    with pytest.raises(UserError, match=words):
        lockfile.read(run)


def test_nothing_changed_is_no_problem(lock: Lock) -> None:
    lockfile.check(lock, {"data": lockfile.data_hashes(lock.data)})
    lockfile.check(lock, WORKER)  # the lock does not know a worker yet
    whole = Lock(lock.recipe, lock.resolved, lock.origins, lock.data, lock.store, WORKER)
    lockfile.check(whole, WORKER | {"something": "new"})


def test_every_difference_is_listed(lock: Lock, data: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone.jsonl"
    was = Lock(lock.recipe, lock.resolved, lock.origins, {**lock.data, str(gone): "xx"}, lock.store, WORKER)
    data.write_text("{} changed\n")
    now = {
        "data": lockfile.data_hashes(was.data),
        "versions": {"torch": "2.14.0", "trl": "1.16.0"},
        "weights": {"sha256": "cc"},
    }
    with pytest.raises(UserError) as caught:
        lockfile.check(was, now)
    words = [str(problem) for problem in caught.value.problems]
    assert len(words) == 4
    assert "train.jsonl: field `data`: has changed since the run began" in words[0]
    assert "gone.jsonl: field `data`: is missing" in words[1]
    assert "torch was 2.13.0+cpu when the run began, and is 2.14.0 now" in words[2]
    assert "pip install torch==2.13.0" in words[2]
    assert "field `weights.sha256`: was aa when the run began, and is cc now" in words[3]
