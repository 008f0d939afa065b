"""One large JSON value: its records with their lines, also where it breaks."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatforge.dialogues.containers import json_cursor, opened
from chatforge.dialogues.containers.json_value import notes, records
from chatforge.dialogues.draft import BadLine, Record
from chatforge.errors import UserError

Put = Callable[..., Path]


def test_elements_with_their_lines(put: Put) -> None:
    path = put('\ufeff[\n  {"a": 1,\n   "b": []},\n\n  "c", -1.5e3\n]\n')
    assert list(records(path)) == [Record(2, {"a": 1, "b": []}), Record(5, "c"), Record(5, -1500.0)]
    assert notes(path) == ()


def test_members_by_name(put: Put) -> None:
    path = put('{\n"MUL1.json": {"goal": {}, "log": []},\n"MUL2.json":\n {"log": []}, "3": [], "4": {}, "version": 2}')
    assert list(records(path)) == [
        Record(2, {"goal": {}, "log": []}, "MUL1.json"),
        Record(4, {"log": []}, "MUL2.json"),
        Record(4, [], "3"),
        Record(4, {}, "4"),
    ]
    assert notes(path) == ("one JSON object: those of its members that are objects or lists are the records",)


def test_elements_of_lists_by_the_name_of_the_list(put: Put) -> None:
    path = put('{"version": 2, "train": [{"a": 1},\n{"a": 2}], "tags": ["x"], "empty": [], "dev": [{"a": 3}, 4]}')
    assert list(records(path)) == [
        Record(1, {"a": 1}, "train"),
        Record(2, {"a": 2}, "train"),
        Record(2, {"a": 3}, "dev"),
        Record(2, 4, "dev"),
    ]
    (note,) = notes(path)
    assert "its other members are left out" in note


def test_one_conversation(put: Put) -> None:
    value = {"id": 1, "messages": [{"role": "user", "content": "Hi"}]}
    assert list(records(put(json.dumps(value, indent=1)))) == [Record(1, value)]


def test_values_one_after_another(put: Put) -> None:
    path = put('{\n"a": 1\n}\n{\n"a": 2\n}\n[3]')
    assert list(records(path)) == [Record(1, {"a": 1}), Record(4, {"a": 2}), Record(7, [3])]


@pytest.mark.parametrize("text", ["[]", "{}", " [ ] "])
def test_nothing_in_it(put: Put, text: str) -> None:
    assert list(records(put(text))) in ([], [Record(1, {})])


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[1\n3]", 2, "broken JSON at column 1: Expecting ',' or ']'"),
        ('[1,\n{"a" 2}]', 2, "broken JSON at column 6: Expecting ':' delimiter"),
        ("[1,\n]", 2, "broken JSON at column 1: Expecting value"),
        ('[1,\n{"a": [2,', 2, "broken JSON at column 10: the file ends in the middle"),
        ('[1,\n"abc', 2, "broken JSON at column 1: no closing quotation mark"),
        ("[1", 1, "broken JSON at column 3: the file ends in the middle"),
        ("[1] x", 1, "broken JSON at column 5: Expecting value"),
        ("[1,\n{'a': 2}]", 2, "broken JSON at column 2: Python text, not JSON"),
        ("[1," + "[" * 100_000, 1, "broken JSON at column 4: nested too deeply"),
        ("[1," + "9" * 5000 + "]", 1, "broken JSON at column 4: a number with thousands of digits"),
        ('{"x": {"a": 1}, 2}', 1, "broken JSON at column 17: Expecting a name in double quotes"),
        ("{'x': {}}", 1, "broken JSON at column 2: "),
        ("hello", 1, "broken JSON at column 1: Expecting value"),
    ],
)
def test_where_it_breaks_is_the_last_record(put: Put, text: str, line: int, reason: str) -> None:
    path = put(text)
    *good, bad = records(path)
    assert len(good) == (text[0] == "[" or '"x"' in text)
    assert isinstance(bad, BadLine)
    assert (bad.file, bad.line) == (path, line)
    assert bad.reason.startswith(reason)
    assert bad.reason.endswith("; the rest of the file cannot be read")


def test_half_a_surrogate_pair_spoils_one_record(put: Put) -> None:
    path = put('[{"a": "\\ud83e"},\n{"a": "\\ud83e\\udd7e"}]')
    bad, good = records(path)
    assert isinstance(bad, BadLine)
    assert bad.reason.startswith("half a surrogate pair")
    assert good == Record(2, {"a": "🥾"})
    (named,) = records(put('{"\\ud83e": {}}'))
    assert isinstance(named, Record)
    assert named.key == "\ufffd"


def test_one_value_may_not_be_endless(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_cursor, "MAX_VALUE", 1 << 20)
    good, bad = records(put('[1,\n"' + "x" * (5 << 20)))
    assert good == Record(1, 1)
    assert isinstance(bad, BadLine)
    assert bad.line == 2
    assert "one value of more than 1 million characters" in bad.reason


def test_another_encoding_is_an_error_with_its_place(put: Put) -> None:
    with pytest.raises(UserError, match="not UTF-8: byte 0xe9 at column 5") as caught:
        list(records(put(b'["x",\n"Caf\xe9"]')))
    assert caught.value.problems[0].line == 2


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.lists(JSON, max_size=6),
    indent=st.none() | st.integers(0, 2),
    ascii_only=st.booleans(),
    piece=st.integers(3, 17),
)
def test_elements_are_those_of_json_wherever_the_pieces_end(
    put: Put, monkeypatch: pytest.MonkeyPatch, value: list[Any], indent: int | None, ascii_only: bool, piece: int
) -> None:
    monkeypatch.setattr(opened, "PIECE", piece)
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    found = list(records(put(text)))
    assert [item.value for item in found if isinstance(item, Record)] == value
    assert len(found) == len(value)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from('[]{}",:1ea\\\n -.'), max_size=25), piece=st.integers(3, 9))
def test_what_is_said_does_not_depend_on_the_pieces(
    put: Put, monkeypatch: pytest.MonkeyPatch, text: str, piece: int
) -> None:
    path = put("[" + text)
    whole = list(records(path))
    monkeypatch.setattr(opened, "PIECE", piece)
    assert list(records(path)) == whole
