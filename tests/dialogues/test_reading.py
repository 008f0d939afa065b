import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.reading import ID_TWICE, SHOWN, read_files
from chatforge.errors import UserError

Write = Callable[..., Path]


def test_files_are_read_in_order(write: Write, good: dict[str, Any]) -> None:
    paths = [
        write({"id": "b", **good}, {"id": "a", **good}, name="2.jsonl"),
        write({"id": "a", **good}, name="1.jsonl"),
    ]
    result = read_files(paths)
    assert [(c.file, c.id) for c in result.conversations] == [(paths[0], "b"), (paths[0], "a"), (paths[1], "a")]
    assert result.bad == ()
    assert read_files([]).conversations == ()


def test_stop_names_every_bad_line(write: Write, good: dict[str, Any]) -> None:
    first, second = write(good, "{", good, "[]", name="1.jsonl"), write("{", name="2.jsonl")
    with pytest.raises(UserError) as caught:
        read_files([first, second])
    *lines, summary = caught.value.problems
    assert [(problem.file, problem.line) for problem in lines] == [(first, 2), (first, 4), (second, 1)]
    assert summary.what == "3 bad lines in all"
    assert "bad_lines: skip" in str(summary)


def test_one_bad_line_is_one(write: Write, good: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="1 bad line in all"):
        read_files([write(good, "{")])


def test_many_bad_lines_are_counted(write: Write, good: dict[str, Any]) -> None:
    with pytest.raises(UserError) as caught:
        read_files([write(good, *["{"] * (SHOWN + 5))])
    assert len(caught.value.problems) == SHOWN + 1
    assert caught.value.problems[-1].what == f"5 more bad lines; {SHOWN + 5} bad lines in all"


def test_skip_returns_the_bad_beside_the_good(write: Write, good: dict[str, Any]) -> None:
    result = read_files([write(good, "{", good)], "skip")
    assert [c.line for c in result.conversations] == [1, 3]
    assert [bad.line for bad in result.bad] == [2]


def test_nothing_but_bad_lines_is_an_error_also_when_skipping(write: Write) -> None:
    with pytest.raises(UserError, match="no line is a conversation") as caught:
        read_files([write("{", '{"messages": 3}')], "skip")
    assert [problem.line for problem in caught.value.problems] == [1, 2, None]
    assert '{"messages": [{"role": "user"' in str(caught.value.problems[-1].hint)


def test_an_id_twice_in_a_file_names_both_lines(write: Write, good: dict[str, Any]) -> None:
    path = write({"id": "x", **good}, good, {"id": "x", **good})
    with pytest.raises(UserError, match="the id 'x' stands on line 1 already") as caught:
        read_files([path])
    assert (caught.value.problems[0].file, caught.value.problems[0].line) == (path, 3)


def test_a_file_given_twice_is_found_by_its_ids(write: Write, good: dict[str, Any]) -> None:
    path = write(good)
    with pytest.raises(UserError, match="stands on line 1 already"):
        read_files([path, path])


def test_a_file_that_cannot_be_read_stops_also_when_skipping(
    write: Write, good: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_files([write(good), tmp_path / "gone.jsonl"], "skip")


def test_an_id_twice_in_another_form_is_made_one_of_its_own_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "talks.json"
    talk = {"id": "x", "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello!"}]}
    path.write_text(json.dumps([talk, talk, {**talk, "id": "x-line-1"}, talk]))
    result = read_files([path])
    assert len({conversation.id for conversation in result.conversations}) == 4
    assert result.conversations[0].id == "x"
    assert result.changed[path] == {ID_TWICE: 3}
    assert f"talks.json: {ID_TWICE} (3)" in result.notes
    with pytest.raises(UserError, match="already"):
        read_files([path, path])
