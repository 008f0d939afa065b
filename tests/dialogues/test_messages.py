"""Reading the messages format: what a person's file can hold, and what is said about it."""

import codecs
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.formats.messages import read
from chatforge.dialogues.reading import open_source
from chatforge.dialogues.tidy import MAX_MESSAGE_CHARACTERS, Tidied
from chatforge.errors import UserError

Write = Callable[..., Path]


def say(*roles: str, content: Any = "x") -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for role in roles]}


def reason(path: Path) -> str:
    """The reason of the one bad line of a file."""
    (bad,) = read(path)
    assert isinstance(bad, BadLine)
    assert (bad.file, bad.line) == (path, 1)
    return bad.reason


def refusal(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        list(open_source(path).read())
    (problem,) = caught.value.problems
    assert problem.file == path
    assert problem.hint
    return caught.value


def test_a_conversation_with_everything(write: Write, good: dict[str, Any]) -> None:
    path = write({"id": "r-12", **good, "meta": {"intent": "return", "scenario": "boots"}})
    (conversation,) = read(path)
    assert conversation == Conversation(
        "r-12",
        (Message("user", "Is it free?"), Message("assistant", "Yes, from $75.")),
        {"intent": "return", "scenario": "boots"},
        path,
        1,
    )


@pytest.mark.parametrize("meta", [{}, {"meta": None}, {"meta": {}}])
def test_id_and_meta_may_be_left_out(write: Write, good: dict[str, Any], meta: dict[str, Any]) -> None:
    (conversation,) = read(write({**good, **meta}))
    assert isinstance(conversation, Conversation)
    assert conversation.id == "talks.jsonl:1"
    assert conversation.meta == {}


@pytest.mark.parametrize("name", [0, 12, "12"])
def test_an_id_may_be_a_number(write: Write, good: dict[str, Any], name: Any) -> None:
    (conversation,) = read(write({"id": name, **good}))
    assert isinstance(conversation, Conversation)
    assert conversation.id == str(name)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n  \n"])
def test_byte_order_mark_blank_lines_and_line_ends(write: Write, good: dict[str, Any], end: bytes) -> None:
    path = write(b"\xef\xbb\xbf" + json.dumps(good).encode(), good, end=end)
    conversations = list(read(path))
    assert all(isinstance(conversation, Conversation) for conversation in conversations)
    assert [conversation.line for conversation in conversations] == [1, 1 + end.count(b"\n")]


def test_a_last_line_without_line_end(write: Write, good: dict[str, Any]) -> None:
    assert len(list(read(write(good, good, end=b"\n")))) == 2
    path = write(json.dumps(good) + "\n" + json.dumps(good), end=b"")
    assert len(list(read(path))) == 2


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" \r\n\t"])
def test_an_empty_file(write: Write, content: bytes) -> None:
    assert "the file is empty" in str(refusal(write(content, end=b"")))


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        list(read(tmp_path / "nothing.jsonl"))
    assert "folder" in str(refusal(tmp_path))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "a ZIP archive"),
        (b"\x00" * 20, "the file is binary"),
        (json.dumps(say("user", "assistant")).encode("utf-16-le"), "the file is binary"),
    ],
)
def test_what_is_binary_is_refused(write: Write, content: bytes, words: str) -> None:
    assert words in str(refusal(write(content)))


def test_utf_16_is_read(write: Write) -> None:
    path = write()
    path.write_bytes(json.dumps(say("user", "assistant", content="Café")).encode("utf-16"))
    (found,) = open_source(path).read()
    assert isinstance(found, Tidied)
    assert found.conversation.messages[0].content == "Café"


def test_latin_1_names_line_column_and_the_way_out(write: Write, good: dict[str, Any]) -> None:
    good["messages"][0]["content"] = "Café"
    path = write(say("user", "assistant"), json.dumps(good, ensure_ascii=False).encode("latin-1"))
    error = refusal(path)
    assert error.problems[0].line == 2
    assert "byte 0xe9 at column" in str(error)
    assert "iconv -f WINDOWS-1252 -t UTF-8 talks.jsonl" in str(error)


