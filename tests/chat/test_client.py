"""The client starts a real process, hears it out, stops it and survives it."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil
import pytest

from chatforge.chat.client import ChatClient
from chatforge.chat.protocol import (
    Again,
    Began,
    Done,
    Ended,
    Event,
    Failed,
    Note,
    Piece,
    Reset,
    Restore,
    Save,
    Say,
    SetMode,
    SetSampling,
    SetSystem,
)
from chatforge.errors import UserError

FAKE = [str(Path(__file__).with_name("fake_worker.py"))]
Start = Callable[..., AbstractContextManager[ChatClient]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    @contextmanager
    def started(*arguments: str, name: str = "shop-a") -> Iterator[ChatClient]:
        with ChatClient([str(tmp_path / name), *arguments], tmp_path / "logs" / "chat.log", FAKE) as client:
            yield client

    return started


def said(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Piece))


def ask(client: ChatClient, text: str) -> list[Event]:
    return list(client.events(client.send(Say, text)))


def test_a_talk_from_ready_to_the_end(start: Start, tmp_path: Path) -> None:
    with start("--temperature=0.5", "--max-new-tokens=9") as client:
        ready = client.ready()
        assert (ready.mode, ready.modes, ready.context) == ("adapted", ("adapted", "base", "both"), 400)
        events = ask(client, "héllo 😊")
        assert events[0] == Began(1, "adapted")
        assert said(events) == " t=0.5 n=9: héllo 😊"
        assert isinstance(events[-1], Ended)
        list(client.events(client.send(SetMode, "both")))
        list(client.events(client.send(SetSystem, "SYS")))
        assert [e.who for e in ask(client, "x") if isinstance(e, Began)] == ["base", "adapted"]
        path = tmp_path / "saved.jsonl"
        (note,) = client.events(client.send(Save, str(path)))
        assert isinstance(note, Note)
        assert str(path) in note.text
        list(client.events(client.send(Reset)))
        (failed,) = client.events(client.send(Save, str(path)))
        assert isinstance(failed, Failed)
        pid = client.pid
    assert len(json.loads(path.read_text())["messages"]) == 5
    assert not psutil.pid_exists(pid)


def test_a_reply_is_written_again_and_a_history_restored(start: Start) -> None:
    with start(name="again") as client:
        ready = client.ready()
        assert (ready.temperature, ready.top_p, ready.max_new_tokens) == (0.0, 1.0, 256)
        ask(client, "hi")
        (*_, note) = client.events(client.send(Again))
        assert isinstance(note, Note)
        list(client.events(client.send(SetSampling, 0.7, 1.0, 64)))
        events = list(client.events(client.send(Again)))
        assert said(events).endswith(": hi 3")
        assert isinstance(events[-1], Ended)
        assert events[-1].tokens == 2
        rows = ({"role": "user", "content": "a"}, {"role": "assistant", "content": "b"})
        assert list(client.events(client.send(Restore, rows))) == []
        assert said(list(client.events(client.send(Again)))).endswith(": a 4")
        for wrong in (client.send(Restore, rows[:1]), client.send(SetSampling, "hot", None, 0)):
            (failed,) = client.events(wrong)
            assert isinstance(failed, Failed)


def test_what_libraries_print_goes_to_the_log(start: Start) -> None:
    with start() as client:
        client.ready()
        assert "a native library prints" in client.log.read_text()


def test_a_stop_ends_the_reply_and_not_the_next_one(start: Start, tmp_path: Path) -> None:
    with start() as client:
        transcript = Path(client.ready().transcript or "")
        events = client.events(client.send(Say, "endless"))
        assert isinstance(next(events), Began)
        next(events)
        client.stop()
        rest = list(events)
        assert isinstance(rest[-1], Ended)
        assert rest[-1].stopped_by == "asked"
        client.stop()  # too late: it names a reply that is over
        assert said(ask(client, "next")).endswith(" next")
    replies = [json.loads(line) for line in transcript.read_text().splitlines() if '"assistant"' in line]
    assert [reply["stopped_by"] for reply in replies] == ["asked", "stop"]


def test_closing_in_the_middle_of_a_reply_keeps_what_came(start: Start) -> None:
    with start() as client:
        transcript = Path(client.ready().transcript or "")
        events = client.events(client.send(Say, "endless"))
        next(events)
        next(events)
    last = json.loads(transcript.read_text().splitlines()[-1])
    assert last["kind"] == "assistant"
    assert last["text"]


def test_a_failed_reply_does_not_end_the_talk(start: Start) -> None:
    with start() as client:
        client.ready()
        failed = [e for e in ask(client, "fail") if isinstance(e, Failed)]
        assert "MemoryError: no room" in failed[0].what
        assert "Traceback" in client.log.read_text()
        assert "too long" in next(e.what for e in ask(client, "x" * 500) if isinstance(e, Failed))
        assert said(ask(client, "on")).endswith(" on")


def test_a_worker_that_dies_tells_how_it_ended_and_what_it_said(start: Start) -> None:
    with start() as client:
        client.ready()
        with pytest.raises(UserError) as caught:
            ask(client, "die")
        for word in ("signal 9", "last words", "memory", str(client.log)):
            assert word in str(caught.value)
        with pytest.raises(UserError, match="signal 9"):
            ask(client, "again")


def test_an_old_log_is_not_taken_for_the_last_words(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "chat.log"
    log.parent.mkdir()
    log.write_text("yesterday's trouble\n")
    with start(name="crash") as client, pytest.raises(UserError, match="exit code 3") as caught:
        client.ready()
    assert "yesterday" not in str(caught.value)
    assert "native library" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [("broken", "no weights here\n    → fetch them"), ("odd", "loading failed: RuntimeError: strange")],
)
def test_a_model_that_cannot_be_loaded_says_why(start: Start, name: str, words: str) -> None:
    with start(name=name) as client, pytest.raises(UserError) as caught:
        client.ready()
    assert words in str(caught.value)


def test_leaving_while_the_model_loads_leaves_no_process(start: Start) -> None:
    with start(name="slow") as client:
        pid = client.pid
    assert not psutil.pid_exists(pid)


def test_noise_on_the_wire_does_not_hurt(start: Start) -> None:
    with start() as client:
        client.ready()
        client._pipe.write(b"\xffrubbish\n{}\n")
        assert said(ask(client, "still here")).endswith("still here")
        assert client.send(Reset) == 2
        assert client.receive() == Done(2)
