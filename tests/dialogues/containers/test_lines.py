"""JSON by the line: values, and why a line has none."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.dialogues.containers import lines
from chatforge.dialogues.containers.lines import records
from chatforge.dialogues.draft import BadLine, Record
from chatforge.errors import UserError

Put = Callable[..., Path]


def test_values_with_their_lines(put: Put) -> None:
    path = put(b'\xef\xbb\xbf{"a": 1}\r\n\r\n  \n[2]\n"three"\nnull')
    assert list(records(path)) == [Record(1, {"a": 1}), Record(4, [2]), Record(5, "three"), Record(6, None)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_other_encodings_with_a_mark(put: Put, encoding: str) -> None:
    assert list(records(put('{"a": "ü"}\n{"a": "🥾"}\n'.encode(encoding)))) == [
        Record(1, {"a": "ü"}),
        Record(2, {"a": "🥾"}),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"a": ', "broken JSON at column 6: Expecting value"),
        ('{"a": 1},', "broken JSON at column 9: Extra data"),
        ('{"a": "b', "broken JSON at column 7: no closing quotation mark"),
        ("[" * 100_000, "broken JSON: nested too deeply"),
        ("9" * 5000, "broken JSON: a number with thousands of digits"),
        ("{'a': 1}", "Python text, not JSON"),
        ('{"a": None}', "Python text, not JSON"),
        ('{"a": [True]}', "Python text, not JSON"),
        ('{"a": "\\ud83e"}', "half a surrogate pair"),
        ('{"\\udd7e": 1}', "half a surrogate pair"),
    ],
)
def test_a_bad_line_leaves_the_others(put: Put, line: str, reason: str) -> None:
    path = put(f"[1]\n{line}\n[3]\n")
    first, bad, last = records(path)
    assert (first, last) == (Record(1, [1]), Record(3, [3]))
    assert isinstance(bad, BadLine)
    assert (bad.file, bad.line) == (path, 2)
    assert bad.reason.startswith(reason)


def test_python_text_is_never_evaluated(put: Put, tmp_path: Path) -> None:
    path = put(f"{{'a': __import__('pathlib').Path({str(tmp_path / 'made')!r}).touch()}}\n")
    assert all(isinstance(item, BadLine) for item in records(path))
    assert not (tmp_path / "made").exists()


def test_a_line_that_is_too_long(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 1 << 20)
    path = put("[1]\n" + json.dumps("x" * (3 << 20)) + "\n[3]\n")
    assert list(records(path)) == [
        Record(1, [1]),
        BadLine(path, 2, "a line of more than 1 MB: no conversation is that long"),
        Record(3, [3]),
    ]


def test_whole_surrogate_pairs_and_nan(put: Put) -> None:
    path = put('["\\ud83e\\udd7e", NaN, "\\\\ud83e"]\n')
    assert list(records(path)) == [Record(1, ["🥾", None, "\\ud83e"])]


def test_another_encoding_is_an_error_with_its_place(put: Put) -> None:
    with pytest.raises(UserError, match="not UTF-8: byte 0xe9 at column 6") as caught:
        list(records(put(b'["x"]\n["Caf\xe9"]\n')))
    assert caught.value.problems[0].line == 2
