"""Any number of readers: from where one left off, and to the last word."""

from pathlib import Path

from chatforge.runs import reading
from chatforge.runs.events import EventWriter, Phase, Stamped, to_line


def test_reading_goes_on_from_an_offset_and_keeps_a_torn_line_for_later(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert reading.read_from(path) == ([], 0)
    whole = to_line(Stamped(1, 1.0, Phase("a")))
    second = to_line(Stamped(2, 1.0, Phase("b")))
    path.write_text(whole + second[:9])
    found, offset = reading.read_from(path)
    assert [stamped.seq for stamped in found] == [1]
    path.write_text(whole + second)
    assert [stamped.seq for stamped in reading.read_from(path, offset)[0]] == [2]


def test_following_gives_the_last_words_too(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    turns = iter(["a", "b", None])

    def nap(_: float) -> None:
        word = next(turns)
        if word:
            writer.write(Phase(word))

    alive = iter([True, True, True, True, True, False, False])
    followed = reading.follow(path, lambda: next(alive), sleep=nap)
    assert [stamped.event for stamped in followed] == [Phase("a"), Phase("b")]
