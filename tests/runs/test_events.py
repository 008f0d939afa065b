"""Events: one line each, by one writer; a torn line is no damage."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.runs import events
from chatforge.runs.events import EventWriter, Finished, Note, Phase, Sample, Stamped, Step, Unknown
from chatforge.runs.reading import read_events

STEP = Step(1, 4, 0.5, 2.0, 1e-3, 0.7, 300.0, 10**9, 12.5)


@given(st.text(), st.text())
def test_whatever_was_said_comes_back(prompt: str, reply: str) -> None:
    said = Stamped(3, 12.345, Sample(8, prompt, reply))
    assert events.from_line(events.to_line(said)) == said


@pytest.mark.parametrize("event", [STEP, Phase("loading"), Finished(2.5, {"steps": 4}), Unknown("new", {"x": 1})])
def test_every_kind_comes_back(event: events.Event) -> None:
    assert events.from_line(events.to_line(Stamped(1, 2.0, event))) == Stamped(1, 2.0, event)


@pytest.mark.parametrize("line", ["", "{", "[]", "3", '{"seq": 1}', '{"seq": "x", "t": 1, "kind": "note"}'])
def test_what_is_no_event_is_none(line: str) -> None:
    assert events.from_line(line) is None


def test_events_of_other_versions_do_no_harm() -> None:
    later = events.from_line('{"v": 9, "seq": 1, "t": 1, "kind": "note", "text": "hi", "colour": "red"}')
    assert later and later.event == Note("hi")
    earlier = events.from_line('{"v": 0, "seq": 1, "t": 1, "kind": "step", "step": 3}')
    assert earlier and earlier.event == Unknown("step", {"step": 3})


def test_a_second_writer_goes_on_counting_and_closes_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(path, clock=lambda: 1.0) as writer:
        writer.write(Phase("a"))
        writer.write(Phase("b"))
    with path.open("ab") as file:
        file.write(b'{"v": 1, "seq": 3, "t"')
    assert len(read_events(path)) == 2
    writer = EventWriter(path)
    writer.write(Note("back"))
    writer.close()
    writer.write(Note("too late"))
    assert [stamped.seq for stamped in read_events(path)] == [1, 2, 3]


def test_events_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        STEP.loss = 0.0  # type: ignore[misc]
