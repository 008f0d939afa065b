"""A talk keeps what was said, shows the model what fits, and says what left."""

import json
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.chat.engine import Ending
from chatforge.chat.protocol import Began, Ended, Event, Mode, Note, Piece, StoppedBy, Who
from chatforge.chat.session import Session
from chatforge.chat.settings import Settings
from chatforge.chat.transcript import FileTranscript, NoTranscript, Transcript
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.formats import messages as messages_format
from chatforge.errors import UserError


class FakeEngine:
    """Echoes the last message word by word; a token is a character. Remembers what it was shown."""

    def __init__(self, context: int = 1000, reserved: int = 100) -> None:
        self.context, self.reserved = context, reserved
        self.settings = Settings()
        self.seen: list[tuple[Who, list[Message]]] = []
        self.ending: StoppedBy = "stop"
        self.say: Callable[[Who, str], str] = lambda who, text: f"{who}: {text}"

    def count(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content) for message in messages)

    def reply(
        self, who: Who, messages: Sequence[Message], should_stop: Callable[[], bool]
    ) -> Generator[str, None, Ending]:
        self.seen.append((who, list(messages)))
        for count, word in enumerate(self.say(who, messages[-1].content).split(" ")):
            if should_stop():
                return Ending("asked", count)
            if word == "BOOM":
                raise RuntimeError("out of memory")
            yield word + " "
        return Ending(self.ending, count + 1)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


def make(engine: FakeEngine, mode: Mode = "adapted", transcript: Transcript | None = None, **more: Any) -> Session:
    return Session(
        engine,
        **{"system": "SYS", "mode": mode, "modes": ("adapted", "base", "both"), "meta": {"source": "chat"}} | more,
        transcript=transcript or NoTranscript(),
    )


def say(session: Session, text: str, should_stop: Callable[[], bool] = lambda: False) -> list[Event]:
    return list(session.say(1, text, should_stop))


def again(session: Session, should_stop: Callable[[], bool] = lambda: False) -> list[Event]:
    return list(session.again(2, should_stop))


def rows(*texts: str) -> list[dict[str, str]]:
    """A history: user, assistant, user …"""
    return [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]


def notes(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Note)]


def lines(transcript: FileTranscript) -> list[dict[str, Any]]:
    return [json.loads(line) for line in transcript.path.read_text(encoding="utf-8").splitlines()]


def shape(seen: Sequence[Message]) -> list[str]:
    return [f"{message.role[0]}:{message.content}" for message in seen]


def test_a_reply_streams_and_the_next_one_knows_it(engine: FakeEngine) -> None:
    session = make(engine)
    events = say(session, "hello there")
    assert events[0] == Began(1, "adapted")
    assert [e.text for e in events if isinstance(e, Piece)] == ["adapted: ", "hello ", "there "]
    assert isinstance(events[-1], Ended)
    assert events[-1].stopped_by == "stop"
    say(session, "more")
    assert shape(engine.seen[-1][1]) == ["s:SYS", "u:hello there", "a:adapted: hello there", "u:more"]


def test_in_both_mode_each_answers_the_same_and_the_history_goes_on_with_the_adapted(engine: FakeEngine) -> None:
    session = make(engine, "both")
    say(session, "one")
    say(session, "two")
    assert [who for who, _ in engine.seen] == ["base", "adapted", "base", "adapted"]
    assert engine.seen[2][1] == engine.seen[3][1]
    assert shape(engine.seen[2][1]) == ["s:SYS", "u:one", "a:adapted: one", "u:two"]
    assert session.exchanges[0].answers == {"base": "base: one", "adapted": "adapted: one"}


def test_the_mode_can_change_on_the_way(engine: FakeEngine) -> None:
    session = make(engine)
    say(session, "one")
    session.set_mode("base")
    say(session, "two")
    assert engine.seen[-1][0] == "base"
    assert "a:adapted: one" in shape(engine.seen[-1][1])


def test_a_mode_that_is_not_there_is_refused(engine: FakeEngine) -> None:
    session = make(engine, "base", modes=("base",))
    with pytest.raises(UserError, match="no `adapted`"):
        session.set_mode("adapted")
    assert session.mode == "base"


def test_the_system_message_changes_and_the_history_stays(engine: FakeEngine) -> None:
    session = make(engine)
    say(session, "one")
    session.set_system(" NEW ")
    say(session, "two")
    assert shape(engine.seen[-1][1])[:2] == ["s:NEW", "u:one"]
    session.set_system("")
    say(session, "three")
    assert shape(engine.seen[-1][1])[0] == "u:one"


