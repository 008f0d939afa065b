"""What was computed is kept, and never taken for something else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.evaluation.cache import Cache, digest
from chatforge.evaluation.likelihood import Likelihood
from chatforge.models.generation import Reply

REPLY = Reply((5, 6), "stop", 0.25, -0.5)


def cache(folder, **hangs_on):
    return Cache(folder / "cache", hangs_on or {"base": ["weights", 1]})


def test_what_was_kept_is_there_again(tmp_path):
    shelf = cache(tmp_path).shelf("replies", Reply, "base", "greedy", 48)
    assert shelf.missing(["a", "b", "a"]) == ["a", "b"]
    shelf.add({"a": REPLY})
    again = cache(tmp_path).shelf("replies", Reply, "base", "greedy", 48)
    assert again["a"] == REPLY and "b" not in again
    assert again.missing(["a", "b"]) == ["b"]
    foreseen = Likelihood("c", 12.5, 40, 9, 0.75, 2, 0)
    cache(tmp_path).shelf("likelihoods", Likelihood, "base").add({"c": foreseen})
    assert cache(tmp_path).shelf("likelihoods", Likelihood, "base")["c"] == foreseen
    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / "cache"}


@pytest.mark.parametrize(
    ("hangs_on", "model", "asked"),
    [
        ({"base": ["others", 1]}, "base", ("greedy", 48)),
        ({"adapted": ["weights", 1]}, "adapted", ("greedy", 48)),
        ({"base": ["weights", 1]}, "base", ("greedy", 96)),
        ({"base": ["weights", 1]}, "base", ("greedy",)),
    ],
)
def test_other_weights_or_decoding_find_nothing(tmp_path, hangs_on, model, asked):
    cache(tmp_path).shelf("replies", Reply, "base", "greedy", 48).add({"a": REPLY})
    assert "a" not in cache(tmp_path, **hangs_on).shelf("replies", Reply, model, *asked)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[1]", b'{"a": {"ids": ["x"]}}', b'{"a": {"ids": [1], "stopped_by": "bored"}}']
)
def test_a_broken_file_counts_as_empty_and_is_written_anew(tmp_path, content):
    cache(tmp_path).shelf("replies", Reply, "base").add({"a": REPLY})
    (path,) = tmp_path.rglob("*.json")
    path.write_bytes(content)
    shelf = cache(tmp_path).shelf("replies", Reply, "base")
    assert "a" not in shelf
    shelf.add({"b": REPLY})
    assert set(json.loads(path.read_text())) == {"b"}


def test_work_is_done_once(tmp_path):
    done = []

    def work():
        done.append(1)
        return REPLY

    for _ in range(3):
        assert cache(tmp_path).shelf("replies", Reply, "base").once("a", work) == REPLY
    assert done == [1]


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shelf = Cache().shelf("replies", Reply, "base")
    shelf.add({"a": REPLY})
    assert shelf["a"] == REPLY
    assert "a" not in Cache().shelf("replies", Reply, "base")
    assert not list(tmp_path.iterdir())


@given(st.lists(st.integers(), max_size=5), st.lists(st.integers(), max_size=5))
def test_different_things_have_different_names(one, other):
    assert (digest(one) == digest(other)) == (one == other)
    assert digest(one, other) == digest(tuple(one), tuple(other))


def test_sets_have_a_name_that_does_not_hang_on_their_order():
    assert digest({"b", "a"}) == digest({"a", "b"}) == digest(["a", "b"])
    with pytest.raises(TypeError, match="no lasting form"):
        digest(object())
