import subprocess
import sys
from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.runs import locks

HOLD = """
import sys, time
from pathlib import Path
from chatforge.runs import locks
with locks.exclusive(Path(sys.argv[1]), owner="run 1121-other-a"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that has the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "home" / "train.lock")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_free_lock_is_held_and_let_go(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.lock"
    for _ in range(2):
        with locks.exclusive(path) as held:
            assert held


def test_a_taken_lock_is_an_error_that_names_its_holder(tmp_path: Path, holder: object) -> None:
    with (
        pytest.raises(UserError, match="run 1121-other-a is at work"),
        locks.exclusive(tmp_path / "home" / "train.lock"),
    ):
        pass


def test_one_who_waits_gets_the_lock_when_its_holder_is_killed(tmp_path: Path, holder) -> None:  # type: ignore[no-untyped-def]
    heard: list[str] = []

    def sleep(seconds: float) -> None:
        holder.kill()
        holder.wait()

    with locks.exclusive(tmp_path / "home" / "train.lock", owner="me", on_wait=heard.append, sleep=sleep) as held:
        assert held
    assert heard == ["run 1121-other-a"]


def test_waiting_can_be_given_up(tmp_path: Path, holder: object) -> None:
    path = tmp_path / "home" / "train.lock"
    with locks.exclusive(path, on_wait=lambda _: None, give_up=lambda: True) as held:
        assert not held


def test_a_holder_without_words_is_another_process(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with locks.exclusive(path), pytest.raises(UserError, match="another process"), locks.exclusive(path):
        pass
