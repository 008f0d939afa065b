"""Canaries: the same for a seed, never in valid or test, and a control that nobody was shown."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.dialogues.canaries import SPACE, control, planted
from chatforge.dialogues.split import split_of
from chatforge.recipe.schema import Data


def test_the_same_seed_gives_the_same_ones_and_one_more_changes_no_other() -> None:
    assert planted(5, 7) == planted(6, 7)[:5]
    assert planted(5, 7) != planted(5, 8)
    assert planted(0, 7) == control(0, 7) == ()


@pytest.mark.parametrize("seed", range(5))
def test_the_control_shares_nothing_with_what_is_planted(seed: int) -> None:
    shown, never = planted(20, seed), control(20, seed)
    assert len({one.name for one in (*shown, *never)}) == 40
    assert not {one.secret for one in shown} & {one.secret for one in never}


def test_the_dialogue_tells_the_secret_where_it_says() -> None:
    for canary in planted(10, 7):
        question, answer = canary.conversation.messages
        assert answer.content[canary.begin :] == f"{canary.secret}."
        assert canary.secret not in question.content
        assert canary.name in question.content
        assert len({canary.secret, *canary.others}) == SPACE
        assert {len(other) for other in canary.others} == {len(canary.secret)}


def test_they_are_learned_besides_the_parts_and_said(tmp_path: Path, write_conversations: Callable[..., Path]) -> None:
    train = write_conversations(tmp_path / "train.jsonl", 20)
    without = split_of(Data(train=[train]), 7)
    split = split_of(Data(train=[train], canaries=3), 7)
    assert split.canaries == planted(3, 7)
    assert (split.train, split.valid, split.test) == (without.train, without.valid, without.test)
    assert without.canaries == ()
    assert any(f"{len(split.train)} conversations + 3 canaries" in note for note in split.notes)
