"""Messages survive the wire; noise on it does not hurt."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.chat import protocol as p

COMMANDS = [
    p.Say(1, "Is it\nopen? 😊"),
    p.SetMode(2, "both"),
    p.SetSystem(3, ""),
    p.Again(7),
    p.SetSampling(8, 0.7, 0.9, 128),
    p.Restore(9, ({"role": "user", "content": "a\n😊"}, {"role": "assistant", "content": "b"})),
    p.Restore(10, ()),
    p.Reset(4),
    p.Save(5, "a b.jsonl"),
    p.Stop(1),
]
EVENTS = [
    p.Ready(0, "shop-a", "adapted", ("adapted", "base", "both"), "You help.", 2048, "slow", None, 0.7, 0.9, 64),
    p.Note(1, "left"),
    p.Began(1, "base"),
    p.Piece(1, "é\x1b[31m\n"),
    p.Ended(1, "base", "asked", 0.5, 12),
    p.Failed(1, "why", fatal=True),
    p.Done(1),
]


def test_every_kind_is_tried() -> None:
    assert {type(one) for one in COMMANDS} == set(get_args(p.Command))
    assert {type(one) for one in EVENTS} == set(get_args(p.Event))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
def test_a_command_comes_back_as_it_was_and_is_no_event(command: p.Command) -> None:
    line = p.to_line(command)
    assert p.command_from(line) == command
    assert p.event_from(line) is None


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)
def test_an_event_comes_back_as_it_was_and_is_no_command(event: p.Event) -> None:
    line = p.to_line(event)
    assert p.event_from(line) == event
    assert p.command_from(line) is None


@given(st.text())
def test_any_text_is_one_ascii_line(text: str) -> None:
    line = p.to_line(p.Say(1, text))
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert p.command_from(line) == p.Say(1, text)


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"\xff\xfe", b"Loading weights: 100%", b"[1]", b"null", b'{"kind": "sing", "id": 1}', b'{"id": 1}',
     b'{"kind": ["say"]}', b"[" * 100_000,
     b'{"kind": "say", "id": 1}'],
)  # fmt: skip
def test_what_is_no_message_is_left_alone(line: bytes) -> None:
    assert p.command_from(line) is None
    assert p.event_from(line) is None


def test_fields_of_a_newer_version_are_left_out() -> None:
    assert p.event_from(b'{"kind": "done", "id": 4, "mood": "good"}') == p.Done(4)
