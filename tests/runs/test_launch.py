import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.runs import launch, state
from chatforge.runs.events import Finished, Note, Started, Step, Stopped
from chatforge.runs.folder import RunFolder
from chatforge.runs.reading import read_events

Fake = Callable[[str], None]
Wait = Callable[[Callable[[], object]], None]


def kinds(run: RunFolder, stage: str = "train") -> list[type]:
    return [type(stamped.event) for stamped in read_events(run.events(stage))]


def test_the_command_names_the_run_by_its_whole_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    run = RunFolder(Path("runs/x"))
    assert launch.worker_command(run, "train", "evaluate") == [
        sys.executable, "-P", "-m", "chatforge.workers.train", str(tmp_path / "runs/x"), "--then", "evaluate"
    ]  # fmt: skip
    assert launch.worker_command(run, "evaluate", None)[-1] == str(tmp_path / "runs/x")


def test_a_worker_is_started_followed_and_goes_to_the_next_stage(run: RunFolder, fake_worker: Fake) -> None:
    pid = launch.start(run, "train", "evaluate", wait_seconds=30)
    assert state.entry(run, "train")["pid"] == pid  # type: ignore[index]
    trained = [stamped.event for stamped in launch.follow(run, "train", poll_seconds=0.02)]
    assert isinstance(trained[0], Started)
    assert isinstance(trained[-1], Finished)
    evaluated = [stamped.event for stamped in launch.follow(run, "evaluate", poll_seconds=0.02)]
    assert isinstance(evaluated[-1], Finished)
    assert state.status(run) == "evaluated"
    assert launch.read_tail(run.log("train"))[:2] == ["loading 100 %", "the worker speaks"]


def test_a_worker_is_in_a_session_of_its_own_without_input(run: RunFolder, fake_worker: Fake) -> None:
    fake_worker("endless")
    pid = launch.start(run, "train", wait_seconds=30)
    assert os.getsid(pid) == pid
    process = state.process(run, "train")
    assert process and process.environ()["PYTHONFAULTHANDLER"] == "1"


def test_stopping_lets_the_worker_save(run: RunFolder, fake_worker: Fake) -> None:
    fake_worker("endless")
    launch.start(run, "train", wait_seconds=30)
    assert launch.stop(run, wait_seconds=30) == ("train", True)
    assert kinds(run)[-1] is Stopped
    assert state.status(run) == "stopped"
    with pytest.raises(UserError, match="is not running"):
        launch.stop(run)


def test_stopping_at_once_kills(run: RunFolder, fake_worker: Fake) -> None:
    fake_worker("endless")
    launch.start(run, "train", wait_seconds=30)
    assert launch.stop(run, save=False, wait_seconds=30) == ("train", True)
    assert Stopped not in kinds(run)
    assert state.status(run) == "stopped"


def test_a_worker_stopped_before_it_can_listen_counts_as_stopped(run: RunFolder, fake_worker: Fake) -> None:
    fake_worker("deaf")
    launch.start(run, "train", wait_seconds=30)
    assert launch.stop(run, wait_seconds=30) == ("train", True)
    assert state.status(run) == "stopped"


def test_a_second_worker_of_the_same_run_is_refused(run: RunFolder, fake_worker: Fake) -> None:
    fake_worker("endless")
    launch.start(run, "train")
    with pytest.raises(UserError, match="is running already"):
        launch.start(run, "train")


def test_a_worker_that_is_leaving_is_waited_for(run: RunFolder, fake_worker: Fake, wait_until: Wait) -> None:
    fake_worker("linger")
    first = launch.start(run, "train")
    wait_until(lambda: Finished in kinds(run))
    assert launch.start(run, "evaluate") != first
    wait_until(lambda: Finished in kinds(run, "evaluate"))


@pytest.mark.parametrize("how", ["segfault", "early"])
def test_following_a_worker_that_dies_ends(run: RunFolder, fake_worker: Fake, how: str) -> None:
    fake_worker(how)
    launch.start(run, "train")
    assert len(list(launch.follow(run, "train", poll_seconds=0.02))) == {"segfault": 2, "early": 0}[how]
    assert state.status(run) == "died"
    words = str(launch.died(run, "train"))
    assert "the worker speaks" in words
    assert "chatforge resume" in words


def test_death_before_the_first_event_is_told_by_one_who_waits_for_it(run: RunFolder, fake_worker: Fake) -> None:
    fake_worker("early")
    with pytest.raises(UserError, match="no module named torch"):
        launch.start(run, "train", wait_seconds=30)


def test_a_stage_that_was_never_come_to_has_the_log_of_the_one_before(run: RunFolder, fake_worker: Fake) -> None:
    fake_worker("no-next")
    launch.start(run, "train", "evaluate")
    assert isinstance(list(launch.follow(run, "train", poll_seconds=0.02))[-1].event, Finished)
    assert list(launch.follow(run, "evaluate", poll_seconds=0.02)) == []
    assert "worker-train.log" in str(launch.died(run, "evaluate"))


def test_a_waiting_worker_can_be_stopped(run: RunFolder, fake_worker: Fake, wait_until: Wait) -> None:
    fake_worker("waiting")
    launch.start(run, "train", wait_seconds=30)
    wait_until(lambda: Note in kinds(run))
    assert state.status(run) == "waiting"
    launch.stop(run, wait_seconds=30)
    assert state.status(run) == "stopped"


def test_a_run_can_be_resumed_and_only_the_new_events_followed(run: RunFolder, fake_worker: Fake) -> None:
    fake_worker("endless")
    launch.start(run, "train", wait_seconds=30)
    launch.stop(run, wait_seconds=30)
    size = run.events("train").stat().st_size
    fake_worker("")
    launch.start(run, "train")
    events = [s.event for s in launch.follow(run, "train", offset=size, poll_seconds=0.02)]
    assert [event.step for event in events if isinstance(event, Step)] == list(range(1, 9))
    assert state.status(run) == "trained"


def test_the_tail_is_the_last_of_a_long_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert launch.read_tail(log) == []
    log.write_bytes(b"x" * 100_000 + b"\n\n" + b"".join(b"line %d\r\n" % i for i in range(40)) + b"\xff\n")
    assert launch.read_tail(log, 3) == ["line 38", "line 39", "\ufffd"]


def test_an_installed_chatforge_needs_no_help_to_be_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = str(Path(launch.chatforge.__file__).parents[1])
    assert launch.environment({"PYTHONPATH": "/x"})["PYTHONPATH"] == f"{home}{os.pathsep}/x"
    monkeypatch.setattr(launch.sysconfig, "get_paths", lambda: {"purelib": home})
    assert "PYTHONPATH" not in launch.environment({})