def numbered(engine: FakeEngine) -> None:
    """Every reply is another one."""
    engine.say = lambda who, text: f"{who} {len(engine.seen)}"


def test_the_last_message_is_answered_again_with_the_history_before_it(engine: FakeEngine) -> None:
    numbered(engine)
    session = make(engine)
    say(session, "one")
    say(session, "two")
    events = again(session)
    assert (events[0], events[-1].id) == (Began(2, "adapted"), 2)
    assert shape(engine.seen[-1][1]) == ["s:SYS", "u:one", "a:adapted 1", "u:two"]
    assert notes(events) == []
    say(session, "three")
    assert shape(engine.seen[-1][1])[-3:] == ["u:two", "a:adapted 3", "u:three"]


def test_again_asks_whoever_is_asked_now(engine: FakeEngine) -> None:
    numbered(engine)
    session = make(engine)
    say(session, "one")
    session.set_mode("both")
    assert [e.who for e in again(session) if isinstance(e, Began)] == ["base", "adapted"]
    assert session.exchanges[-1].answers == {"base": "base 2", "adapted": "adapted 3"}
    session.set_mode("base")
    again(session)
    assert session.exchanges[-1].answers == {"base": "base 4"}


def test_the_same_reply_at_temperature_0_is_told(engine: FakeEngine) -> None:
    session = make(engine, "both")
    say(session, "one")
    assert "temperature 0" in notes(again(session))[0]
    session.set_sampling(0.5, 1.0, 50)
    assert notes(again(session)) == []


def test_replies_stay_if_nothing_comes_in_their_place(engine: FakeEngine) -> None:
    session = make(engine)
    say(session, "one")
    assert notes(again(session, lambda: True)) == ["nothing was answered; the reply before stays"]
    engine.say = lambda who, text: "BOOM"
    with pytest.raises(RuntimeError):
        again(session)
    events = session.again(3, lambda: False)
    engine.say = lambda who, text: "never heard to its end"
    next(events)
    next(events)
    events.close()  # type: ignore[attr-defined]
    engine.say = lambda who, text: text
    say(session, "two")
    assert shape(engine.seen[-1][1]) == ["s:SYS", "u:one", "a:adapted: one", "u:two"]


def test_a_message_that_nothing_came_to_is_the_one_that_is_answered_again(engine: FakeEngine) -> None:
    session = make(engine)
    say(session, "one")
    with pytest.raises(RuntimeError):
        say(session, "BOOM")
    engine.say = lambda who, text: "fine"
    again(session)
    assert shape(engine.seen[-1][1])[-2:] == ["a:adapted: one", "u:BOOM"]
    say(session, "two", lambda: True)
    session.reset()
    with pytest.raises(UserError, match="no reply yet"):
        again(session)


def test_sampling_is_the_engines_from_then_on_or_nothing_changes(engine: FakeEngine) -> None:
    session = make(engine)
    session.set_sampling(0.7, 0.9, 64)
    assert engine.settings == Settings(64, 0.7, 0.9)
    with pytest.raises(UserError, match="temperature is a number from 0 to 5"):
        session.set_sampling(6, 0.9, 64)
    assert engine.settings == Settings(64, 0.7, 0.9)


def test_a_restored_history_is_what_the_model_sees(engine: FakeEngine) -> None:
    session = make(engine)
    say(session, "gone")
    session.restore(rows("a", "b", " c ", "d\ud83d"))
    say(session, "e")
    assert shape(engine.seen[-1][1]) == ["s:SYS", "u:a", "a:b", "u:c", "a:d?", "u:e"]
    session.restore([{"role": "system", "content": "NEW"}, *rows("a", "b")])
    again(session)
    assert shape(engine.seen[-1][1]) == ["s:NEW", "u:a"]
    session.restore([])
    say(session, "x")
    assert shape(engine.seen[-1][1]) == ["s:NEW", "u:x"]


