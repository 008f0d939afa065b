"""The survey says of every row what a run would: the same parts, the same bad lines."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.division import PARTS, Rules
from chatforge.dialogues.split import load_split
from chatforge.dialogues.survey import survey
from chatforge.dialogues.window import Corpus, GivenUpError, index_lines


def talk(i: int, **meta: Any) -> dict[str, Any]:
    own = random.Random(i)
    asked = " ".join("".join(own.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(9))
    words = [{"role": "user", "content": f"{asked}?"}, {"role": "assistant", "content": "Yes."}]
    return {"id": f"c{i}", "messages": [{"role": "system", "content": "S"}, *words], "meta": meta}


@pytest.mark.parametrize("shares", [(0.2, 0.3), (None, 0.3), (0.2, None), (None, None)])
def test_every_row_is_where_a_run_puts_it(write: Callable[..., Path], shares: tuple[Any, Any]) -> None:
    files = {
        "train": write(
            *(talk(i, scenario=f"s{i // 2}" if i < 20 else None, intent="ab"[i % 2]) for i in range(40)),
            *({**talk(i), "id": f"copy{i}"} for i in range(15, 25)),
            name="t.jsonl",
        ),
        "valid": write(*(talk(i) for i in range(100, 104)), name="v.jsonl"),
        "test": write(*(talk(i) for i in range(200, 205)), name="h.jsonl"),
    }
    valid_share, test_share = shares
    named = {
        "train": [files["train"]],
        "valid": [files["valid"]] if valid_share is None else [],
        "test": [files["test"]] if test_share is None else [],
    }
    split = load_split(
        **named, bad_lines="stop", valid_share=valid_share or 0.1, test_share=test_share or 0.1, seed=7
    )  # fmt: skip
    owners = [part for part in PARTS for _ in named[part]]
    corpus = Corpus([index_lines(path) for part in PARTS for path in named[part]])
    found = survey(corpus, owners, Rules(valid_share, test_share, 7))

    for part in PARTS:
        wanted = {c.id for c in getattr(split, part)}
        rows = [row for row in range(len(corpus)) if found.part(row) == part]
        items = [corpus.at(row) for row in rows]
        assert {item.id for item in items if isinstance(item, Conversation)} == wanted
        assert found.count(part) == len(wanted)


def test_bad_lines_are_counted_with_their_rows_and_reasons(write: Callable[..., Path]) -> None:
    path = write(talk(0), "{broken", talk(1), b"\xff\xfe", {"messages": []})
    found = survey(Corpus([index_lines(path)]), ["train"], Rules(None, None, 7))
    assert [(row, line.line) for row, line in found.bad] == [(1, 2), (3, 4), (4, 5)]
    assert "broken JSON" in found.bad[0][1].reason and "UTF-8" in found.bad[1][1].reason
    assert (found.conversations, found.bad_count, found.files[0].turns) == (2, 3, 4)
    assert (found.part(1), found.estimate(1), list(found.turns)) == (None, 0, [2, 0, 2, 0, 0])
    assert found.estimate(0, "x" * 42) > found.estimate(0)
    assert found.estimates("", 100) == [found.estimate(0), found.estimate(2)]
    assert len(found.estimates("", 2)) <= 3


def test_a_survey_tells_how_far_it_is_and_can_be_given_up(write: Callable[..., Path]) -> None:
    corpus = Corpus([index_lines(write(*(talk(i) for i in range(4_001))))])
    told: list[int] = []
    survey(corpus, ["train"], Rules(0.1, 0.1, 7), told.append)
    assert told[:3] == [0, 2_000, 4_000]
    assert set(told[3:]) == {4_001}
    with pytest.raises(GivenUpError):
        survey(corpus, ["train"], Rules(None, None, 7), give_up=lambda: True)
