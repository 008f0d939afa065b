import os
import subprocess
import sys
import threading
from collections.abc import Sequence

import pytest

from chatforge.runs import folder, state
from chatforge.runs.events import (
    Error,
    Eval,
    Event,
    EventWriter,
    Finished,
    Note,
    Phase,
    Progress,
    Started,
    Step,
    Stopped,
)
from chatforge.runs.folder import RunFolder


def write(run: RunFolder, stage: str, events: Sequence[Event], t: float | None = None) -> None:
    with EventWriter(run.events(stage), *([] if t is None else [lambda: t])) as writer:
        for event in events:
            writer.write(event)


def dead_entry(**more: object) -> dict[str, object]:
    return {"pid": os.getpid(), "create_time": 1.0, "started": 1000.0, **more}


def test_a_run_that_nobody_has_started_is_new(run: RunFolder) -> None:
    assert state.status(run) == "new"
    assert state.busy(run) is None
    assert not state.alive(run, "train")


@pytest.mark.parametrize(
    ("last", "status"),
    [(Finished(1.0), "trained"), (Stopped(3), "stopped"), (Error("no"), "failed"), (Phase("training"), "died")],
)
def test_the_last_event_of_a_dead_worker_says_how_it_ended(run: RunFolder, last: Event, status: str) -> None:
    folder.write_json(run.state, {"train": dead_entry()})
    write(run, "train", [Started("train", 1), last])
    assert state.status(run) == status


def test_a_worker_that_lives_is_running(run: RunFolder) -> None:
    state.enter(run, "train")
    write(run, "train", [Started("train", os.getpid()), Phase("training")])
    assert state.status(run) == "running"
    assert state.busy(run) == "train"


def test_a_worker_that_waits_for_its_turn_is_waiting_until_it_has_it(run: RunFolder) -> None:
    state.enter(run, "train")
    write(run, "train", [Started("train", 1), Note("waiting for run x")])
    assert state.status(run) == "waiting"
    write(run, "train", [Phase("loading")])
    assert state.status(run) == "running"


def test_a_resumed_run_is_not_over_because_an_earlier_attempt_was(run: RunFolder) -> None:
    write(run, "train", [Started("train", 1), Stopped(4)], t=1000.0)
    state.enter(run, "train")
    assert state.status(run) == "running"


def test_a_number_used_again_by_another_process_is_not_the_worker(run: RunFolder) -> None:
    folder.write_json(run.state, {"train": dead_entry()})
    assert not state.alive(run, "train")
    assert state.status(run) == "died"


def test_a_zombie_is_dead(run: RunFolder) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    state.enter(run, "train", process.pid)
    assert state.alive(run, "train")
    assert process.stdin
    process.stdin.close()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has taken it away
    assert not state.alive(run, "train")
    process.wait()
    assert not state.alive(run, "train")


def test_a_worker_that_ends_without_a_word_after_being_asked_is_stopped(run: RunFolder) -> None:
    folder.write_json(run.state, {"train": dead_entry()})
    state.ask_to_stop(run, "train")
    state.ask_to_stop(run, "evaluate")
    assert state.status(run) == "stopped"


def test_an_evaluated_run_and_one_whose_evaluation_failed(run: RunFolder) -> None:
    write(run, "train", [Started("train", 1), Step(8, 8, 2.0, 1.0, 1e-3, 1.0, 1.0, 1, 0.0), Finished(1.0)], t=1000.0)
    write(run, "evaluate", [Started("evaluate", 1), Progress(2, 4, "replies"), Error("no")], t=1001.0)
    assert state.status(run) == "failed"
    assert state.summary(run).latest == state.StageSummary("evaluate", "failed", 1001.0, 2, 4)
    write(run, "evaluate", [Started("evaluate", 1), Finished(1.0)], t=1002.0)
    assert state.status(run) == "evaluated"


def test_the_summary_has_the_last_step_and_validation_loss(run: RunFolder) -> None:
    write(run, "train", [Step(2, 8, 0.5, 2.0, 1e-3, 1.0, 1.0, 1, 0.0), Eval(2, 1.75, True)], t=1000.0)
    assert state.stage_summary(run, "train") == state.StageSummary("train", "died", 1000.0, 2, 8, 1.75)


def test_entering_twice_keeps_what_was_written_first(run: RunFolder) -> None:
    state.enter(run, "train", then="evaluate")
    first = state.entry(run, "train")
    state.enter(run, "train", os.getpid())
    assert state.entry(run, "train") == first
    assert first and first["then"] == "evaluate"


def test_stages_entered_at_the_same_time_are_all_written_down(run: RunFolder) -> None:
    threads = [threading.Thread(target=state.enter, args=(run, f"stage-{i}")) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(folder.read_json(run.state)) == 8


def test_a_state_that_is_not_a_mapping_counts_as_none(run: RunFolder) -> None:
    run.state.write_text("[]")
    assert state.status(run) == "new"
