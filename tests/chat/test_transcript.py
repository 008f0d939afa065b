"""A transcript is private, whole at every moment, not made for nothing, and read back as what the talk came to."""

import json
import stat
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.chat.transcript import (
    FileTranscript,
    Kept,
    Said,
    Turn,
    latest,
    list_transcripts,
    messages_of,
    present,
    read,
)
from chatforge.errors import UserError
from chatforge.project.talk import from_turns
from chatforge.runs.folder import RunFolder


def test_no_talk_no_file(tmp_path: Path) -> None:
    transcript = FileTranscript(tmp_path / "transcripts", {})
    assert not transcript.path.exists()
    assert present(transcript.path) == []


def test_every_line_is_there_when_write_returns_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    transcript = FileTranscript(tmp_path / "transcripts", {"model": "m"}, clock=lambda: 12.34567)
    transcript.write("user", text="Größe \udce9?")
    rows = [json.loads(line) for line in transcript.path.read_text(encoding="utf-8").splitlines()]
    assert rows == [
        {"v": 1, "t": 12.346, "kind": "session", "model": "m"},
        {"v": 1, "t": 12.346, "kind": "user", "text": "Größe ??"},
    ]
    assert stat.S_IMODE(transcript.path.stat().st_mode) == 0o600


class Writer:
    """Writes a transcript as a session does."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self.transcript = FileTranscript(folder, {"model": "m", "system": "SYS"}, clock)
        self.path = self.transcript.path

    def __call__(self, kind: str, **fields: Any) -> None:
        self.transcript.write(kind, **fields)

    def said(self, user: str, *replies: str, who: str = "adapted") -> None:
        self("user", text=user)
        for reply in replies:
            self.reply(reply, who)

    def reply(self, text: str, who: str = "adapted", stopped_by: str = "stop") -> None:
        self("assistant", who=who, text=text, stopped_by=stopped_by, seconds=0.5, tokens=3)


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    ticks: Iterator[int] = count(1)
    return Writer(tmp_path / "shop-a" / "transcripts", lambda: float(next(ticks)))


def now(path: Path) -> list[tuple[str, str]]:
    """User and reply of the talk that goes on."""
    return [(turn.user, turn.answer.text) for turn in present(path) if turn.answer]


def test_a_talk_comes_back(write: Writer) -> None:
    write.said("one", " 1 ")
    write("system", text="NEW")
    write.said("two")
    write.reply("b", "base")
    write.reply("a")
    first, second = read(write.path)
    assert (first.user, first.system, first.part, first.t) == ("one", "SYS", 0, 3.0)
    assert first.replies == (Said("adapted", " 1 ", "stop", 0.5, 3),)
    assert [said.who for said in second.replies] == ["base", "adapted"]
    assert second.answer == second.replies[1]
    assert messages_of([first, second]) == (
        {"role": "system", "content": "NEW"},
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": "two"},
        {"role": "assistant", "content": "a"},
    )
    assert messages_of([]) == ()


def test_replies_written_again_take_the_place_of_those_before_unless_nothing_came(write: Writer) -> None:
    write.said("one", "1")
    write("again")
    write.reply("", stopped_by="asked")
    assert now(write.path) == [("one", "1")]
    write("again")
    write.reply("b", "base")
    write.reply("a")
    assert [said.text for said in read(write.path)[0].replies] == ["b", "a"]


def test_messages_without_an_answer_are_no_part_of_what_goes_on(write: Writer) -> None:
    write.said("one")
    write.said("two", " ")
    write.said("four", "4")
    assert len(read(write.path)) == 3
    assert now(write.path) == [("four", "4")]


def test_what_broke_off_stays_where_nothing_whole_came(write: Writer) -> None:
    write("user", text="one")
    write.reply("half", stopped_by="error")
    write.said("two", "whole", who="base")
    write.reply("half", stopped_by="error")
    assert now(write.path) == [("one", "half"), ("two", "whole")]


def test_a_talk_begun_afresh_is_another_part(write: Writer) -> None:
    write.said("one", "1")
    write("reset")
    assert now(write.path) == []
    write.said("two", "2")
    assert now(write.path) == [("two", "2")]
    assert [turn.part for turn in read(write.path)] == [0, 1]


def rows(*texts: str) -> list[dict[str, str]]:
    return [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]


def test_a_restored_talk_with_another_reply_stays_the_same_talk(write: Writer) -> None:
    write.said("one", "1")
    write.said("nothing")
    write.said("two", "2")
    write("restore", system="SYS", messages=rows("one", "1", "two", "better"))
    write.said("three", "3")
    first, second, third = read(write.path)
    assert first.replies[0].tokens == 3
    assert second.answer == Said("adapted", "better")
    assert third.part == 0
    assert now(write.path) == [("one", "1"), ("two", "better"), ("three", "3")]


def test_what_the_base_said_outlives_a_correction(write: Writer) -> None:
    write("user", text="one")
    write.reply("b", "base")
    write.reply("a")
    write("restore", system="SYS", messages=rows("one", "as it should be"))
    (turn,) = present(write.path)
    assert [(said.who, said.text) for said in turn.replies] == [("base", "b"), ("adapted", "as it should be")]
    (exchange,) = from_turns([turn])
    assert exchange.replies["base"].text == "b"
    assert exchange.chosen is exchange.replies["adapted"]
    assert exchange.chosen.final == "as it should be"


def test_replies_of_nobody_known_are_no_part_of_a_talk() -> None:
    odd = Turn(0.0, "one", (Said("someone", "x"), Said("base", "b", "no such reason")), "", 0)
    (exchange,) = from_turns([odd, Turn(0.0, "two", (Said("someone", "x"),), "", 0)])
    assert list(exchange.replies) == ["base"]
    assert exchange.replies["base"].stopped_by == "stop"


def test_a_system_message_changed_after_the_last_reply_counts(write: Writer) -> None:
    write.said("one", "1")
    write("system", text="NEW")
    system, turns = latest(write.path)
    assert (system, len(turns)) == ("NEW", 1)


def test_another_restored_talk_is_another_part(write: Writer) -> None:
    write.said("one", "1")
    write("restore", system="S2", messages=rows("x", "y"))
    write("again")
    write.reply("z")
    assert now(write.path) == [("x", "z")]
    assert [(turn.part, turn.system) for turn in read(write.path)] == [(0, "SYS"), (1, "S2")]


def test_a_torn_last_line_and_foreign_ones_are_left_out(write: Writer) -> None:
    write.said("one", "1")
    whole = read(write.path)
    content = write.path.read_bytes()
    odd = b'[1]\nnull\n{"kind": "restore", "messages": 5}\n\xff\n{"kind": ["user"]}\n{"kind": "assistant"}\n'
    write.path.write_bytes(content + b'{"v": 1, "t": 9, "kind": "user", "te')
    assert read(write.path) == whole
    write.path.write_bytes(odd + content)
    assert [turn.user for turn in read(write.path)] == ["one"]


@given(st.binary(max_size=60), st.integers(0, 400))
def test_no_damage_keeps_it_from_being_read(tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int) -> None:
    write = Writer(tmp_path_factory.mktemp("t"), lambda: 1.0)
    write.said("one", "1")
    content = write.path.read_bytes()
    write.path.write_bytes(content[:place] + noise + content[place:])
    present(write.path)


def test_talks_are_listed_the_newest_first(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "shop-a")
    assert list_transcripts(run) == []
    for day in (1, 3, 2):
        write = Writer(run.transcripts, lambda day=day: day * 86400.0)  # type: ignore[misc]
        write.said(f"day {day}", "yes")
        write.said("more", "yes")
    Writer(run.transcripts, lambda: 9e5)("mode", mode="base")  # nothing was said
    (run.transcripts / "empty.jsonl").touch()
    found = list_transcripts(run)
    assert [(kept.first, kept.turns, kept.t) for kept in found] == [
        ("day 3", 2, 3 * 86400.0),
        ("day 2", 2, 2 * 86400.0),
        ("day 1", 2, 86400.0),
    ]
    assert isinstance(found[0], Kept)
    assert found[1:] == list_transcripts(run, without=found[0].path)


def test_only_the_newest_talks_that_go_on_are_listed(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    run = RunFolder(write.path.parent.parent)
    write.said("one", "1")
    write("reset")
    assert list_transcripts(run) == []
    write.said("two", "2")
    assert [(kept.first, kept.turns) for kept in list_transcripts(run)] == [("two", 1)]
    later = write.path.with_name("9999.jsonl")
    later.write_bytes(write.path.read_bytes())
    monkeypatch.setattr("chatforge.chat.transcript.NEWEST", 1)
    assert [kept.path for kept in list_transcripts(run)] == [later]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read(tmp_path)