def test_broken_json_on_line_7_leaves_the_rest(write: Write, good: dict[str, Any]) -> None:
    items = list(read(write(*[good] * 6, '{"messages": [', good)))
    assert [i for i, item in enumerate(items, start=1) if isinstance(item, BadLine)] == [7]
    bad = items[6]
    assert isinstance(bad, BadLine)
    assert bad.line == 7
    assert bad.reason.startswith("broken JSON at column ")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([], "not a JSON object with a `messages` list"),
        ("12", "not a JSON object"),
        ("null", "not a JSON object"),
        ({}, "no `messages` list"),
        ({"id": 1, "mesages": []}, "no `messages` list, found 'id', 'mesages': did you mean `messages`?"),
        ({"messages": []}, "not a list with at least a question and an answer"),
        ({"messages": "hi"}, "not a list"),
        ({"messages": {"role": "user"}}, "not a list"),
        ({"messages": ["hi", "hello"]}, "message 1 has no `role` and `content`"),
        ({"messages": [{"role": "user"}]}, "message 1 has no `role` and `content`"),
        (say("user", "asistant"), "message 2: unknown role 'asistant', did you mean `assistant`?"),
        (say("gpt", "user"), "message 1: unknown role 'gpt'"),
        (say("user", "tool"), "message 2: unknown role 'tool'"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "message 1: unknown role ['user']"),
        (say("user", "assistant", content=""), "message 1 (user) is empty"),
        (say("user", "assistant", content=" \n\t"), "message 1 (user) is empty"),
        (say("user", "assistant", content=None), "message 1: `content` is NoneType, not text"),
        (say("user", "assistant", content=[{"type": "text"}]), "message 1: `content` is list, not text"),
        (say("user", "assistant", content=7), "message 1: `content` is int, not text"),
        (say("user"), "no assistant turn: nothing to learn from"),
        (say("system", "user"), "no assistant turn"),
        (say("system"), "no assistant turn"),
        (say("assistant", "user"), "roles don't alternate: message 1 is assistant, not user"),
        (say("user", "user"), "roles don't alternate: message 2 is user, not assistant"),
        (say("user", "assistant", "assistant"), "roles don't alternate: message 3 is assistant, not user"),
        (say("system", "user", "user"), "roles don't alternate: message 3 is user, not assistant"),
        (say("user", "system", "assistant"), "roles don't alternate: message 2 is system, not assistant"),
        ({**say("user", "assistant"), "meta": ["x"]}, "`meta` is list, not an object"),
        ("[" * 100_000, "broken JSON: nested too deeply"),
        ('{"messages": ' + "[" * 50_000 + "]" * 50_000 + "}", "broken JSON: nested too deeply"),
        ('{"id": ' + "9" * 5000 + "}", "a number with thousands of digits"),
        (say("user", "assistant", content="\ud83e"), "half a surrogate pair"),
        ({"id": "\udd7e", **say("user", "assistant")}, "half a surrogate pair"),
    ],
)
def test_a_bad_line_and_its_reason(write: Write, row: Any, words: str) -> None:
    assert words in reason(write(row))


def test_a_huge_wrong_role_is_not_printed_whole(write: Write) -> None:
    assert len(reason(write(say("x" * 100_000)))) < 100


def test_whole_surrogate_pairs_are_text(write: Write) -> None:
    (conversation,) = read(write(say("user", "assistant", content="🥾")))
    assert isinstance(conversation, Conversation)
    assert conversation.messages[0].content == "🥾"


@pytest.mark.parametrize("length", [MAX_MESSAGE_CHARACTERS, 100_000])
def test_a_very_long_message(write: Write, length: int) -> None:
    path = write(say("user", "assistant", content="x" * length))
    (item,) = read(path)
    if length > MAX_MESSAGE_CHARACTERS:
        assert isinstance(item, BadLine)
        assert item.reason == "message 1 (user) has 100,000 characters; the limit is 50,000"
    else:
        assert isinstance(item, Conversation)


def test_a_conversation_may_end_with_a_question(write: Write) -> None:
    (conversation,) = read(write(say("system", "user", "assistant", "user")))
    assert isinstance(conversation, Conversation)
    assert conversation.assistant_turns == [2]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["user", "assistant"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["messages", "role", "content", "id", "meta"]), inner, max_size=4)
    ),
    max_leaves=12,
)
LINES = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    JSON.map(lambda value: json.dumps(value).encode()),
    JSON.map(lambda value: json.dumps({"messages": value}).encode()),
    st.lists(st.tuples(st.sampled_from(["user", "assistant", "system"]), st.text(max_size=5)), max_size=4).map(
        lambda said: json.dumps({"messages": [{"role": role, "content": text} for role, text in said]}).encode()
    ),
)


def _text(content: bytes) -> str:
    """What a file says, without the mark of its byte order; UTF-16 only where it has one."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if marked else "utf-8", errors="replace").replace("\ufeff", "")


def check_any_bytes(folder: Path, lines: list[bytes]) -> None:
    """Conversations, bad lines or a UserError that names the file: nothing else ever comes out."""
    path = folder / "any.jsonl"
    path.write_bytes(b"\n".join(lines))
    try:
        items = list(read(path))
    except UserError as error:
        assert all(problem.file == path for problem in error.problems)
        return
    assert items or not _text(b"\n".join(lines)).split()
    for item in items:
        if isinstance(item, BadLine):
            assert item.reason
        else:
            roles = [message.role for message in item.messages if message.role != "system"]
            assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"] * (len(roles) % 2)
            assert item.assistant_turns
            assert all(message.content.strip() for message in item.messages)
            repr(item).encode()
            str(item.scenario).encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=4))
@example([b'{"id": ' + b"1" * 4301])
@example([b"\xef\xbb\xbf\xef\xbb\xbf{}"])
@example([b"\xfe\xff"])
@example([b"\xff\xfe"])
def test_arbitrary_bytes_never_raise_anything_else(tmp_path: Path, lines: list[bytes]) -> None:
    check_any_bytes(tmp_path, lines)


@pytest.mark.fuzz
@settings(max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=4))
def test_arbitrary_bytes_never_raise_anything_else_long(tmp_path: Path, lines: list[bytes]) -> None:
    check_any_bytes(tmp_path, lines)
