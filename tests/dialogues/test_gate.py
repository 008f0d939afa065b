"""The gate between a test and what was learned: up to a share told, above it refused."""

import random
from pathlib import Path

import pytest

from chatforge.dialogues import gate
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.gate import compare, pass_gate, told
from chatforge.errors import UserError


def talk(name: int, file: str, line: int, last: str = "") -> Conversation:
    """What it says hangs on its name alone; `last` is a word more."""
    own = random.Random(name)
    words = ["".join(own.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(20)]
    turns = (Message("user", " ".join(words[:9])), Message("assistant", " ".join([*words[9:], last]).strip()))
    return Conversation(str(name), turns, file=Path(file), line=line)


TRAIN = [talk(i, "train.jsonl", i + 1) for i in range(30)]
HELD_OUT = [talk(i, "test.jsonl", i - 99) for i in range(100, 110)]
ONE_LEAK = [*HELD_OUT[:9], talk(4, "test.jsonl", 10)]
TWO_LEAKS = [talk(3, "test.jsonl", 1, last="ok"), *HELD_OUT[1:9], talk(4, "test.jsonl", 10)]


def test_a_clean_test_passes_without_a_word() -> None:
    assert pass_gate(HELD_OUT, TRAIN, 0.0) == []
    assert told(compare(HELD_OUT, TRAIN)) == "none of 10 held-out conversations is in train"


def test_up_to_the_share_it_is_told() -> None:
    (note,) = pass_gate(ONE_LEAK, TRAIN, 0.1)
    assert note.startswith("1 of 10 held-out conversations (10.0%) is in train too, the same or nearly (exact 10.0%)")
    assert "test.jsonl:10 and train.jsonl:5" in note and "data check TRAIN --against TEST" in note
    assert pass_gate(TRAIN, TRAIN, 1.0)


def test_above_the_share_it_is_refused_with_place_and_levels() -> None:
    with pytest.raises(UserError, match="allows") as caught:
        pass_gate(TWO_LEAKS, TRAIN, 0.1)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.field) == (Path("test.jsonl"), 1, "data.max_overlap")
    assert "2 of 10 held-out conversations (20.0%)" in problem.what
    assert "(exact 10.0%, near 10.0%)" in problem.what and "train.jsonl:4" in problem.what
    assert "allows (0.1)" in problem.what
    assert "data check" in str(problem.hint) and "data.max_overlap" in str(problem.hint)
    with pytest.raises(UserError, match=r"10\.0%"):
        pass_gate(ONE_LEAK, TRAIN, 0.0)


def test_of_too_many_only_what_a_hash_tells_is_looked_for_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "MOST_COMPARED", 39)
    assert pass_gate(HELD_OUT, TRAIN, 0.0) == [
        "none of 10 held-out conversations is in train; "
        "among more than 39 conversations nearly the same ones were not looked for"
    ]
    (note,) = pass_gate(TWO_LEAKS, TRAIN, 0.1)
    assert "(exact 10.0%)" in note and "not looked for" in note
