import asyncio
import os
from collections.abc import Callable, Sequence

import pytest

from chatforge.runs import state
from chatforge.runs.events import Error, Event, EventWriter, Finished, Heartbeat, Note, Stamped, Started, Step
from chatforge.runs.folder import RunFolder
from chatforge.runs.reading import read_events
from chatforge.tui.follow import SECONDS, SECONDS_REMOTE, Known, RunEvents, follow, pause


def write(run: RunFolder, stage: str, happened: Sequence[Event]) -> None:
    with EventWriter(run.events(stage)) as writer:
        for event in happened:
            writer.write(event)


def step(i: int) -> Step:
    return Step(i, 8, 0.0, 2.0, 1e-3, 0.8, 412.0, 1, 1.0)


class Told:
    """Collects what is told, and acts between two looks."""

    def __init__(self, *acts: Callable[[], object]) -> None:
        self.heard: list[RunEvents] = []
        self._acts = list(acts)

    async def sleep(self, seconds: float) -> None:
        if not self._acts:
            raise asyncio.CancelledError
        self._acts.pop(0)()

    def run(self, run: RunFolder) -> list[RunEvents]:
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(follow(run, self.heard.append, seconds=0.0, sleep=self.sleep))
        return self.heard


def nothing() -> None: ...


def test_what_has_happened_is_replayed_in_one_bunch_for_each_worker(run: RunFolder) -> None:
    write(run, "train", [Started("train", 1), *(step(i) for i in range(1, 9)), Finished(1.0)])
    write(run, "evaluate", [Started("evaluate", 1)])
    train, evaluate = Told().run(run)
    assert (train.work, len(train.events), train.status) == ("train", 10, "done")
    assert (evaluate.work, evaluate.status) == ("evaluate", "died")


def test_what_comes_later_comes_once_and_in_order(run: RunFolder) -> None:
    state.enter(run, "train")
    write(run, "train", [Started("train", os.getpid())])
    later = [lambda i=i: write(run, "train", [step(i)]) for i in range(1, 6)]
    heard = [told for told in Told(*later).run(run) if told.work == "train" and told.events]
    assert [stamped.seq for told in heard for stamped in told.events] == [1, 2, 3, 4, 5, 6]
    assert {told.status for told in heard} == {"running"}


def test_a_torn_line_waits_for_its_end(run: RunFolder) -> None:
    write(run, "train", [Started("train", 1), Note("one")])
    whole = run.events("train").read_bytes()
    half = whole[:-9]

    def finish() -> None:
        run.events("train").write_bytes(whole)

    run.events("train").write_bytes(half)
    heard = [told for told in Told(finish).run(run) if told.work == "train"]
    assert [len(told.events) for told in heard] == [1, 1]
    assert read_events(run.events("train"))[-1] == heard[-1].events[-1]


def test_a_status_that_changes_without_an_event_is_told(run: RunFolder) -> None:
    state.enter(run, "train")
    write(run, "train", [Heartbeat("starting", 1)])

    def die() -> None:
        state.folder.write_json(run.state, {"train": {"pid": os.getpid(), "create_time": 1.0, "started": 1.0}})

    heard = [told for told in Told(die, *[nothing] * 5).run(run) if told.work == "train"]
    assert [told.status for told in heard] == ["running", "died"]
    assert [len(told.events) for told in heard] == [1, 0]


def test_an_end_is_news_also_where_the_one_before_ended_the_same_way(run: RunFolder) -> None:
    known = Known(run)
    for t, news in enumerate((True, True, False)):
        ends = [Stamped(1, t, Error("no room"))] if news else []
        assert known.take(RunEvents(run, "evaluate", ends, "failed"))[1] is news


def test_an_end_is_known_with_its_event_not_some_looks_later(run: RunFolder) -> None:
    state.enter(run, "train")
    write(run, "train", [Started("train", os.getpid())])
    heard = Told(lambda: write(run, "train", [Finished(1.0)])).run(run)
    assert heard[-1].status == "done"


def test_a_run_that_nobody_has_started_is_new_and_stays_quiet(run: RunFolder) -> None:
    assert [(told.work, told.status) for told in Told(*[nothing] * 9).run(run)] == [
        ("train", "new"),
        ("evaluate", "new"),
    ]


def test_over_a_thin_line_it_looks_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    assert pause() == SECONDS
    monkeypatch.setenv("SSH_CONNECTION", "1.2.3.4 5 6.7.8.9 22")
    assert pause() == SECONDS_REMOTE