def test_a_restored_history_too_long_for_the_model_loses_its_oldest() -> None:
    engine = FakeEngine(context=100, reserved=40)
    session = make(engine)
    session.restore(rows("x" * 50, "y", "short", "s"))
    assert "oldest exchange has left" in notes(say(session, "on"))[0]
    assert shape(engine.seen[-1][1]) == ["s:SYS", "u:short", "a:s", "u:on"]


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        (rows("a"), "last message has no reply"),
        (rows("a", "b", "c"), "last message has no reply"),
        (rows("a", "b")[::-1], "message 1 is from assistant"),
        ([{"role": "system", "content": "s"}, *rows("a", "b")[::-1]], "message 2 is from assistant"),
        ([*rows("a", "b"), {"role": "system", "content": "s"}, *rows("c")], "message 3 is from system"),
        ([*rows("a", "b"), *rows("c", " ")], "message 4 is empty"),
        ([{"role": "tool", "content": "s"}], "message 1 has no role"),
        ([{"content": "s"}], "message 1 has no role"),
        ([{"role": "user", "content": None}], "message 1 has no text"),
        (["user", "assistant"], "message 1 has no role"),
    ],
)
def test_what_is_no_history_is_refused_and_nothing_changes(engine: FakeEngine, messages: Any, words: str) -> None:
    session = make(engine)
    say(session, "one")
    with pytest.raises(UserError, match=words):
        session.restore(messages)
    say(session, "two")
    assert shape(engine.seen[-1][1])[:2] == ["s:SYS", "u:one"]


def test_reset_forgets_the_history_only(engine: FakeEngine) -> None:
    session = make(engine)
    say(session, "one")
    session.reset()
    say(session, "two")
    assert shape(engine.seen[-1][1]) == ["s:SYS", "u:two"]


def test_what_came_before_the_stop_is_kept(engine: FakeEngine, tmp_path: Path) -> None:
    transcript = FileTranscript(tmp_path / "transcripts", {"model": "m"})
    session = make(engine, transcript=transcript)
    asked = iter([False, False, True])
    events = say(session, "a b c d", lambda: next(asked))
    assert isinstance(events[-1], Ended)
    assert events[-1].stopped_by == "asked"
    say(session, "next")
    assert "a:adapted: a" in shape(engine.seen[-1][1])
    kept = lines(transcript)[2]
    assert (kept["kind"], kept["text"], kept["stopped_by"]) == ("assistant", "adapted: a ", "asked")


def test_a_stop_in_both_mode_also_ends_the_reply_not_yet_begun(engine: FakeEngine) -> None:
    session = make(engine, "both")
    asked = iter([False, True, True])
    say(session, "a b c", lambda: next(asked))
    assert [who for who, _ in engine.seen] == ["base"]
    say(session, "next")
    assert "a:base:" in shape(engine.seen[-1][1])


def test_an_exchange_without_an_answer_leaves_the_history_with_a_note(engine: FakeEngine) -> None:
    session = make(engine)
    events = say(session, "one", lambda: True)
    assert "goes on without" in notes(events)[0]
    say(session, "two")
    assert shape(engine.seen[-1][1]) == ["s:SYS", "u:two"]


@pytest.mark.parametrize(("ending", "word"), [("length", "longest"), ("loop", "repeat")])
def test_an_unusual_ending_is_said(engine: FakeEngine, ending: StoppedBy, word: str) -> None:
    engine.ending = ending
    events = say(make(engine), "one")
    assert word in notes(events)[0]


def test_a_failing_model_leaves_its_partial_reply_in_the_transcript(engine: FakeEngine, tmp_path: Path) -> None:
    transcript = FileTranscript(tmp_path, {"model": "m"})
    session = make(engine, transcript=transcript)
    with pytest.raises(RuntimeError):
        say(session, "a BOOM")
    assert lines(transcript)[-1]["text"] == "adapted: a "
    assert lines(transcript)[-1]["stopped_by"] == "error"
    assert session.exchanges == []
    assert "adapted: fine" in "".join(e.text for e in say(session, "fine") if isinstance(e, Piece))


def test_a_reply_that_nobody_hears_to_its_end_is_kept_as_far_as_it_came(engine: FakeEngine, tmp_path: Path) -> None:
    transcript = FileTranscript(tmp_path, {"model": "m"})
    events = make(engine, transcript=transcript).say(1, "a b", lambda: False)
    assert [type(next(events)) for _ in range(2)] == [Began, Piece]
    events.close()  # type: ignore[attr-defined]
    assert (lines(transcript)[-1]["text"], lines(transcript)[-1]["stopped_by"]) == ("adapted: ", "asked")


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_message_is_refused(engine: FakeEngine, text: str) -> None:
    with pytest.raises(UserError, match="empty"):
        say(make(engine), text)


def test_half_characters_become_question_marks(engine: FakeEngine) -> None:
    say(make(engine), "a\udce9b")
    assert engine.seen[0][1][-1].content == "a?b"


def test_the_oldest_exchanges_leave_when_it_gets_full_and_the_user_is_told_once() -> None:
    engine = FakeEngine(context=100, reserved=40)
    session = make(engine)
    assert notes(say(session, "x" * 10)) == []  # 3 + 10, and 19 more with the answer
    events = say(session, "y" * 35)
    assert "oldest exchange has left" in notes(events)[0]
    assert shape(engine.seen[-1][1]) == ["s:SYS", "u:" + "y" * 35]
    assert notes(say(session, "z")) != notes(say(session, "z"))
    assert len(session.exchanges) == 4


def test_a_message_too_long_by_itself_is_an_error_and_nothing_changes() -> None:
    engine = FakeEngine(context=100, reserved=40)
    session = make(engine)
    say(session, "short")
    with pytest.raises(UserError, match=r"takes 61 tokens, and the model has room for 60 \(100, less 40"):
        say(session, "x" * 58)
    say(session, "on")
    assert "u:short" in shape(engine.seen[-1][1])


@given(st.lists(st.integers(1, 57), max_size=12))
def test_the_prompt_always_leaves_room_for_the_reply(sizes: list[int]) -> None:
    engine = FakeEngine(context=100, reserved=40)
    engine.say = lambda who, text: "r" * 20
    session = make(engine)
    for size in sizes:
        say(session, "m" * size)
        shown = engine.seen[-1][1]
        assert engine.count(shown) <= 60
        assert [m.role for m in shown] == ["system", *["user", "assistant"] * ((len(shown) - 2) // 2), "user"]


def test_a_saved_talk_is_a_conversation_that_can_be_trained_on(engine: FakeEngine, tmp_path: Path) -> None:
    session = make(engine, "both")
    say(session, "Größe?")
    session.set_mode("adapted")
    say(session, "two")
    path = tmp_path / "talk.jsonl"
    assert session.save(path) == 5
    (read,) = messages_format.read(path)
    assert isinstance(read, Conversation)
    assert shape(read.messages) == ["s:SYS", "u:Größe?", "a:adapted: Größe?", "u:two", "a:adapted: two"]
    assert json.loads(path.read_text(encoding="utf-8"))["meta"] == {
        "source": "chat",
        "other_answers": [{"message": 2, "who": "base", "content": "base: Größe?"}],
    }


def test_saving_never_overwrites(engine: FakeEngine, tmp_path: Path) -> None:
    session = make(engine)
    say(session, "one")
    path = tmp_path / "mine.txt"
    path.write_text("precious")
    with pytest.raises(UserError, match="exists already"):
        session.save(path)
    assert path.read_text() == "precious"


def test_what_cannot_be_saved_is_said(engine: FakeEngine, tmp_path: Path) -> None:
    session = make(engine)
    with pytest.raises(UserError, match="nothing to save"):
        session.save(tmp_path / "a")
    say(session, "one")
    with pytest.raises(UserError, match="cannot be written"):
        session.save(tmp_path / "no such folder" / "a")


def test_the_users_turn_is_on_disk_before_the_model_begins(engine: FakeEngine, tmp_path: Path) -> None:
    transcript = FileTranscript(tmp_path, {"model": "m"})
    events = make(engine, transcript=transcript).say(1, "hello", lambda: False)
    next(events)
    assert [line["kind"] for line in lines(transcript)] == ["session", "user"]
    list(events)
    assert [line["kind"] for line in lines(transcript)] == ["session", "user", "assistant"]


def test_the_transcript_tells_what_else_happened(engine: FakeEngine, tmp_path: Path) -> None:
    transcript = FileTranscript(tmp_path, {"model": "m"})
    session = make(engine, transcript=transcript)
    session.set_mode("base")
    session.set_system("S")
    session.set_sampling(1.0, 0.5, 9)
    session.restore(rows("a", "b"))
    again(session)
    session.reset()
    kept = lines(transcript)
    assert [line["kind"] for line in kept] == [
        "session", "mode", "system", "sampling", "restore", "again", "assistant", "reset"
    ]  # fmt: skip
    assert [kept[3][name] for name in ("temperature", "top_p", "max_new_tokens")] == [1.0, 0.5, 9]
    assert kept[4]["messages"] == rows("a", "b")
    assert kept[6]["tokens"] == 2
